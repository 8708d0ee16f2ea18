/**
 * Where the unit is the client: its algorithm's update, clipped as one vector (DP-FedAvg, McMahan,
 * Ramage, Talwar & Zhang 2018, arXiv:1710.06963). What it did with its own rows before doesn't matter
 * to that bound.
 */

import type { Clipping } from "../../shared/engine/core/clip.ts";
import type { Lattice } from "../../shared/noise/lattice.ts";
import { isOutside } from "../../shared/training/algorithms.ts";
import { presentSlots } from "../features/client-rows.ts";
import { clipAndRound, difference } from "../training/clip-and-round.ts";
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
      return difference(await fedAvg(round));
    case "fedProx":
      return difference(await fedProx(round));
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

/** Whether an algorithm's update is what it moved, so that `roundedUpdate` has it. */
export function isMoved(algorithm: string): algorithm is "fedAvg" | "fedProx" {
  return algorithm === "fedAvg" || algorithm === "fedProx";
}

/** `clientUpdate` and `roundUpdate` in one, to the same integers, where `isMoved`: nothing of its length in between. */
export async function roundedUpdate(
  round: LocalRound,
  clipping: Clipping,
  clipNorm: number,
  lattice: Lattice,
): Promise<{ readonly steps: Int32Array } & Pick<Contribution, "bits" | "finite">> {
  const { rows, parameters, engine, training } = round;
  if (presentSlots(rows).length === 0)
    return { steps: new Int32Array(parameters.length), bits: 0, finite: true };
  const moved = training.algorithm === "fedProx" ? await fedProx(round) : await fedAvg(round);
  const { within, ...rounded } = clipAndRound(moved, clipping, clipNorm, engine.model, lattice);
  return { ...rounded, bits: within ? 1 : -1 };
}
