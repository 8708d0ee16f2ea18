import { describe, expect, it } from "vitest";
import { delta, epsilon, largestRate, leastNoise, mostSteps } from "../accounting.ts";
import { BudgetError, ScenarioError } from "../shared/errors.ts";

const DELTA = 1e-5;
const poisson = (rate: number) => ({ kind: "poisson", rate }) as const;
const sampled = { mechanism: "gaussian", sampling: poisson(0.01), steps: 1_000 } as const;

it("gives the ε that others published: 1,000 steps at rate 0.01 and noise 1.1, by Rényi curves", () => {
  const events = [{ ...sampled, noiseMultiplier: 1.1 }];
  expect(epsilon(events, { delta: DELTA, accountant: "rdp" })).toBeCloseTo(1.71177, 4);
  // The losses themselves are tighter, and are what is asked where nothing is said.
  const tight = epsilon(events, { delta: DELTA });
  expect(tight).toBeLessThan(1.53);
  expect(delta(events, { epsilon: tight })).toBeLessThanOrEqual(DELTA * (1 + 1e-6));
  expect(delta(events, { epsilon: tight })).toBeGreaterThan(DELTA * 0.99);
});

it("composes before it converts: pure ε add up, and a Gaussian beside them costs more", () => {
  const pure = { mechanism: "laplace", noiseMultiplier: 4, steps: 2 } as const;
  expect(epsilon([pure], { delta: 1e-12, accountant: "pld" })).toBeCloseTo(0.5, 3);
  const both = epsilon([pure, { mechanism: "gaussian", noiseMultiplier: 8 }], { delta: DELTA });
  const alone = epsilon([{ mechanism: "gaussian", noiseMultiplier: 8 }], { delta: DELTA });
  expect(both).toBeGreaterThan(alone);
  expect(both).toBeLessThan(alone + 0.5);
  expect(epsilon([{ mechanism: "gaussian", noiseMultiplier: 0 }], { delta: DELTA })).toBe(Infinity);
});

describe("what keeps a budget", () => {
  const budget = { epsilon: 2, delta: DELTA };

  it("is the least noise: any less is too little", () => {
    const noise = leastNoise([sampled], budget);
    const at = (noiseMultiplier: number) =>
      epsilon([{ ...sampled, noiseMultiplier }], { delta: DELTA });
    expect(at(noise)).toBeLessThanOrEqual(2);
    expect(at(noise * 0.999)).toBeGreaterThan(2);
  });

  it("is the most steps, and the largest rate: any more is too much", () => {
    const event = { mechanism: "gaussian", noiseMultiplier: 1.1 } as const;
    const rated = { ...event, sampling: poisson(0.01) };
    const steps = mostSteps([rated], budget);
    expect(epsilon([{ ...rated, steps }], { delta: DELTA })).toBeLessThanOrEqual(2);
    expect(epsilon([{ ...rated, steps: steps + 1 }], { delta: DELTA })).toBeGreaterThan(2);
    const rate = largestRate([{ ...event, steps: 1_000 }], budget);
    const at = (r: number) =>
      epsilon([{ ...event, steps: 1_000, sampling: poisson(r) }], { delta: DELTA });
    expect(at(rate)).toBeLessThanOrEqual(2);
    expect(at(rate * 1.001)).toBeGreaterThan(2);
  });
});

describe("refusals", () => {
  it("name the key at fault, as murmur account does", () => {
    const odd = { ...sampled, noiseMultiplier: 1, clipNorm: 2 };
    expect(() => epsilon([odd], { delta: DELTA })).toThrow(ScenarioError);
    expect(() => epsilon([odd], { delta: DELTA })).toThrow(
      /unknownKey \(murmur-fl\/accounting, events\.0\): got clipNorm/,
    );
    expect(() => epsilon([], { delta: DELTA })).toThrow(ScenarioError);
    expect(() => epsilon([{ ...sampled, noiseMultiplier: 1 }], { delta: 1 })).toThrow(/delta/);
    expect(() =>
      leastNoise([{ ...sampled, noiseMultiplier: 1 }], { epsilon: 1, delta: 1e-5 }),
    ).toThrow(ScenarioError);
  });

  it("where no theorem covers an event, and where nothing keeps a budget", () => {
    const events = [{ ...sampled, noiseMultiplier: 1 }];
    expect(() => epsilon(events, { delta: DELTA, accountant: "gdp" })).toThrow(BudgetError);
    const spent = { mechanism: "laplace", epsilonPerStep: 3 } as const;
    expect(() => leastNoise([sampled, spent], { epsilon: 2, delta: DELTA })).toThrow(BudgetError);
  });
});
