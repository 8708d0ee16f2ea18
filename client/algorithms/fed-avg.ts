/**
 * Local training of FedAvg (McMahan, Moore, Ramage, Hampson & Agüera y Arcas 2017, arXiv:1602.05629,
 * algorithm 1): epochs of stochastic gradient descent, of which the coordinator gets what they moved.
 */
import type { Moved } from "../training/clip-and-round.ts";
import type { LocalRound } from "./local-round.ts";
import { localSteps } from "./local-steps.ts";

/** The broadcast model and the trained one, finite or not. */
export async function fedAvg(round: LocalRound): Promise<Moved> {
  const { model } = await localSteps(round.parameters, round);
  return { before: round.parameters, after: model };
}
