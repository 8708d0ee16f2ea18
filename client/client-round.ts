/** One client's round, its stages in order: train → privatize; or count. */
import type { Task } from "../shared/accounting/event.ts";
import type { Engine } from "../shared/engine/engine.ts";
import type { Plan } from "../shared/plan.ts";
import { type RandomRoot, stream } from "../shared/random.ts";
import type { Contribution } from "./contribution.ts";
import { countRows } from "./count.ts";
import { fedAvg } from "./fed-avg.ts";
import { privatize } from "./privatize.ts";
import { type ClientRows, train } from "./train.ts";

export interface ClientRound {
  readonly client: string;
  readonly round: number;
  readonly attempt: number;
  readonly task: Task;
  /** In force in this round. */
  readonly clipNorm: number;
  /** The broadcast model, float32[parameters]. */
  readonly parameters: Float32Array;
}

/** What the client sends: int32[updateLength], lattice steps; or its counts. */
export function clientRound(
  todo: ClientRound,
  rows: ClientRows,
  engine: Engine,
  plan: Pick<Plan, "privacy" | "training">,
  root: RandomRoot,
): Int32Array {
  const { client, round, attempt, task, clipNorm, parameters } = todo;
  if (task !== "train") {
    const own = stream(root, "countNoise", round, attempt, client);
    return countRows(task, parameters, rows, engine, plan.privacy, own);
  }
  const contribution = contribute(todo, rows, engine, plan, root);
  const noise = stream(root, "noise", round, attempt, client);
  return privatize(contribution, plan.privacy, clipNorm, noise);
}

function contribute(
  { client, round, attempt, clipNorm, parameters }: ClientRound,
  rows: ClientRows,
  engine: Engine,
  { privacy, training }: Pick<Plan, "privacy" | "training">,
  root: RandomRoot,
): Contribution {
  if (training.algorithm === "dpSgd") {
    const coins = stream(root, "sample", round, attempt, client);
    return train(parameters, rows, engine, privacy, clipNorm, coins);
  }
  const learningRate = training.learningRates[round] ?? 0;
  const shuffle = stream(root, "shuffle", round, attempt, client);
  return fedAvg(parameters, rows, engine, privacy, training, learningRate, clipNorm, shuffle);
}
