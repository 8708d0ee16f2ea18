/** What the files in here hand on to each other: a run before its clients are there, and with them. */

import type { MemoryFiles } from "../../client/source/memory-files.ts";
import type { ClientConnections } from "../../server/connections/client-connections.ts";
import type { ConnectionSettings } from "../../server/connections/connection-settings.ts";
import type { Checkpoint } from "../../server/run-folder/checkpoint.ts";
import type { ModelPast } from "../../shared/accounting/model-past.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Observe } from "../../shared/events/run-event.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import type { AttemptRecord } from "../../shared/secagg/transcript.ts";
import type { OutsideAlgorithmName } from "../../shared/training/algorithms.ts";
import type { Hosts } from "../hosts/launch.ts";
import type { DataLedgers } from "../scenario/data-ledgers.ts";
import type { RunOutcome, Show } from "./run-outcome.ts";
import type { StageTimes } from "./stage-times.ts";

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

/** What is made before anything heavy is loaded. */
export interface RunSetup<Record extends RunRecord = RunRecord> {
  readonly scenario: Scenario;
  /** Its path. */
  readonly file: string;
  /** Rows that are in this process, in the place of files of their names; absent: all are on the disk. */
  readonly memory?: MemoryFiles;
  /** What was said instead of the file, for the record. */
  readonly set: readonly Override[];
  /** All clients', or one for the held-out rows where clients join. */
  readonly hosts: Hosts;
  readonly record: Record;
  /** `performance.now()` when it began. */
  readonly started: number;
  /** Hears of all that happens. */
  readonly observe: Observe;
  readonly show: Show;
}

/** Where the clients of a run are. */
export interface Deployment {
  /** That began it. */
  readonly command: "run" | "serve";
  /** In words, behind their number. */
  readonly place: string;
  /** What every report must say of how clients were reached. */
  readonly notes: readonly string[];
  /** True where what the run costs its files of private rows is kept beside them. */
  readonly keepsDataLedgers: boolean;
  /** True where rows and clients may be counted and named: generated or public, and all of them ours. */
  readonly tellsRows: boolean;
  /** The algorithm that a program brought along for them; absent: none. */
  readonly outside?: OutsideAlgorithmName | undefined;
  readonly registry: Omit<ConnectionSettings, "sealed" | "runId" | "observe">;
  /** Its registry is open: now the clients may be told. */
  readonly opened: (registry: ClientConnections, sealed: SealedPlan) => void;
}

/** A run whose plan is sealed and whose registry is open. */
export interface RunContext extends RunSetup, Beginning {
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  /** What the model starts with, where that is out of a file. */
  readonly initial: Float32Array | null;
  /** What those weights bring along. */
  readonly past: ModelPast | undefined;
  readonly registry: ClientConnections;
  /** The ledgers of its files: none of public or generated rows. */
  readonly owners: DataLedgers;
  readonly deployment: Deployment;
  readonly watch: StageTimes;
  /** Aborted once nobody waits for the run's end. */
  readonly brokenOff: AbortSignal;
}
