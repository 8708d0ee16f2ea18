/**
 * FedProx (Li, Sahu, Zaheer, Sanjabi, Talwalkar & Smith 2020, arXiv:1812.06127, algorithm 2): FedAvg
 * whose local loss has (μ/2)·|w − w0|² added, so that clients with odd rows do not run far from the
 * broadcast model w0. μ = 0 is FedAvg, bit for bit.
 */
import type { Moved } from "../training/clip-and-round.ts";
import type { LocalRound } from "./local-round.ts";
import { localSteps } from "./local-steps.ts";

/** As of `fedAvg`; μ is the plan's `proximal`. */
export async function fedProx(round: LocalRound): Promise<Moved> {
  const { parameters: start, training } = round;
  const mu = training.proximal ?? 0;
  const pull = (model: Float32Array, i: number) => mu * ((model[i] ?? 0) - (start[i] ?? 0));
  const { model } = await localSteps(start, round, pull);
  return { before: start, after: model };
}
