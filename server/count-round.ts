/** Counts of the clients' own rows: asked for, charged, summed and released like a model. */
import { createHash } from "node:crypto";
import type { CountTask } from "../shared/accounting/event.ts";
import type { ModelState } from "./release.ts";
import { type Gathered, type RoundTools, runAttempt } from "./run-attempt.ts";

export type CountOutcome =
  /** int32[countLength]: all clients' counts and all their noise. */
  | {
      readonly kind: "released";
      readonly counts: Int32Array;
      /** Of an evaluation, by vclient: that client's own, noised by itself. */
      readonly answers: ReadonlyMap<number, Int32Array>;
    }
  | Exclude<Gathered, { readonly kind: "gathered" }>;

/** @param state of which model an evaluation is */
export async function countRound(
  tools: RoundTools,
  task: CountTask,
  state: ModelState,
  round: number,
  attempt: number,
): Promise<CountOutcome> {
  const { registry, ledger } = tools;
  const outcome = await runAttempt(tools, task, state, round, attempt);
  if (outcome.kind !== "gathered") return outcome;
  const { sum, answers } = outcome.gathering;
  ledger.releaseCounts(round, attempt, task, countsHash(sum));
  registry.closeAttempt(outcome.gathering, "released", ledger);
  return { kind: "released", counts: sum, answers };
}

/** SHA-256 of released counts as little-endian int32, hexadecimal. */
export function countsHash(counts: Int32Array): string {
  const bytes = new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}
