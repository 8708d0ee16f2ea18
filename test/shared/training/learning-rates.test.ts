import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../../shared/errors.ts";
import { learningRates, type Schedule } from "../../../shared/training/learning-rates.ts";

const rates = (schedule: Schedule, rounds: number) =>
  learningRates(schedule, rounds).map((rate) => Number(rate.toFixed(12)));

describe("a rate for each round", () => {
  it("of a number and of a list", () => {
    expect(learningRates(0.5, 3)).toEqual([0.5, 0.5, 0.5]);
    expect(learningRates([1, 2], 2)).toEqual([1, 2]);
  });

  it.each<[Schedule, readonly number[]]>([
    [{ schedule: "constant", start: 2, warmup: 0 }, [2, 2, 2, 2, 2]],
    [{ schedule: "constant", start: 2, warmup: 3 }, [0.5, 1, 1.5, 2, 2]],
    [{ schedule: "step", start: 8, factor: 0.5, every: 2, warmup: 0 }, [8, 8, 4, 4, 2]],
    [{ schedule: "step", start: 8, factor: 0.5, every: 2, warmup: 1 }, [4, 8, 8, 4, 4]],
    [{ schedule: "exponential", start: 1, factor: 0.5, warmup: 0 }, [1, 0.5, 0.25, 0.125, 0.0625]],
    [{ schedule: "linear", start: 1, end: 0.2, warmup: 0 }, [1, 0.8, 0.6, 0.4, 0.2]],
    [{ schedule: "linear", start: 3, end: 1, warmup: 2 }, [1, 2, 3, 2, 1]],
    // Half a wave at 0, 45, 90, 135 and 180 degrees.
    [
      { schedule: "cosine", start: 3, end: 1, warmup: 0 },
      [3, 2 + Math.SQRT1_2, 2, 2 - Math.SQRT1_2, 1],
    ],
  ])("of %j", (schedule, due) => {
    expect(rates(schedule, 5)).toEqual(due.map((rate) => Number(rate.toFixed(12))));
  });

  it("of a single round, which is a schedule's first", () => {
    expect(rates({ schedule: "cosine", start: 3, end: 1, warmup: 0 }, 1)).toEqual([3]);
    expect(rates({ schedule: "linear", start: 3, end: 1, warmup: 1 }, 2)).toEqual([1.5, 3]);
  });
});

it.each([1e-5, 1e5])("refuses a factor of %d that leaves the numbers there are", (factor) => {
  const schedule = { schedule: "exponential", start: 1, factor, warmup: 0 } as const;
  expect(() => learningRates(schedule, 100)).toThrow(ScenarioError);
});
