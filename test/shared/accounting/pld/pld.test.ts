import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  gaussianDelta,
  gaussianEpsilon,
} from "../../../../shared/accounting/mechanisms/gaussian.ts";
import {
  composedCurve,
  epsilonFromRdp,
  sampledGaussianCurve,
} from "../../../../shared/accounting/mechanisms/rdp.ts";
import { pldDelta, pldEpsilon, type SampledSteps } from "../../../../shared/accounting/pld/pld.ts";
import { effort } from "../../../support/effort.ts";
import { fastestMs } from "../../../support/fastest.ts";
import { mergedDelta, oneStepDeltas } from "../../../support/loss-oracle.ts";
import {
  calibration,
  heterogeneous_composition,
  one_step,
  pld_poisson_gaussian,
  two_steps,
} from "../../../support/pld-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

const sampled = (rate: number, noiseMultiplier: number, count: number): SampledSteps => ({
  rate,
  noiseMultiplier,
  count,
});

/** How far above the truth an epsilon may be, as the doc says. */
const excess = (epsilon: number) => 2e-5 + 2e-4 * epsilon;

type Golden = (typeof heterogeneous_composition)[number];

/** The golden rule, and more: within tolerance *and* inside the bracket; never below the truth. */
function expectGolden(
  got: number,
  epsilon: number,
  expected: Omit<Golden["expected"], "epsilon_pld">,
  { rel, abs, never_below_true_rel, never_below_true_abs }: Golden["tolerance"],
): void {
  const truth = expected.epsilon_true_estimate;
  expect(got).toBeGreaterThanOrEqual(truth - never_below_true_abs - never_below_true_rel * truth);
  expect(got).toBeGreaterThanOrEqual(expected.epsilon_lower_optimistic);
  expect(got).toBeLessThanOrEqual(expected.epsilon_upper_pessimistic_buckets);
  expect(got).toBeLessThanOrEqual(epsilon + abs + rel * epsilon);
}

describe("golden pld_poisson_gaussian", () => {
  it.each(pld_poisson_gaussian)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { q, sigma, steps, delta } = inputs;
    const all = [sampled(q, sigma, steps)];
    const epsilon = pldEpsilon(all, delta);
    expectGolden(epsilon, expected.epsilon, expected, tolerance);
    // The exact ones have twelve digits.
    if (expected.exact !== null) {
      expect(epsilon).toBeGreaterThanOrEqual(expected.exact * (1 - 1e-11));
      expect(epsilon).toBeLessThanOrEqual(expected.exact + excess(expected.exact));
    }
    for (const one of expected.delta_at_epsilon) {
      const got = pldDelta(all, one.epsilon);
      const { delta_rel, delta_abs } = tolerance;
      const within = Math.abs(got - one.delta) <= delta_abs + delta_rel * one.delta;
      expect(within || got <= one.delta).toBe(true);
      expect(got).toBeGreaterThanOrEqual(one.lower_optimistic);
      expect(got).toBeLessThanOrEqual(one.upper_pessimistic_buckets);
      if (one.exact !== undefined) expect(got).toBeGreaterThanOrEqual(one.exact * (1 - 1e-11));
    }
  });
});

describe("golden heterogeneous_composition", () => {
  it.each(heterogeneous_composition)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const steps = inputs.phases.map(({ q, sigma, steps }) => sampled(q, sigma, steps));
    const epsilon = pldEpsilon(steps, inputs.delta);
    expectGolden(epsilon, expected.epsilon_pld, expected, tolerance);
    expect(pldEpsilon(steps.toReversed(), inputs.delta)).toBe(epsilon);
  });
});

describe("golden calibration", () => {
  it.each(calibration)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const at = (sigma: number) =>
      pldEpsilon([sampled(inputs.q, sigma, inputs.steps)], inputs.delta);
    expect(at(expected.sigma_pld * (1 + tolerance.rel))).toBeLessThanOrEqual(inputs.epsilon);
    expect(at(expected.sigma_pld * (1 - tolerance.rel))).toBeGreaterThan(inputs.epsilon);
  });
});

/** Never below the truth; above it by the stated excess at most, where delta isn't tiny. */
function expectJustAbove(steps: readonly SampledSteps[], epsilon: number, delta: number): void {
  expect(pldDelta(steps, epsilon)).toBeGreaterThanOrEqual(delta);
  const got = pldEpsilon(steps, delta);
  expect(got).toBeGreaterThanOrEqual(epsilon);
  expect(got).toBeLessThanOrEqual(delta >= 1e-12 ? epsilon + excess(epsilon) : 1.1 * epsilon + 0.2);
}

describe("never below the truth to 18 digits, and above it by a hair", () => {
  it.each(one_step)("rate %d, noise %d, epsilon %d: %d", (rate, noise, epsilon, delta) => {
    expectJustAbove([sampled(rate, noise, 1)], epsilon, delta);
  });
  it.each(two_steps)("(%d, %d) and (%d, %d), epsilon %d: %d", (...given) => {
    const [rate, noise, otherRate, otherNoise, epsilon, delta] = given;
    const steps = [sampled(rate, noise, 1), sampled(otherRate, otherNoise, 1)];
    expectJustAbove(steps, epsilon, delta);
  });
});

/** Runs of some milliseconds, and no thousands more to shrink one that fails. */
const few = (numRuns: number) => ({
  numRuns: effort(Math.ceil(numRuns / 4), numRuns),
  endOnFailure: true,
});

const rates = logUniform(1e-6, 1);
const noises = logUniform(0.2, 200);
const counts = logUniform(1, 1e6).map(Math.round);
const deltas = logUniform(1e-12, 1e-2);

it("one step is the closed form", () => {
  fc.assert(
    fc.property(rates, noises, logUniform(1e-3, 5), (rate, noiseMultiplier, epsilon) => {
      const { removal, addition } = oneStepDeltas({ rate, noiseMultiplier }, epsilon);
      const truth = Math.max(removal, addition);
      const got = pldDelta([sampled(rate, noiseMultiplier, 1)], epsilon);
      // The closed form cancels: 1e-15 of it is rounding.
      expect(got).toBeGreaterThanOrEqual(truth * (1 - 1e-9) - 1e-15);
      expect(got).toBeLessThanOrEqual(truth * 1.01 + 1e-12);
    }),
    few(40),
  );
});

it("a few unlike steps are what merging outputs proves from below, and hardly more", () => {
  const step = fc.record({ rate: logUniform(0.1, 0.9), noiseMultiplier: logUniform(1, 3) });
  const steps = fc.array(step, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(steps, logUniform(0.1, 3), (steps, epsilon) => {
      const low = mergedDelta(steps, epsilon, 0.004);
      const got = pldDelta(
        steps.map((step) => ({ ...step, count: 1 })),
        epsilon,
      );
      expect(got).toBeGreaterThanOrEqual(low * (1 - 1e-9));
      expect(got).toBeLessThanOrEqual(low * 1.02 + 1e-11);
    }),
    few(10),
  );
});

it("eight equal steps, too", () => {
  const [rate, noiseMultiplier] = [0.2, 1.3];
  const low = mergedDelta(Array(8).fill({ rate, noiseMultiplier }), 1.5, 0.006);
  expect(low).toBeGreaterThan(1e-3);
  expect(pldDelta([sampled(rate, noiseMultiplier, 8)], 1.5) / low).toBeGreaterThan(1);
  expect(pldDelta([sampled(rate, noiseMultiplier, 8)], 1.5) / low).toBeLessThan(1.002);
});

it("at a rate that is next to 1 the grid meets the exact Gaussian", () => {
  fc.assert(
    fc.property(
      logUniform(0.5, 200),
      logUniform(1, 2000).map(Math.round),
      deltas,
      (z, count, delta) => {
        const exact = gaussianEpsilon(Math.sqrt(count) / z, delta);
        const got = pldEpsilon([sampled(1 - 1e-12, z, count)], delta);
        expect(got).toBeGreaterThanOrEqual(exact * (1 - 1e-6) - 1e-9);
        // Epsilons of hundreds have losses beyond the window's room.
        expect(got).toBeLessThanOrEqual(exact + 2 * excess(exact));
      },
    ),
    few(25),
  );
});

it("at rate 1 is the exact Gaussian, and so are its neighbours that add nothing", () => {
  const full = [sampled(1, 3, 7), sampled(1, 12, 40)];
  const mu = Math.sqrt(7 / 9 + 40 / 144);
  expect(pldEpsilon(full, 1e-5)).toBe(gaussianEpsilon(mu, 1e-5));
  expect(pldDelta(full, 0.7)).toBe(gaussianDelta(mu, 0.7));
  const more = [...full, sampled(1e-6, 150, 1)];
  expect(pldEpsilon(more, 1e-5)).toBeGreaterThanOrEqual(gaussianEpsilon(mu, 1e-5));
  expect(pldEpsilon(more, 1e-5)).toBeLessThan(gaussianEpsilon(mu, 1e-5) + 2e-4);
});

it("splitting the steps, or telling them in another order, changes nothing", () => {
  fc.assert(
    fc.property(rates, noises, counts, counts, deltas, (rate, noise, one, other, delta) => {
      const [a, b] = [sampled(rate, noise, one), sampled(rate, noise, other)];
      const whole = pldEpsilon([sampled(rate, noise, one + other)], delta);
      expect(pldEpsilon([a, sampled(0.5, 3, 0), b], delta)).toBe(whole);
      const extra = sampled(0.03, 2, 10);
      expect(pldEpsilon([extra, a, b], delta)).toBe(pldEpsilon([b, extra, a], delta));
    }),
    few(10),
  );
});

it("delta at an epsilon that is the excess above is within the delta it was asked for", () => {
  fc.assert(
    fc.property(
      logUniform(1e-4, 1),
      logUniform(0.5, 50),
      logUniform(1, 1e5).map(Math.round),
      logUniform(1e-10, 1e-2),
      (rate, noise, count, delta) => {
        const steps = [sampled(rate, noise, count)];
        const epsilon = pldEpsilon(steps, delta);
        expect(pldDelta(steps, epsilon + 2 * excess(epsilon))).toBeLessThanOrEqual(delta);
      },
    ),
    few(20),
  );
});

it("grows with steps and rate, falls with noise and delta, to within the excess", () => {
  fc.assert(
    fc.property(
      logUniform(1e-4, 0.9),
      logUniform(0.5, 50),
      logUniform(1, 1e4).map(Math.round),
      deltas,
      (rate, noise, count, delta) => {
        const epsilon = pldEpsilon([sampled(rate, noise, count)], delta);
        const least = epsilon - excess(epsilon);
        expect(pldEpsilon([sampled(rate, noise, count + 1)], delta)).toBeGreaterThanOrEqual(least);
        expect(pldEpsilon([sampled(rate * 1.1, noise, count)], delta)).toBeGreaterThanOrEqual(
          least,
        );
        expect(pldEpsilon([sampled(rate, noise / 1.1, count)], delta)).toBeGreaterThanOrEqual(
          least,
        );
        expect(pldEpsilon([sampled(rate, noise, count)], delta / 2)).toBeGreaterThanOrEqual(least);
      },
    ),
    few(15),
  );
});

describe("over all rates, noises, counts and deltas that a run may have", () => {
  const step = [rates, noises, counts, logUniform(1e-15, 0.5)] as const;
  /** Beyond it the window is too short of room, and nobody is protected. */
  const most = 40;

  it("is finite, at least 0, below the Rényi bound and the unsampled Gaussian", () => {
    fc.assert(
      fc.property(...step, (rate, noise, count, delta) => {
        const curve = composedCurve([{ curve: sampledGaussianCurve(rate, noise), count }]);
        const full = gaussianEpsilon(Math.sqrt(count) / noise, delta);
        const got = pldEpsilon([sampled(rate, noise, count)], delta);
        expect(got).toBeGreaterThanOrEqual(0);
        expect(got).toBeLessThanOrEqual(epsilonFromRdp(curve, delta).epsilon);
        expect(got).toBeLessThanOrEqual(full + (full < most ? excess(full) : 1e-2 * full));
      }),
      few(20),
    );
  });

  it("grows with steps, rate and 1 / delta and falls with noise, to within the excess", () => {
    const more = logUniform(1.0001, 2);
    fc.assert(
      fc.property(...step, more, fc.nat(3), (rate, noise, count, delta, by, which) => {
        const epsilon = pldEpsilon([sampled(rate, noise, count)], delta);
        fc.pre(epsilon < most);
        const larger = [
          () => pldEpsilon([sampled(Math.min(1, rate * by), noise, count)], delta),
          () => pldEpsilon([sampled(rate, noise / by, count)], delta),
          () => pldEpsilon([sampled(rate, noise, Math.ceil(count * by))], delta),
          () => pldEpsilon([sampled(rate, noise, count)], delta / by),
        ][which]?.();
        expect(larger).toBeGreaterThanOrEqual(epsilon - excess(epsilon));
      }),
      few(20),
    );
  });
});

it("stays just above what it was where rare losses, many steps and a tiny delta meet", () => {
  // What one step loses alone, summed over all of them, is below the truth.
  const [noise, count, delta] = [0.598, 18_015, 1e-12];
  let last = 0;
  for (const rate of effort([1e-6, 1.5e-6, 1e-5], [1e-6, 1.2e-6, 1.5e-6, 2e-6, 3e-6, 1e-5])) {
    const epsilon = pldEpsilon([sampled(rate, noise, count)], delta);
    const alone = count * oneStepDeltas({ rate, noiseMultiplier: noise }, 1.03 * epsilon).removal;
    expect(alone).toBeLessThan(delta);
    expect(epsilon).toBeGreaterThan(last);
    last = epsilon;
  }
  // 0.4025 when each of its 18,015 steps was taken to have a transform's rounding of its own.
  expect(pldEpsilon([sampled(1e-6, noise, count)], delta)).toBeLessThan(0.1227);
});

it("answers where losses are beyond all tilts, and where next to nothing is lost", () => {
  const nearlyAll = [sampled(1 - 2 ** -53, 7.0435, 20_210_111)];
  expect(pldDelta(nearlyAll, 7.7e-9)).toBe(1);
  expect(pldEpsilon(nearlyAll, 0.999_999)).toBeGreaterThan(1.9e5);
  const extremes = {
    rate: fc.oneof(logUniform(2 ** -41, 1), fc.constantFrom(2 ** -41, 1 - 2 ** -53, 1)),
    noiseMultiplier: fc.oneof(logUniform(0.01, 1e3), logUniform(1e-10, 2 ** 64), fc.constant(0.05)),
    count: logUniform(1, 2 ** 40).map(Math.round),
  };
  const steps = fc.array(fc.record(extremes), { minLength: 1, maxLength: 2 });
  const anyDelta = fc.oneof(logUniform(1e-300, 0.99), fc.constantFrom(1e-320, 1 - 2 ** -53));
  const anyEpsilon = fc.oneof(logUniform(1e-12, 1e3), logUniform(1e-290, 1e290), fc.constant(0));
  fc.assert(
    fc.property(steps, anyDelta, anyEpsilon, (steps, delta, epsilon) => {
      const got = pldEpsilon(steps, delta);
      expect(got >= 0 && got < Infinity).toBe(true);
      const chance = pldDelta(steps, epsilon);
      expect(chance >= 0 && chance <= 1).toBe(true);
    }),
    few(15),
  );
});

it("hardly ever falls from one round to the next, where the grid is laid out anew", () => {
  for (const [rate, noise, delta] of [
    [0.01, 1.1, 1e-5],
    [0.2, 6, 1e-6],
    [0.001, 1, 1e-8],
  ] as const) {
    const ask = (count: number) => pldEpsilon([sampled(rate, noise, count)], delta);
    let last = ask(400);
    for (let count = 401; count <= effort(440, 500); count++) {
      const epsilon = ask(count);
      expect(epsilon).toBeGreaterThan(last - 1e-6 * last);
      last = epsilon;
    }
    // Far on, where a round adds less than a grid does: at the borders of the room for more steps.
    for (const room of [16_384, 65_536]) {
      expect(ask(room + 1)).toBeGreaterThan(ask(room) - excess(ask(room)) / 4);
    }
  }
});

it("counts the transform's rounding where no tilt lifts a delta out of it", () => {
  // One step in a million loses anything worth naming, or in ten millions: 2.4e-13 and 3.6e-17 beside
  // the rounding of the others.
  const [noise, epsilon] = [0.5, 0.1];
  const rare = pldDelta([sampled(1e-6, noise, 1)], epsilon) / 2.445317926174957e-13;
  expect(rare).toBeGreaterThan(1);
  expect(rare).toBeLessThan(1.001);
  const rarer = pldDelta([sampled(1e-7, noise, 1)], epsilon) / 3.623643362906083e-17;
  expect(rarer).toBeGreaterThan(1.001);
  expect(rarer).toBeLessThan(2);
});

it("keeps small epsilons of few steps free of what comes in again at the window's end", () => {
  // Removal's losses end at log(1 - rate), addition's go on below it.
  const step = { rate: 0.0279, noiseMultiplier: 1 };
  for (const epsilon of [0.001, 0.002, 0.004]) {
    const truth = oneStepDeltas(step, epsilon).removal;
    expect(pldDelta([{ ...step, count: 1 }], epsilon) / truth).toBeGreaterThan(1);
    expect(pldDelta([{ ...step, count: 1 }], epsilon) / truth).toBeLessThan(1 + 1e-4);
  }
});

it("says the same whatever was asked before", () => {
  const steps = [sampled(0.013, 0.9, 250)];
  const [epsilon, delta] = [pldEpsilon(steps, 1e-6), pldDelta(steps, 1)];
  // More grids, tilts and transforms than are kept.
  for (let i = 1; i <= 40; i++) pldEpsilon([sampled(0.01 + i / 1000, 1 + i / 50, 100 + i)], 1e-5);
  expect(pldEpsilon(steps, 1e-6)).toBe(epsilon);
  expect(pldDelta(steps, 1)).toBe(delta);
});

it("is in time for a live epsilon: rounds that follow each other share grid and transform", async () => {
  const ask = (count: number) => pldEpsilon([sampled(0.011, 1.1, count)], 1e-5);
  for (let count = 900; count < 1000; count++) ask(count);
  let count = 1000;
  // 0.15 ms each, measured; all anew 15, whatever the machine does beside.
  expect(await fastestMs(() => ask(count++), { tries: 50 })).toBeLessThan(5);
});

it("takes sampled steps for full ones where the noise is too little for any grid", () => {
  const [bare, full] = [[sampled(0.3, 0.04, 2)], [sampled(1, 0.04, 2)]];
  expect(pldEpsilon(bare, 1e-5)).toBe(pldEpsilon(full, 1e-5));
  expect(pldEpsilon([...bare, sampled(0.1, 1, 5)], 1e-5)).toBeGreaterThan(pldEpsilon(full, 1e-5));
  expect(pldEpsilon([sampled(0.3, 2 ** 60, 5)], 1e-5)).toBe(0);
  expect(pldEpsilon([sampled(0.3, Infinity, 5)], 1e-5)).toBe(0);
});

it("falls back on the Rényi bound where no grid fits", () => {
  const parts = [
    { curve: sampledGaussianCurve(1, 0.02), count: 1 },
    { curve: sampledGaussianCurve(0.1, 2), count: 10 },
  ];
  const large = epsilonFromRdp(composedCurve(parts), 1e-5).epsilon;
  const got = pldEpsilon([sampled(1, 0.02, 1), sampled(0.1, 2, 10)], 1e-5);
  expect(got / large).toBeCloseTo(1, 12);
  const curve = composedCurve([{ curve: sampledGaussianCurve(0.1, 2), count: 10 }]);
  expect(pldEpsilon([sampled(0.1, 2, 10)], 1e-280)).toBe(epsilonFromRdp(curve, 1e-280).epsilon);
  const many = composedCurve([{ curve: sampledGaussianCurve(1e-6, 50), count: 2 ** 40 }]);
  const bound = epsilonFromRdp(many, 1e-5).epsilon;
  expect(pldEpsilon([sampled(1e-6, 50, 2 ** 40)], 1e-5)).toBe(bound);
});

it("spends nothing without steps, and everything without noise", () => {
  for (const none of [[], [sampled(0.1, 1, 0)]]) {
    expect(pldEpsilon(none, 1e-5)).toBe(0);
    expect(pldDelta(none, 0)).toBe(0);
  }
  const bare = [sampled(0.1, 0, 1), sampled(0.1, 1, 5)];
  expect(pldEpsilon(bare, 1e-5)).toBe(Infinity);
  expect(pldDelta(bare, 3)).toBe(1);
});

it.each([
  [0, 1, 1],
  [1.1, 1, 1],
  [Number.NaN, 1, 1],
  [0.5, -1, 1],
  [0.5, Number.NaN, 1],
  [0.5, 1, -1],
  [0.5, 1, 1.5],
  [0.5, 1, Number.NaN],
])("refuses rate %d, noise %d, count %d", (rate, noise, count) => {
  expect(() => pldEpsilon([sampled(rate, noise, count)], 1e-5)).toThrow(RangeError);
  expect(() => pldDelta([sampled(rate, noise, count)], 1)).toThrow(RangeError);
});

it.each([0, 1, -1, Number.NaN])("refuses delta %d", (delta) => {
  expect(() => pldEpsilon([sampled(0.1, 1, 1)], delta)).toThrow(RangeError);
});

it.each([-1, Infinity, Number.NaN])("refuses epsilon %d", (epsilon) => {
  expect(() => pldDelta([sampled(0.1, 1, 1)], epsilon)).toThrow(RangeError);
});

it("does not show, not even in its last digit, in which order the steps came", () => {
  // Added up in the order in which they come, their squares differ in the last digits.
  const all = [
    sampled(1, 7.433333333333334, 4),
    sampled(1, 1.4333333333333333, 7),
    sampled(1, 5.7666666666666675, 10),
    sampled(1, 10.1, 2),
  ];
  expect(pldEpsilon([...all].reverse(), 1e-5)).toBe(pldEpsilon(all, 1e-5));
});
