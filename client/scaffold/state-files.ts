/**
 * IO: each client's last step of its SCAFFOLD control, in its owner's place. A function of its rows: it
 * is read by nobody else, and removed when the run has ended. A power cut may cost the last one: the
 * client then goes on from zeros, which costs accuracy and nobody's privacy.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { ControlStep, StateStore } from "./client-state.ts";

const floats = z.base64().nullable();
const stepSchema = z.strictObject({
  /** 32 hex digits: another run's is none of this one's. */
  runId: z.string(),
  round: z.number().int().min(0),
  attempt: z.number().int().min(0),
  used: floats,
  next: floats,
});

export class StateFiles implements StateStore {
  readonly #folder: string;
  readonly #runId: string;
  readonly #nameOf: ReadonlyMap<number, string>;
  readonly #parameters: number;

  /**
   * @param nameOf of each client, by number
   * @param parameters of the model, and so of a control
   */
  constructor(
    folder: string,
    runId: string,
    nameOf: ReadonlyMap<number, string>,
    parameters: number,
  ) {
    this.#folder = folder;
    this.#runId = runId;
    this.#nameOf = nameOf;
    this.#parameters = parameters;
  }

  load(clientIndex: number): ControlStep | undefined {
    try {
      const { runId, round, attempt, ...arrays } = stepSchema.parse(
        JSON.parse(readFileSync(this.#path(clientIndex), "utf8")),
      );
      const [used, next] = [this.#floats(arrays.used), this.#floats(arrays.next)];
      return runId === this.#runId && next ? { round, attempt, used, next } : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws ScenarioError `disk.full` */
  save(clientIndex: number, { round, attempt, used, next }: ControlStep): void {
    const path = this.#path(clientIndex);
    const [before, after] = [used ? textOf(used) : null, textOf(next)];
    const step = { runId: this.#runId, round, attempt, used: before, next: after };
    try {
      writeWhole(path, JSON.stringify(step), { mode: 0o600, flush: false });
    } catch (cause) {
      const [got, expected] = [reasonOf(cause), "a disk that takes it"];
      const fix = "Free some of it.";
      throw new ScenarioError({ what: "disk.full", where: path, got, expected, fix }, { cause });
    }
  }

  /** The run has ended: it is of no more use. */
  remove(): void {
    for (const clientIndex of this.#nameOf.keys()) rmSync(this.#path(clientIndex), { force: true });
  }

  #path(clientIndex: number): string {
    return join(this.#folder, `${this.#nameOf.get(clientIndex)}.control`);
  }

  /** @throws RangeError for another length */
  #floats(text: string | null): Float32Array | undefined {
    if (text === null) return undefined;
    const bytes = Uint8Array.from(Buffer.from(text, "base64"));
    const values = new Float32Array(bytes.buffer);
    if (values.length !== this.#parameters) throw new RangeError("a control of another model");
    return values;
  }
}

function textOf(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
