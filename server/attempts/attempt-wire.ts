/** An attempt's way to its clients while it is open, whatever carries it, and what they get first. */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import type { StepDown } from "../../shared/secagg/wire-steps.ts";
import type { Timing } from "../../shared/timing.ts";

/** What an attempt's clients begin with. */
export interface Broadcast {
  readonly task: Task;
  /** float32[parameters]. */
  readonly parameters: Float32Array;
  /** In force in this round. */
  readonly clipNorm: number;
}

export interface AttemptWire {
  /** The broadcast, to all that are asked. */
  begin(): void;
  /** A masked attempt's list for its next step: the same to all, … */
  toAll(step: StepDown, bytes: Buffer): void;
  /** … or one client's own. */
  toOne(clientIndex: number, step: StepDown, bytes: Buffer): void;
  /** Vclients that are asked and that no message reaches now. */
  readonly unreachable: readonly number[];
  readonly timing: Pick<Timing, "stepMs" | "trainMs" | "awayMs">;
  /** Aborted when nobody has a use for the sum any more. */
  readonly ended: AbortSignal;
}
