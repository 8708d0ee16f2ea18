/** Where a run is written down: in a folder that outlasts it, or in this process and nowhere else. */
import type { Checkpoint } from "../../server/run-folder/checkpoint.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { ledgerOpening, type SealedPlan } from "../../shared/plan/plan.ts";
import type { AttemptRecord } from "../../shared/secagg/transcript.ts";
import type { RunContext } from "./run-context.ts";
import type { RunOutcome } from "./run-outcome.ts";

/** What a run that was cut off has left. */
export interface ResumePoint {
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** undefined: it did not come to its first one, and its rounds begin anew. */
  readonly checkpoint: Checkpoint | undefined;
  /** The checkpoint's, as they were told. */
  readonly rounds: readonly RoundTrace[];
}

/** What a run begins with. */
export interface Beginning {
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** Where it goes on; undefined: it begins. */
  readonly resumed: ResumePoint | undefined;
}

/** In the order in which a run calls them. */
export interface RunRecord {
  /** Absolute; null: it is on no disk. */
  readonly path: string | null;
  /** True once a run that is broken off leaves something to go on with. */
  readonly isBegun: boolean;
  /** Where clients of this machine leave what is for their owners; undefined: nowhere. */
  readonly ownersFolder: string | undefined;
  /** @param draw a fresh run id @param clientsStay they outlive this process */
  begin(sealed: SealedPlan, draw: () => Uint8Array, clientsStay: boolean): Beginning;
  openLedger(sealed: SealedPlan, beginning: Beginning): Ledger;
  /** What arrives under masks, where that is kept. */
  readonly transcript: ((round: number, attempt: number) => AttemptRecord) | undefined;
  /** From now on the run may be gone on with. */
  trains(): void;
  /** @param durable false: it comes to the disk when it may */
  round(trace: RoundTrace, durable: boolean): void;
  checkpoint(sealed: SealedPlan, checkpoint: Checkpoint): void;
  /** Called after each step of a round: where files may not tell times, they have none then. */
  hideTimes(): void;
  /** The ledger's lines as they are kept. */
  lines(ledger: Ledger): readonly LedgerLine[];
  /** All that a finished run leaves, but for its own name. */
  write(run: RunContext, outcome: RunOutcome, ledger: Ledger): Promise<void>;
  /** Whole, under its own name. */
  finish(): void;
  readonly isFinished: boolean;
  /** A run that is broken off is left as it is, or taken away where it has not begun. */
  abandon(): void;
}

/** Of generated and public rows, which no charge protects. */
export class MemoryRecord implements RunRecord {
  readonly path = null;
  readonly isBegun = false;
  isFinished = false;
  readonly ownersFolder = undefined;
  readonly transcript = undefined;

  begin(_: SealedPlan, draw: () => Uint8Array): Beginning {
    return { runId: draw(), resumed: undefined };
  }

  openLedger(sealed: SealedPlan, { runId }: Beginning): Ledger {
    return Ledger.inMemory(ledgerOpening(sealed, Buffer.from(runId).toString("hex")));
  }

  lines(ledger: Ledger): readonly LedgerLine[] {
    return ledger.lines;
  }

  finish(): void {
    this.isFinished = true;
  }

  async write(): Promise<void> {}
  trains(): void {}
  round(): void {}
  checkpoint(): void {}
  hideTimes(): void {}
  abandon(): void {}
}
