import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EventsAt,
  largestRate,
  leastNoise,
  mostSteps,
} from "../../../shared/accounting/calibrate.ts";
import { type Repeated, spentEpsilon } from "../../../shared/accounting/compose.ts";
import {
  ACCOUNTANTS,
  type Accountant,
  type Sampler,
} from "../../../shared/accounting/mechanisms/event.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { golden } from "../../support/accounting-vectors.ts";
import { calibrateNoise } from "../../support/calibration.ts";
import { effort } from "../../support/effort.ts";
import { logUniform } from "../../support/properties.ts";

const samplingAt = (rate: number): Sampler =>
  rate === 1 ? { kind: "full" } : { kind: "poisson", rate };

/** Epsilon after `steps`, by the accountant. */
function spent(
  accountant: Accountant,
  sampling: Sampler,
  steps: number,
  noiseMultiplier: number,
  delta: number,
): number {
  const event = { mechanism: "gaussian", noiseMultiplier, sampling, adjacency: "zeroOut" } as const;
  return spentEpsilon(accountant, [{ event, count: steps }], delta);
}

describe("golden calibration", () => {
  it.each(golden.sections.calibration)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { q, steps, epsilon, delta } = inputs;
    const sampling = samplingAt(q);
    const noise = calibrateNoise("rdp", sampling, steps, epsilon, delta);
    // Its eight digits come of a root finder; ours may be above by its own 1e-5 only.
    expect(noise / expected.sigma_rdp).toBeGreaterThan(1 - 1e-6);
    expect(noise / expected.sigma_rdp).toBeLessThan(1 + 1.1e-5);
    expect(spent("rdp", sampling, steps, noise, delta)).toBeLessThanOrEqual(epsilon);
    // By losses: never more than the tolerance off the golden one, and never below what is exact.
    const tight = calibrateNoise("pld", sampling, steps, epsilon, delta);
    expect(Math.abs(tight / expected.sigma_pld - 1)).toBeLessThan(tolerance.rel ?? 0);
    expect(spent("pld", sampling, steps, tight, delta)).toBeLessThanOrEqual(epsilon);
    expect(spent("pld", sampling, steps, tight * 0.999, delta)).toBeGreaterThan(epsilon);
    if (expected.sigma_exact_gaussian === null) return;
    expect(tight).toBeGreaterThanOrEqual(expected.sigma_exact_gaussian * (1 - 1e-11));
    const exact = calibrateNoise("gdp", sampling, steps, epsilon, delta);
    expect(exact / expected.sigma_exact_gaussian).toBeCloseTo(1, 10);
  });
});

const targets = {
  epsilon: fc.double({ min: Math.log(0.05), max: Math.log(20), noNaN: true }).map(Math.exp),
  delta: fc.double({ min: -10, max: -3, noNaN: true }).map((log) => 10 ** log),
  steps: fc.integer({ min: 1, max: 5000 }),
};

it("full batch, exactly: keeps its target, and a relative 1e-11 less noise does not", () => {
  fc.assert(
    fc.property(fc.record(targets), ({ epsilon, delta, steps }) => {
      const sampling = samplingAt(1);
      const noise = calibrateNoise("gdp", sampling, steps, epsilon, delta);
      expect(spent("gdp", sampling, steps, noise, delta)).toBeLessThanOrEqual(epsilon);
      expect(spent("gdp", sampling, steps, noise * (1 - 1e-11), delta)).toBeGreaterThan(epsilon);
    }),
  );
});

it.each([
  ["rdp", effort(10, 25)],
  ["pld", effort(4, 8)],
] as const)(
  "sampled, by %s: keeps its target to a thousandth, and a thousandth less noise does not",
  (accountant, numRuns) => {
    const rate = fc.double({ min: -4, max: 0, noNaN: true }).map((log) => 10 ** log);
    fc.assert(
      fc.property(fc.record({ ...targets, rate }), ({ epsilon, delta, steps, rate }) => {
        const sampling = samplingAt(rate);
        const noise = calibrateNoise(accountant, sampling, steps, epsilon, delta);
        const kept = spent(accountant, sampling, steps, noise, delta);
        expect(kept).toBeLessThanOrEqual(epsilon);
        // Where delta alone pays for it (about rate × steps ≤ delta) RDP's epsilon falls to 0 at one
        // noise: then the noise just below it, which the next line tries, costs more than the target.
        if (kept > 0) expect(kept).toBeGreaterThan(epsilon * (1 - 1e-3));
        expect(spent(accountant, sampling, steps, 0.999 * noise, delta)).toBeGreaterThan(epsilon);
      }),
      { numRuns },
    );
  },
);

it("by pld, over all that a run may have: never above its target, and a millionth from it", () => {
  const wide = {
    rate: logUniform(1e-6, 1),
    steps: logUniform(1, 1e6).map(Math.round),
    epsilon: logUniform(0.05, 20),
    delta: logUniform(1e-15, 0.1),
  };
  fc.assert(
    fc.property(fc.record(wide), ({ rate, steps, epsilon, delta }) => {
      const noise = calibrateNoise("pld", samplingAt(rate), steps, epsilon, delta);
      const kept = spent("pld", samplingAt(rate), steps, noise, delta);
      expect(kept).toBeLessThanOrEqual(epsilon);
      // In noise; epsilon may be ten times as steep. At 0 delta alone pays for it, as above.
      if (kept > 0) expect(kept).toBeGreaterThan(epsilon * (1 - 1e-4));
    }),
    { numRuns: effort(3, 5), endOnFailure: true },
  );
});

it("needs more noise for more steps, a smaller epsilon, a smaller delta", () => {
  const noise = calibrateNoise("gdp", samplingAt(1), 5, 1, 1e-5);
  expect(calibrateNoise("gdp", samplingAt(1), 20, 1, 1e-5)).toBeCloseTo(2 * noise, 9);
  expect(calibrateNoise("gdp", samplingAt(1), 5, 0.5, 1e-5)).toBeGreaterThan(noise);
  expect(calibrateNoise("gdp", samplingAt(1), 5, 1, 1e-6)).toBeGreaterThan(noise);
});

it("refuses sampled steps by gdp, and a target that no noise reaches", () => {
  expect(() => calibrateNoise("gdp", samplingAt(0.1), 5, 1, 1e-5)).toThrow(BudgetError);
  expect(() => calibrateNoise("gdp", samplingAt(1), 1, 1e-300, 1e-30)).toThrow(BudgetError);
});

it.each([
  [0, 1],
  [Number.NaN, 1],
  [Infinity, 1],
  [1, 2.5],
  [1, -1],
  [1, Number.NaN],
])("refuses epsilon %d over %d steps", (epsilon, steps) => {
  expect(() => calibrateNoise("gdp", samplingAt(1), steps, epsilon, 1e-5)).toThrow(RangeError);
});

const full = (noiseMultiplier: number, count: number): Repeated => ({
  event: {
    mechanism: "gaussian",
    noiseMultiplier,
    sampling: { kind: "full" },
    adjacency: "zeroOut",
  },
  count,
});
const sampled = (noiseMultiplier: number, rate: number, count: number): Repeated => ({
  event: {
    mechanism: "gaussian",
    noiseMultiplier,
    sampling: { kind: "poisson", rate },
    adjacency: "zeroOut",
  },
  count,
});
/** Epsilon of the events at x: what every solver must keep. */
const at = (accountant: Accountant, eventsAt: EventsAt, x: number) =>
  spentEpsilon(accountant, eventsAt(x), 1e-5);

describe.each(ACCOUNTANTS)("beside a release that is already spent, by %s", (accountant) => {
  const target = { accountant, epsilon: 1.7, delta: 1e-5 };

  it("solves for the noise of the rest", () => {
    const eventsAt: EventsAt = (noise) => [full(8, 2), full(noise, 30)];
    const noise = leastNoise(target, eventsAt);
    expect(at(accountant, eventsAt, noise)).toBeLessThanOrEqual(1.7);
    expect(at(accountant, eventsAt, noise)).toBeGreaterThan(1.7 * (1 - 1e-3));
    expect(at(accountant, eventsAt, noise * 0.9999)).toBeGreaterThan(1.7);
  });

  it("solves for the steps: one more is too many", () => {
    const eventsAt: EventsAt = (steps) => [full(8, 2), full(60, steps)];
    const steps = mostSteps(target, eventsAt);
    expect(Number.isInteger(steps)).toBe(true);
    expect(at(accountant, eventsAt, steps)).toBeLessThanOrEqual(1.7);
    expect(at(accountant, eventsAt, steps + 1)).toBeGreaterThan(1.7);
    // By gdp it is known: mu² is 2 / 64 + steps / 3600.
    if (accountant === "gdp") expect(steps).toBe(Math.floor(3600 * (muFor(1.7) ** 2 - 2 / 64)));
  });

  it("refuses where what is already spent leaves nothing", () => {
    const eventsAt: EventsAt = (x) => [full(0.8, 2), full(60, Math.ceil(x))];
    expect(() => mostSteps(target, eventsAt)).toThrow(BudgetError);
    expect(() => leastNoise(target, (noise) => [full(0.8, 2), full(noise, 1)])).toThrow(
      BudgetError,
    );
  });
});

/** mu of (epsilon, 1e-5), by halving on the textbook formula with tails integrated by hand. */
function muFor(epsilon: number): number {
  const tail = (from: number) => {
    let sum = 0;
    for (let x = from + 5e-5; x < from + 12; x += 1e-4) sum += 1e-4 * Math.exp((-x * x) / 2);
    return sum / Math.sqrt(2 * Math.PI);
  };
  let [low, high] = [0.01, 3];
  for (let i = 0; i < 40; i++) {
    const mu = (low + high) / 2;
    const delta = tail(epsilon / mu - mu / 2) - Math.exp(epsilon) * tail(epsilon / mu + mu / 2);
    if (delta <= 1e-5) low = mu;
    else high = mu;
  }
  return low;
}

describe.each(["rdp", "pld"] as const)("the sampling rate, by %s", (accountant) => {
  const target = { accountant, epsilon: 1.3, delta: 1e-5 };

  it("is the largest that keeps the target", () => {
    const eventsAt: EventsAt = (rate) => [sampled(1.2, rate, 700)];
    const rate = largestRate(target, eventsAt);
    expect(at(accountant, eventsAt, rate)).toBeLessThanOrEqual(1.3);
    expect(at(accountant, eventsAt, rate)).toBeGreaterThan(1.3 * (1 - 1e-3));
    expect(at(accountant, eventsAt, rate * 1.001)).toBeGreaterThan(1.3);
  });

  it("is 1 where all may take part, and refused where none may", () => {
    expect(largestRate(target, (rate) => [sampled(50, rate, 3)])).toBe(1);
    expect(() => largestRate(target, (rate) => [full(0.5, 1), sampled(50, rate, 3)])).toThrow(
      BudgetError,
    );
  });
});

it("gives the least noise that it tries where any would do, and refuses endless steps", () => {
  const target = { accountant: "gdp", epsilon: 1.7, delta: 1e-5 } as const;
  expect(leastNoise(target, () => [full(8, 2)])).toBe(2 ** -10);
  expect(() => mostSteps(target, () => [full(8, 2)])).toThrow(/more than 1099511627776/);
});

it("mechanisms that state their noise another way are solved for alike", () => {
  const target = { accountant: "zcdp", epsilon: 2, delta: 1e-6 } as const;
  const sums: EventsAt = (sigma) => [
    {
      event: {
        mechanism: "distributedDiscreteGaussian",
        clients: 20,
        sigma: Math.max(0.5, sigma),
        dimension: 100,
        l2Sensitivity: 300,
        sampling: { kind: "full" },
        adjacency: "zeroOut",
      },
      count: 40,
    },
  ];
  const sigma = leastNoise(target, sums);
  expect(spentEpsilon("zcdp", sums(sigma), 1e-6)).toBeLessThanOrEqual(2);
  expect(spentEpsilon("zcdp", sums(sigma * (1 - 1e-9)), 1e-6)).toBeGreaterThan(2);
  // The same noise as that of one Gaussian: sqrt(20) sigma / 300.
  const central = calibrateNoise("zcdp", samplingAt(1), 40, 2, 1e-6);
  expect((Math.sqrt(20) * sigma) / 300 / central).toBeCloseTo(1, 9);
});
