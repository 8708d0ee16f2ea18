/** What a sweep and its processes say to each other over IPC. */
import type { DoneResult, FailedResult } from "../../compare/sweep-result.ts";
import type { SweepRun } from "../scenario/sweep-plan.ts";

export interface SweepOrder {
  readonly run: SweepRun;
  /** Its path: files that it names lie beside it. */
  readonly file: string;
  /** Folder of the runs, absolute. */
  readonly runs: string;
  /** What the run's folder is called, before its seed. */
  readonly name: string;
  /** A statement: no ledger is kept beside files of private rows. */
  readonly noDataLedger: boolean;
}

type PointKeys = "id" | "index" | "setting" | "seed";
export type SweepAnswer = Omit<DoneResult, PointKeys> | Omit<FailedResult, PointKeys>;
