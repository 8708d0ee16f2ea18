/** What the files in here hand on to each other: a run before its clients are there, and with them. */
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import type { Registry } from "../../server/connections/client-connections.ts";
import type { RegistrySettings } from "../../server/connections/connection-settings.ts";
import type { ModelPast } from "../../shared/accounting/model-past.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Observe } from "../../shared/events/run-event.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import type { OutsideAlgorithmName } from "../../shared/training/algorithms.ts";
import type { Hosts } from "../hosts/launch.ts";
import type { DataLedgers } from "../scenario/data-ledgers.ts";
import type { Show } from "./run-outcome.ts";
import type { Beginning, RunRecord } from "./run-record.ts";
import type { Stopwatch } from "./stage-times.ts";

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
  readonly registry: Omit<RegistrySettings, "sealed" | "runId" | "observe">;
  /** Its registry is open: now the clients may be told. */
  readonly opened: (registry: Registry, sealed: SealedPlan) => void;
}

/** A run whose plan is sealed and whose registry is open. */
export interface RunContext extends RunSetup, Beginning {
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  /** What the model starts with, where that is out of a file. */
  readonly initial: Float32Array | null;
  /** What those weights bring along. */
  readonly past: ModelPast | undefined;
  readonly registry: Registry;
  /** The ledgers of its files: none of public or generated rows. */
  readonly owners: DataLedgers;
  readonly deployment: Deployment;
  readonly watch: Stopwatch;
  /** Aborted once nobody waits for the run's end. */
  readonly brokenOff: AbortSignal;
}
