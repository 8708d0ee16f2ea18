import { describe, expect, it } from "vitest";
import { type Averaged, averageAfter } from "../../../server/step/averaging.ts";
import { outputModel } from "../../../server/step/release.ts";
import type { Averaging } from "../../../shared/training/optimizer-spec.ts";
import { stateAt } from "../../support/states.ts";

/** The average after each of four released models. */
function averages(averaging: Averaging | null): (number[] | null)[] {
  let averaged: Averaged | null = null;
  return [8, 4, 2, -6].map((w, round) => {
    averaged = averageAfter(averaging, averaged, round, Float32Array.of(w, 1));
    return averaged === null ? null : [...averaged.mean];
  });
}

describe("the average of released models", () => {
  it("exponential: begins at the first, then a share of each", () => {
    expect(averages({ kind: "ema", decay: 0.75 })).toEqual([
      [8, 1],
      [7, 1],
      [5.75, 1],
      [2.8125, 1],
    ]);
  });

  it("exponential of decay 0 is the last model", () => {
    expect(averages({ kind: "ema", decay: 0 }).at(-1)).toEqual([-6, 1]);
  });

  it("mean: of all from a round on, counted from 1", () => {
    expect(averages({ kind: "mean", from: 3 })).toEqual([null, null, [2, 1], [-2, 1]]);
    expect(averages({ kind: "mean", from: 1 }).at(-1)).toEqual([2, 1]);
  });

  it("is none where nobody asks", () => {
    expect(averages(null)).toEqual([null, null, null, null]);
  });
});

it("is what a run hands out, in float32; without it the model itself", () => {
  const state = stateAt(Float32Array.of(1, 2), 0.5);
  expect(outputModel(state)).toBe(state.parameters);
  const averaged = { mean: Float64Array.of(1 / 3, 5), models: 3 };
  expect(outputModel({ ...state, averaged })).toEqual(Float32Array.of(1 / 3, 5));
});
