/** Where a run of generated or public rows is written down when nobody asked for a folder: in this process. */
import { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { ledgerOpening, type SealedPlan } from "../../shared/plan/plan.ts";
import type { Beginning, RunRecord } from "./run-context.ts";

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
