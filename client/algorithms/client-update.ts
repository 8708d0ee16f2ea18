/**
 * Where the unit is the client: its algorithm's update, clipped as one vector (DP-FedAvg, McMahan,
 * Ramage, Talwar & Zhang 2018, arXiv:1710.06963). What it did with its own rows before doesn't matter
 * to that bound.
 */

import type { Clipping } from "../../shared/engine/core/clip.ts";
import { isOutside } from "../../shared/training/algorithms.ts";
import { presentSlots } from "../features/client-rows.ts";
import { clipUpdate } from "../training/clip-update.ts";
import type { Contribution } from "../training/contribution.ts";
import { fedAvg } from "./fed-avg.ts";
import { fedProx } from "./fed-prox.ts";
import { fedSgd } from "./fed-sgd.ts";
import type { LocalRound } from "./local-round.ts";
import { outsideUpdate } from "./outside.ts";
import { scaffold } from "./scaffold.ts";

/** What the coordinator steps along, not yet clipped: nobody but its client may see it. */
export async function rawUpdate(round: LocalRound): Promise<Float64Array> {
  const { algorithm } = round.training;
  if (isOutside(algorithm)) return outsideUpdate(round);
  switch (algorithm) {
    case "fedSgd":
      return fedSgd(round);
    case "fedAvg":
      return fedAvg(round);
    case "fedProx":
      return fedProx(round);
    case "scaffold":
      return scaffold(round);
    case "dpSgd":
      throw new TypeError("unchecked plan: dpSgd clips records");
  }
}

/** The same, clipped. Zeros for a client without rows, and where training diverged. */
export async function clientUpdate(
  round: LocalRound,
  clipping: Clipping,
  clipNorm: number,
): Promise<Contribution> {
  const { rows, parameters, engine } = round;
  // Nothing at all of a client that has nothing: a bit more would not be in its sensitivity.
  if (presentSlots(rows).length === 0)
    return { sum: new Float64Array(parameters.length), bits: 0, finite: true };
  const update = await rawUpdate(round);
  const { clipped, within, finite } = clipUpdate(update, clipping, clipNorm, engine.model);
  return { sum: clipped, bits: within ? 1 : -1, finite };
}
