/** A mechanism's keys → the event they describe: each way to state it, and what cannot be meant. */
import { describe, expect, it } from "vitest";
import {
  eventOf,
  filledIn,
  leavesOut,
} from "../../../../shared/accounting/question/mechanism-keys.ts";

const keysOf = (raw: Record<string, unknown>) => eventOf(raw, "zeroOut", "line 1");
const full = { kind: "full" };

describe("the event", () => {
  it.each([
    [
      { mechanism: "gaussian", noiseMultiplier: 3, steps: 4 },
      { noiseMultiplier: 3, sampling: full },
      4,
    ],
    [
      { mechanism: "treeAggregation", noiseMultiplier: 5, steps: [3, 7] },
      { noiseMultiplier: 5, treeSizes: [3, 7] },
      1,
    ],
    [{ mechanism: "laplace", noiseMultiplier: 4 }, { noiseMultiplier: 4 }, 1],
    [{ mechanism: "laplace", epsilonPerStep: 0.25, steps: 3 }, { noiseMultiplier: 4 }, 3],
    [
      { mechanism: "randomizedResponse", categories: 4, epsilonPerStep: 0.5 },
      { categories: 4, epsilonPerStep: 0.5 },
      1,
    ],
    [{ mechanism: "exponential", epsilonPerStep: 0.5 }, { epsilonPerStep: 0.5 }, 1],
  ])("of %o", (raw, event, count) => {
    const { mechanism } = raw;
    expect(keysOf(raw)).toEqual({ event: { mechanism, adjacency: "zeroOut", ...event }, count });
  });

  it("keeps all keys of a distributed sum but its steps", () => {
    const raw = {
      ...{ mechanism: "distributedDiscreteGaussian", clients: 20, sigma: 7, dimension: 11 },
      l2Sensitivity: 2,
    };
    const event = { ...raw, sampling: full, adjacency: "zeroOut" };
    expect(keysOf({ ...raw, steps: 9 })).toEqual({ event, count: 9 });
  });

  it.each([
    ["gaussian", { sigma: 6, l2Sensitivity: 2 }],
    ["discreteGaussian", { sigma: 6, l2Sensitivity: 2 }],
    ["laplace", { scale: 6, l1Sensitivity: 2 }],
  ])("of a %s's noise and sensitivity is of a ratio just below theirs", (mechanism, noise) => {
    const { event } = keysOf({ mechanism, ...noise });
    expect(event).toHaveProperty("noiseMultiplier", expect.closeTo(3, 12));
    expect("noiseMultiplier" in event && event.noiseMultiplier).toBeLessThan(3);
  });

  it("of a chance or a scale has the epsilon of its closed form, not less", () => {
    // Kept with 1 - 0.6, else any of 4: the odds of the true one to another are (0.4 + 0.15) / 0.15.
    const answer = { mechanism: "randomizedResponse", categories: 4, resampleProbability: 0.6 };
    const response = keysOf(answer).event;
    expect(response).toHaveProperty("epsilonPerStep", expect.closeTo(Math.log(0.55 / 0.15), 12));
    const chosen = keysOf({ mechanism: "exponential", scale: 6, sensitivity: 2 }).event;
    const { event: least } = keysOf({ mechanism: "exponential", epsilonPerStep: 2 / 3 });
    expect(chosen).toHaveProperty("epsilonPerStep", expect.closeTo(2 / 3, 12));
    if (!("epsilonPerStep" in chosen && "epsilonPerStep" in least)) throw new Error("pure both");
    expect(chosen.epsilonPerStep).toBeGreaterThan(least.epsilonPerStep);
  });
});

describe("refuses", () => {
  const noises = { noiseMultiplier: 3, sigma: 6, l2Sensitivity: 2 };
  it.each([
    ["no noise", { mechanism: "gaussian" }, "gaussian (line 1): got none"],
    ["noise twice", { mechanism: "gaussian", ...noises }, "gaussian (line 1): got several"],
    [
      "noise without its sensitivity",
      { mechanism: "gaussian", sigma: 6 },
      "sigma, l2Sensitivity (line 1): got one without the other",
    ],
    [
      "a sensitivity without its noise",
      { mechanism: "laplace", l1Sensitivity: 6 },
      "scale, l1Sensitivity (line 1): got one without the other",
    ],
    [
      "a choice's scale alone",
      { mechanism: "exponential", scale: 6 },
      "scale, sensitivity (line 1): got one without the other",
    ],
    [
      "an answer that is stated by nothing",
      { mechanism: "randomizedResponse", categories: 4 },
      "randomizedResponse (line 1): got none",
    ],
    [
      "a larger sample than there are",
      {
        ...{ mechanism: "gaussian", noiseMultiplier: 3 },
        sampling: { kind: "fixedSize", size: 9, population: 8 },
      },
      "a size of at most the population",
    ],
    [
      "a rate beyond 1",
      {
        ...{ mechanism: "gaussian", noiseMultiplier: 3 },
        sampling: { kind: "poisson", rate: 1.5 },
      },
      "sampling.rate (line 1)",
    ],
  ])("%s", (_, raw, said) => {
    expect(() => keysOf(raw)).toThrow(said);
  });

  it("what is no object", () => {
    expect(() => eventOf(7, "zeroOut", "line 1")).toThrow("event (line 1)");
  });
});

describe("what may be solved for", () => {
  const left = (raw: unknown) =>
    (["noiseMultiplier", "steps", "samplingRate"] as const).filter((one) =>
      leavesOut(raw, one, "line 1"),
    );

  it.each([
    [{ mechanism: "gaussian" }, ["noiseMultiplier", "steps", "samplingRate"]],
    [{ mechanism: "gaussian", steps: 2, sampling: full }, ["noiseMultiplier"]],
    [{ mechanism: "gaussian", noiseMultiplier: 3 }, ["steps", "samplingRate"]],
    [{ mechanism: "gaussian", sigma: 3, sampling: { kind: "poisson" } }, ["steps", "samplingRate"]],
    [{ mechanism: "gaussian", sigma: 3, sampling: { kind: "poisson", rate: 0.5 } }, ["steps"]],
    [
      { mechanism: "gaussian", sigma: 3, sampling: { kind: "fixedSize", size: 1, population: 2 } },
      ["steps"],
    ],
    [{ mechanism: "laplace", scale: 2 }, ["steps"]],
    [{ mechanism: "laplace", epsilonPerStep: 2 }, ["steps"]],
    [{ mechanism: "treeAggregation" }, ["noiseMultiplier"]],
    [{ mechanism: "randomizedResponse", steps: 1 }, []],
    [7, []],
  ])("of %o is %o", (raw, expected) => {
    expect(left(raw)).toEqual(expected);
  });

  it("is filled in where it belongs", () => {
    const raw = { mechanism: "gaussian" };
    expect(filledIn(raw, "steps", 3)).toEqual({ ...raw, steps: 3 });
    expect(filledIn(raw, "noiseMultiplier", 3)).toEqual({ ...raw, noiseMultiplier: 3 });
    const sampling = { kind: "poisson", rate: 0.5 };
    expect(filledIn(raw, "samplingRate", 0.5)).toEqual({ ...raw, sampling });
    expect(filledIn(7, "steps", 3)).toBe(7);
  });
});
