/** What a run's files in here hand on to each other, from the flags to the last line shown. */
import type { Hosts } from "../server/launch.ts";
import type { Registry } from "../server/registry.ts";
import type { RegistrySettings } from "../server/registry-settings.ts";
import type { RunFolder } from "../server/run-folder.ts";
import type { ModelPast } from "../shared/accounting/model-past.ts";
import type { Engine } from "../shared/engine/engine.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Observe } from "../shared/run-event.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Override } from "../shared/scenario/scenario-text.ts";
import type { Door, Enter } from "../shared/wire/transport.ts";
import type { DataLedgers } from "./data-ledgers.ts";
import type { OperationsOptions } from "./operations.ts";
import type { OutputOptions } from "./output.ts";
import type { ResumePoint } from "./resume-point.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** What `murmur run` and `murmur serve` both take. */
export interface SceneOptions extends OutputOptions, OperationsOptions {
  readonly set: readonly Override[];
  readonly seed?: number;
  readonly out?: string;
  /** Keep what the coordinator receives under masks. */
  readonly transcript?: boolean;
}

/** What a command has made before anything heavy is loaded. */
export interface Launched {
  readonly scenario: Scenario;
  /** Its path. */
  readonly file: string;
  /** Processes of our own: all clients', or one for the held-out rows where clients join. */
  readonly hosts: Hosts;
  readonly folder: RunFolder;
  readonly options: SceneOptions;
  /** `performance.now()` when the command began. */
  readonly started: number;
  /** Hears of all that happens. */
  readonly observe: Observe;
  /** Where clients of this process come in; absent: by sockets. */
  readonly door?: ((enter: Enter) => Door) | undefined;
}

/** Where the clients of a run are. */
export interface Venue {
  /** That began it. */
  readonly command: "run" | "serve";
  /** In words, behind their number. */
  readonly told: string;
  /** What every report must say of how clients were reached. */
  readonly notes: readonly string[];
  /** True where what the run costs its files of private rows is kept beside them. */
  readonly keepsDataLedgers: boolean;
  /** True where rows and clients may be counted and named: generated or public, and all of them ours. */
  readonly tellsRows: boolean;
  readonly registry: Omit<RegistrySettings, "sealed" | "runId" | "observe">;
  /** Its registry is open: now the clients may be told. */
  readonly opened: (registry: Registry, sealed: SealedPlan) => void;
}

/** A launched run, its plan sealed and its registry open. */
export interface Scene extends Launched {
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  /** What the model starts with, where that is out of a file. */
  readonly initial: Float32Array | null;
  /** What those weights bring along. */
  readonly past: ModelPast | undefined;
  readonly runId: Uint8Array;
  /** Where it goes on; undefined: it begins. */
  readonly resumed: ResumePoint | undefined;
  readonly registry: Registry;
  /** The ledgers of its files: none of public or generated rows. */
  readonly owners: DataLedgers;
  readonly venue: Venue;
  readonly watch: Stopwatch;
}
