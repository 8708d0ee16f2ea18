/** Counts of the clients' own rows: asked for, charged, summed and released like a model. */
import { createHash } from "node:crypto";
import type { CountTask } from "../../shared/accounting/mechanisms/event.ts";
import { type Failed, type RoundTools, runAttempt } from "../attempts/run-attempt.ts";
import type { ModelState } from "../step/release.ts";

export type CountOutcome =
  /** int32[countLength]: all clients' counts and all their noise. */
  | {
      readonly kind: "released";
      readonly counts: Int32Array;
      /** Of an evaluation, by client index: that client's own, noised by itself. */
      readonly answers: ReadonlyMap<number, Int32Array>;
    }
  | Failed;

/** @param state of which model an evaluation is */
export async function countRound(
  tools: RoundTools,
  task: CountTask,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<CountOutcome> {
  return runAttempt(tools, task, state, { round, attempt }, ({ sum, answers }) => {
    const counts = Int32Array.from(sum);
    tools.ledger.releaseCounts(round, attempt, task, countsHash(counts));
    return { kind: "released", counts, answers } as const;
  });
}

/** SHA-256 of released counts as little-endian int32, hexadecimal. */
export function countsHash(counts: Int32Array): string {
  const bytes = new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}
