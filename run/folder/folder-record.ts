/** IO: a run in its folder, from its plan to its page. */
import { readFileSync } from "node:fs";
import { reportPage } from "../../report/report-page.ts";
import { type Checkpoint, saveCheckpoint } from "../../server/run-folder/checkpoint.ts";
import { PRIVATE_FOLDER, type RunFolder } from "../../server/run-folder/run-folder.ts";
import { TRANSCRIPT_FILE, transcriptIn } from "../../server/run-folder/transcript-file.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { type LedgerLine, readLines } from "../../shared/ledger/ledger-line.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import type { Beginning, RunContext, RunRecord } from "../execute/run-context.ts";
import type { RunOutcome } from "../execute/run-outcome.ts";
import { keptRunId } from "./launch-record.ts";
import { readReport } from "./read-report.ts";
import { findResumePoint, openRun } from "./resume-point.ts";
import { writeRun } from "./write-run.ts";

export class FolderRecord implements RunRecord {
  readonly folder: RunFolder;
  isFinished = false;

  constructor(folder: RunFolder) {
    this.folder = folder;
  }

  get path(): string {
    return this.folder.path;
  }

  get isBegun(): boolean {
    return this.folder.keep;
  }

  get ownersFolder(): string {
    return this.folder.folder(PRIVATE_FOLDER);
  }

  /** There from the start where one was asked for: a run that is resumed goes on with it. */
  get transcript() {
    return this.folder.has(TRANSCRIPT_FILE) ? transcriptIn(this.folder) : undefined;
  }

  begin(sealed: SealedPlan, draw: () => Uint8Array, clientsStay: boolean): Beginning {
    const resumed = findResumePoint(this.folder, sealed, clientsStay);
    if (!this.folder.has("plan.json")) this.folder.write("plan.json", sealed.bytes);
    return { runId: resumed?.runId ?? keptRunId(this.folder, draw), resumed };
  }

  openLedger(sealed: SealedPlan, { runId, resumed }: Beginning): Ledger {
    this.folder.tellsTimes = tellsRounds(sealed.plan.privacy);
    return openRun(this.folder, sealed, runId, resumed);
  }

  trains(): void {
    this.folder.keep = true;
  }

  round(trace: RoundTrace, durable: boolean): void {
    this.folder.appendRound(trace, durable);
  }

  checkpoint(sealed: SealedPlan, checkpoint: Checkpoint): void {
    saveCheckpoint(this.folder.building, sealed, checkpoint);
    this.folder.hideTimes();
  }

  hideTimes(): void {
    this.folder.hideTimes();
  }

  /** From the disk, so that what is checked is what is kept. */
  lines(): readonly LedgerLine[] {
    return readLines(readFileSync(this.folder.file("ledger.jsonl"), "utf8"), "ledger.jsonl");
  }

  async write(run: RunContext, outcome: RunOutcome, ledger: Ledger): Promise<void> {
    writeRun(run, this.folder, outcome, ledger);
    const report = readReport(this.folder.file("."), run.sealed);
    this.folder.write("report.html", await reportPage(report));
  }

  finish(): void {
    this.folder.finish();
    this.isFinished = true;
  }

  abandon(): void {
    this.folder.abandon();
  }
}
