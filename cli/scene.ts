/** What a run's files in here hand on to each other, from the flags to the last line shown. */
import type { Hosts } from "../server/launch.ts";
import type { Registry } from "../server/registry.ts";
import type { RunFolder } from "../server/run-folder.ts";
import type { Engine } from "../shared/engine/engine.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Override } from "../shared/scenario/scenario-text.ts";
import type { OutputOptions } from "./output.ts";

export interface RunOptions extends OutputOptions {
  readonly set: readonly Override[];
  readonly seed?: number;
  readonly hosts?: number;
  readonly port?: number;
  readonly out?: string;
  readonly clientLedgers?: string;
}

/** What `murmur run` has made before anything heavy is loaded. */
export interface Launched {
  readonly scenario: Scenario;
  /** Its path. */
  readonly file: string;
  readonly hosts: Hosts;
  readonly folder: RunFolder;
  readonly options: RunOptions;
  /** `performance.now()` when the command began. */
  readonly started: number;
}

/** A launched run, its plan sealed and its registry open. */
export interface Scene extends Launched {
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  /** What the model starts with, where that is out of a file. */
  readonly initial: Float32Array | null;
  readonly runId: Uint8Array;
  readonly registry: Registry;
}
