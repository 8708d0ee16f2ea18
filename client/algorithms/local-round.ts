/** What a client has at hand for one round of an algorithm whose unit is the client. */
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Random } from "../../shared/noise/random.ts";
import type { Training } from "../../shared/plan/training-plan.ts";
import type { ClientRows } from "../features/client-rows.ts";
import type { OutsideAlgorithm } from "./outside-algorithm.ts";

export interface LocalRound {
  /** As broadcast: the model, under SCAFFOLD with the coordinator's control after it. */
  readonly parameters: Float32Array;
  readonly rows: ClientRows;
  readonly engine: Engine;
  readonly training: Pick<Training, "algorithm" | "localEpochs" | "batchSize" | "proximal">;
  /** Of this round. */
  readonly learningRate: number;
  /** Passes over its rows that it gets done: all the plan's, unless it is made to straggle. */
  readonly epochs: number;
  /** SCAFFOLD: its own control, float32[model's parameters]; null: none yet, which is zeros. */
  readonly control: Float32Array | null;
  /** The order of the rows, anew in each epoch. */
  readonly shuffle: Random;
  /** From 0. */
  readonly round: number;
  /** That the plan names, where it is none of ours. */
  readonly outside?: OutsideAlgorithm | undefined;
}
