/** One client's round, its stages in order: train → privatize. */
import type { Engine } from "../shared/engine/engine.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import { type RandomRoot, stream } from "../shared/random.ts";
import { privatize } from "./privatize.ts";
import { type ClientRows, train } from "./train.ts";

export interface ClientRound {
  readonly client: string;
  readonly round: number;
  readonly attempt: number;
  /** The broadcast model, float32[parameters]. */
  readonly parameters: Float32Array;
}

/** The client's update: int32[parameters], lattice steps. */
export function clientRound(
  { client, round, attempt, parameters }: ClientRound,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  root: RandomRoot,
): Int32Array {
  const coins = stream(root, "sample", round, attempt, client);
  const sum = train(parameters, rows, engine, plan, coins);
  return privatize(sum, plan, stream(root, "noise", round, attempt, client));
}
