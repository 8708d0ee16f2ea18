/** What a sweep and its processes say to each other over IPC. */
import type { DoneResult, FailedResult } from "../../compare/sweep-result.ts";
import type { SweepRun } from "../scenario/sweep-plan.ts";
import type { PlainProblem } from "./shared-fault.ts";

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
/** What the results' line has of a run; of one that was refused for its scenario or rows, the facts of that too. */
export type SweepAnswer =
  | Omit<DoneResult, PointKeys>
  | (Omit<FailedResult, PointKeys> & { readonly refused?: PlainProblem | undefined });
