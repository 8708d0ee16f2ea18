import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deltaAfterTable,
  type Repeated,
  spendDelta,
  spendEpsilon,
  spentDelta,
  spentEpsilon,
} from "../../../shared/accounting/compose.ts";
import {
  ACCOUNTANTS,
  type Adjacency,
  type MechanismEvent,
  type Sampler,
} from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianDelta, gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";
import { epsilonFromRho } from "../../../shared/accounting/mechanisms/zcdp.ts";
import { pldDelta, pldEpsilon } from "../../../shared/accounting/pld/pld.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { allowed, golden } from "../../support/accounting-vectors.ts";
import { effort } from "../../support/effort.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";
import { logUniform } from "../../support/properties.ts";

const full: Sampler = { kind: "full" };
const poisson = (rate: number): Sampler => ({ kind: "poisson", rate });
const gaussian = (
  noiseMultiplier: number,
  sampling: Sampler = full,
  adjacency: Adjacency = "zeroOut",
): MechanismEvent => ({ mechanism: "gaussian", noiseMultiplier, sampling, adjacency });
const laplace = (noiseMultiplier: number): MechanismEvent => ({
  mechanism: "laplace",
  noiseMultiplier,
  adjacency: "zeroOut",
});
const times = (count: number, event: MechanismEvent): Repeated => ({ event, count });

describe("golden heterogeneous_composition, by RDP", () => {
  it.each(golden.sections.heterogeneous_composition)(
    "$id: $inputs",
    ({ inputs, expected, tolerance }) => {
      const { rdp_rel: rel, rdp_abs: abs } = tolerance;
      const [low, high] = allowed(expected.epsilon_rdp_improved, { rel, abs });
      const events = inputs.phases.map(({ q, sigma, steps }) =>
        times(steps, gaussian(sigma, poisson(q))),
      );
      expect(spentEpsilon("rdp", events, inputs.delta)).toBeGreaterThanOrEqual(low);
      expect(spentEpsilon("rdp", events, inputs.delta)).toBeLessThanOrEqual(high);
    },
  );
});

describe("golden discrete_gaussian, by zCDP over its steps", () => {
  it.each(ofKind(goldenMechanisms.zcdp, "discrete_gaussian"))(
    "$id: $inputs",
    ({ inputs: { l2_sensitivity, sigma, steps, delta }, expected, tolerance }) => {
      const event = {
        mechanism: "discreteGaussian",
        noiseMultiplier: sigma / l2_sensitivity,
        sampling: full,
        adjacency: "zeroOut",
      } as const;
      const [low, high] = allowed(expected.epsilon, tolerance);
      const epsilon = spentEpsilon("zcdp", [times(steps, event)], delta);
      expect(epsilon).toBeGreaterThanOrEqual(low);
      expect(epsilon).toBeLessThanOrEqual(high);
      // All orders are better than some.
      expect(spentEpsilon("rdp", [times(steps, event)], delta)).toBeGreaterThanOrEqual(epsilon);
      expect(() => spentEpsilon("pld", [times(steps, event)], delta)).toThrow(/expected rdp, zcdp/);
    },
  );
});

describe("golden fixed_size_sampling_wor, over many steps", () => {
  const cases = goldenMechanisms.fixed_size_sampling_wor.flatMap(
    ({ id, inputs, expected, tolerance }) =>
      "steps" in inputs && "optimal_order" in expected ? [{ id, inputs, expected, tolerance }] : [],
  );
  it.each(cases)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { dataset_size: population, sample_size: size, sigma, steps, delta } = inputs;
    // The golden sigma is per replaced unit, that is per two clip norms.
    const event = gaussian(2 * sigma, { kind: "fixedSize", size, population }, "replaceOne");
    const { epsilon, order } = spendEpsilon({ accountant: "rdp" }, [times(steps, event)], delta);
    const [low, high] = allowed(expected.epsilon, tolerance);
    expect(epsilon).toBeGreaterThanOrEqual(low);
    expect(epsilon).toBeLessThanOrEqual(high);
    expect(order).toBe(expected.optimal_order);
  });
});

it("gdp composes unlike full steps to the exact Gaussian of their summed mu²", () => {
  const events = [times(30, gaussian(10)), times(10, gaussian(5))];
  const exact = gaussianEpsilon(Math.sqrt(30 / 100 + 10 / 25), 1e-5);
  expect(spentEpsilon("gdp", events, 1e-5)).toBeCloseTo(exact, 12);
  // The golden true estimate of the same two phases (het-s006).
  expect(spentEpsilon("gdp", events, 1e-5)).toBeCloseTo(3.5649136917, 9);
});

describe.each(ACCOUNTANTS)("%s", (accountant) => {
  it("spends nothing on no events, or on events that happened 0 times", () => {
    expect(spentEpsilon(accountant, [], 1e-5)).toBe(0);
    const never = [times(0, gaussian(1)), times(0, { mechanism: "none" })];
    expect(spentEpsilon(accountant, never, 1e-5)).toBe(0);
    expect(spentEpsilon(accountant, never, 1e-200)).toBe(0);
    // No theorem of that accountant is asked for one that did not happen.
    const fixed: Sampler = { kind: "fixedSize", size: 3, population: 10 };
    const unmet = [times(2, gaussian(9)), times(0, gaussian(9, fixed, "replaceOne"))];
    expect(spentEpsilon(accountant, unmet, 1e-5)).toBe(
      spentEpsilon(accountant, unmet.slice(0, 1), 1e-5),
    );
  });

  it("spends everything on one bare release, and on one without noise", () => {
    const bare = [times(3, gaussian(25)), times(1, { mechanism: "none" })];
    expect(spentEpsilon(accountant, bare, 1e-5)).toBe(Infinity);
    expect(spentEpsilon(accountant, [times(1, gaussian(0))], 1e-5)).toBe(Infinity);
    expect(spentDelta(accountant, bare, 2)).toBe(1);
  });

  it("adds a tree up with the rest: its depth in full batches", () => {
    const tree: MechanismEvent = {
      mechanism: "treeAggregation",
      noiseMultiplier: 9,
      treeSizes: [100, 3],
      adjacency: "zeroOut",
    };
    const events = [times(2, tree), times(4, gaussian(25))];
    const same = [times(14, gaussian(9)), times(4, gaussian(25))];
    expect(spentEpsilon(accountant, events, 1e-5)).toBe(spentEpsilon(accountant, same, 1e-5));
  });

  it("delta is the inverse of epsilon, and falls with it", () => {
    const events = [times(20, gaussian(12)), times(3, gaussian(7))];
    for (const delta of [1e-9, 1e-5, 1e-2]) {
      const epsilon = spentEpsilon(accountant, events, delta);
      expect(spentDelta(accountant, events, epsilon) / delta).toBeCloseTo(1, 3);
      expect(spentDelta(accountant, events, 1.01 * epsilon)).toBeLessThan(delta);
    }
    expect(spentDelta(accountant, [], 1)).toBe(0);
    for (const bad of [-1, Number.NaN, Infinity]) {
      expect(() => spentDelta(accountant, events, bad)).toThrow(RangeError);
    }
  });

  it("doesn't mind how equal events are grouped, or in which order they come", () => {
    const [a, b] = [gaussian(12), gaussian(7)];
    const whole = spentEpsilon(accountant, [times(9, a), times(4, b)], 1e-6);
    const parts = [times(4, b), times(2, a), times(7, a)];
    expect(spentEpsilon(accountant, parts, 1e-6)).toBeCloseTo(whole, 12);
  });

  it.each([-1, 0.5, Number.NaN, Infinity])("refuses a count of %d", (count) => {
    expect(() => spentEpsilon(accountant, [times(count, gaussian(1))], 1e-5)).toThrow(RangeError);
  });

  it("refuses a delta that is none, and noise that is none", () => {
    expect(() => spentEpsilon(accountant, [], 0)).toThrow(RangeError);
    expect(() => spentEpsilon(accountant, [times(1, gaussian(-2))], 1e-5)).toThrow(RangeError);
    expect(() => spentEpsilon(accountant, [times(1, gaussian(Number.NaN))], 1e-5)).toThrow(
      RangeError,
    );
  });
});

it("gdp refuses sampled steps: the central limit formula is no bound", () => {
  const events = [times(1, gaussian(2)), times(5, gaussian(2, poisson(0.1)))];
  expect(() => spentEpsilon("gdp", events, 1e-5)).toThrow(BudgetError);
  expect(() => spentEpsilon("gdp", events, 1e-5)).toThrow(/gdp for poisson sampling/);
});

const deltas = logUniform(1e-12, 1e-2);
const runs = fc.record({
  rate: logUniform(1e-6, 1),
  noise: logUniform(0.2, 200),
  steps: logUniform(1, 1e6).map(Math.round),
  delta: deltas,
});

/** Runs of a property: a distribution takes milliseconds to compose. */
const numRuns = { gdp: 100, zcdp: 100, rdp: effort(25, 50), pld: effort(3, 8) };
/** What rounding, and for pld the choice of a grid, may hide of a comparison. */
const slack = { gdp: 0, zcdp: 1e-12, rdp: 0, pld: 1e-3 };

it.each(ACCOUNTANTS)(
  "%s: grows with steps, rate and 1 / delta, falls with noise; never NaN or below 0",
  (accountant) => {
    const sampled = accountant === "rdp" || accountant === "pld";
    fc.assert(
      fc.property(runs, ({ rate, noise, steps, delta: drawn }) => {
        // Below 1e-9 the grid of the rarest samples is coarse: still a bound, not yet monotone.
        const delta = accountant === "pld" ? Math.max(1e-9, drawn) : drawn;
        const spent = (count: number, z: number, q: number, d: number) =>
          spentEpsilon(accountant, [times(count, gaussian(z, poisson(sampled ? q : 1)))], d);
        const epsilon = spent(steps, noise, rate, delta);
        expect(epsilon).toBeGreaterThanOrEqual(0);
        expect(epsilon).toBeLessThan(Infinity);
        const least = epsilon * (1 - slack[accountant]) - slack[accountant];
        const most = epsilon * (1 + slack[accountant]) + slack[accountant];
        expect(spent(2 * steps, noise, rate, delta)).toBeGreaterThanOrEqual(least);
        expect(spent(steps, noise, Math.min(1, 1.5 * rate), delta)).toBeGreaterThanOrEqual(least);
        expect(spent(steps, 1.2 * noise, rate, delta)).toBeLessThanOrEqual(most);
        expect(spent(steps, noise, rate, 2 * delta)).toBeLessThanOrEqual(most);
        const back = spentDelta(accountant, [times(steps, gaussian(noise, poisson(1)))], 3);
        expect(back).toBeGreaterThanOrEqual(0);
        expect(back).toBeLessThanOrEqual(1);
      }),
      { numRuns: numRuns[accountant] },
    );
  },
);

it("on full batches gdp is never above zcdp, nor zcdp above rdp", () => {
  fc.assert(
    fc.property(runs, ({ noise, steps, delta }) => {
      const events = [times(steps, gaussian(noise))];
      const [gdp, zcdp, rdp] = (["gdp", "zcdp", "rdp"] as const).map((accountant) =>
        spentEpsilon(accountant, events, delta),
      );
      expect(gdp).toBeLessThanOrEqual(zcdp ?? Number.NaN);
      expect(zcdp).toBeLessThanOrEqual((rdp ?? Number.NaN) * (1 + 1e-12) + 1e-12);
    }),
  );
});

it("pld is never above what no sampling costs, however many steps there are at a rate near 1", () => {
  const steps = (rate: number) => [times(999_973, gaussian(12.1, poisson(rate)))];
  for (const rate of [0.9997, 1]) {
    expect(spentEpsilon("pld", steps(rate), 1e-2)).toBeLessThanOrEqual(
      spentEpsilon("gdp", steps(1), 1e-2),
    );
    expect(spentDelta("pld", steps(rate), 3590)).toBeLessThanOrEqual(
      spentDelta("gdp", steps(1), 3590),
    );
  }
});

it("pld is never above rdp, whatever is composed", () => {
  fc.assert(
    fc.property(runs, runs, ({ rate, noise, steps, delta }, other) => {
      const events = [
        times(steps, gaussian(noise, poisson(rate))),
        times(3, gaussian(other.noise)),
        times(2, laplace(10 * other.noise)),
      ];
      expect(spentEpsilon("pld", events, delta)).toBeLessThanOrEqual(
        spentEpsilon("rdp", events, delta) * (1 + 1e-12),
      );
    }),
    { numRuns: effort(3, 8) },
  );
});

it.each(ACCOUNTANTS)("%s: composition commutes, and splits into parts", (accountant) => {
  const kinds = fc.constantFrom(
    gaussian(3),
    gaussian(11),
    { mechanism: "treeAggregation", noiseMultiplier: 6, treeSizes: [9], adjacency: "zeroOut" },
    ...(accountant === "gdp" ? [] : [laplace(20), laplace(7)]),
    ...(accountant === "gdp" || accountant === "zcdp" ? [] : [gaussian(1.5, poisson(0.05))]),
  ) as fc.Arbitrary<MechanismEvent>;
  const lists = fc.array(fc.record({ event: kinds, count: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(lists, (events) => {
      const epsilon = spentEpsilon(accountant, events, 1e-6);
      const parts = events.flatMap(({ event, count }) => [
        times(count - 1, event),
        times(1, event),
      ]);
      for (const again of [events.toReversed(), parts]) {
        expect(spentEpsilon(accountant, again, 1e-6) / epsilon).toBeCloseTo(1, 9);
      }
    }),
    { numRuns: Math.ceil(numRuns[accountant] / 2) },
  );
});

describe("pure mechanisms", () => {
  it("by rdp cost at most the sum of their epsilons, which is order infinity", () => {
    // 100 × 0.5, which one library reports as one.
    const event = { mechanism: "exponential", epsilonPerStep: 0.5, adjacency: "zeroOut" } as const;
    const one = spendEpsilon({ accountant: "rdp" }, [times(1, event)], 1e-5);
    expect(one).toEqual({ epsilon: expect.closeTo(0.5, 12), order: Infinity });
    const many = spendEpsilon({ accountant: "rdp" }, [times(100, event)], 1e-5);
    // rho = 100 / 32: between that of all orders and the sum.
    expect(many.epsilon).toBeGreaterThanOrEqual(epsilonFromRho(100 / 32, 1e-5).epsilon);
    expect(many.epsilon).toBeLessThan(epsilonFromRho(100 / 32, 1e-5).epsilon * 1.001);
    expect(spendDelta({ accountant: "rdp" }, [times(3, event)], 1.6)).toEqual({
      delta: 0,
      order: Infinity,
    });
    expect(spentDelta("rdp", [times(3, event)], 1.4)).toBeGreaterThan(0);
  });

  it("by pld cost a Laplace step alone exactly what it does", () => {
    const events = [times(1, laplace(2))];
    expect(spentDelta("pld", events, 0.1)).toBeCloseTo(-Math.expm1(-0.2), 12);
    expect(spentDelta("pld", events, 0.5000001)).toBe(0);
    expect(spentEpsilon("pld", events, 1e-3)).toBeCloseTo(0.5 + 2 * Math.log1p(-1e-3), 11);
    expect(spentEpsilon("pld", events, 0.3)).toBe(0);
  });

  it("by pld cost a response alone what its odds say, a selection no less than one of two", () => {
    const response = {
      mechanism: "randomizedResponse",
      categories: 4,
      epsilonPerStep: 1.2,
      adjacency: "zeroOut",
    } as const;
    // Truth under one table, one of three others under its neighbour.
    const [e, own] = [Math.exp(0.5), Math.exp(1.2)];
    const delta = spentDelta("pld", [times(1, response)], 0.5);
    expect(delta).toBeCloseTo((own - e) / (own + 3), 12);
    const exponential = { ...response, mechanism: "exponential" } as const;
    const selected = spentDelta("pld", [times(1, exponential)], 0.5);
    expect(selected).toBeCloseTo((own - e) / (own + 1), 12);
  });

  it("by pld are added to the Gaussian steps, or all go by rdp where that proves more", () => {
    const steps = [{ rate: 0.01, noiseMultiplier: 1.1, count: 500 }];
    const sampled = times(500, gaussian(1.1, poisson(0.01)));
    const few = [sampled, times(1, laplace(10))];
    const added = pldEpsilon(steps, 1e-5) + 0.1;
    expect(spentEpsilon("pld", few, 1e-5)).toBeCloseTo(added, 9);
    expect(spentEpsilon("pld", few, 1e-5)).toBeGreaterThanOrEqual(added);
    expect(spentEpsilon("pld", few.toReversed(), 1e-5)).toBe(spentEpsilon("pld", few, 1e-5));
    expect(spentDelta("pld", few, 1.5) / pldDelta(steps, 1.4)).toBeCloseTo(1, 9);
    expect(spentDelta("pld", few, 0.05)).toBeLessThanOrEqual(1);
    const many = [sampled, times(400, laplace(20))];
    expect(spentEpsilon("pld", many, 1e-5)).toBe(spentEpsilon("rdp", many, 1e-5));
    expect(spentEpsilon("pld", many, 1e-5)).toBeLessThan(20);
  });

  it("cost everything where the answer is always true, or noise hides nothing", () => {
    const truth = {
      mechanism: "randomizedResponse",
      categories: 3,
      epsilonPerStep: Infinity,
      adjacency: "zeroOut",
    } as const;
    for (const event of [truth, gaussian(1e-144, poisson(1e-3)), laplace(0)]) {
      const events = [times(1, event), times(2, gaussian(3, poisson(0.1)))];
      for (const list of [events, events.slice(0, 1)]) {
        expect(spentEpsilon("pld", list, 1e-5)).toBe(Infinity);
        expect(spentDelta("pld", list, 5)).toBe(1);
      }
    }
  });

  it("have no mu: gdp refuses them", () => {
    expect(() => spentEpsilon("gdp", [times(1, laplace(2))], 1e-5)).toThrow(/rdp, pld, zcdp/);
  });
});

it("the classical conversion is looser, for rdp both ways", () => {
  const events = [times(100, gaussian(8, poisson(0.1)))];
  const [improved, classical] = (["improved", "classical"] as const).map((conversion) => ({
    epsilon: spendEpsilon({ accountant: "rdp", conversion }, events, 1e-5).epsilon,
    delta: spendDelta({ accountant: "rdp", conversion }, events, 1).delta,
  }));
  expect(improved?.epsilon).toBeLessThan(classical?.epsilon ?? Number.NaN);
  expect(improved?.delta).toBeLessThan(classical?.delta ?? Number.NaN);
  expect(spentEpsilon("rdp", events, 1e-5)).toBe(improved?.epsilon);
});

it("gdp tells the exact delta", () => {
  const events = [times(30, gaussian(10)), times(10, gaussian(5))];
  expect(spentDelta("gdp", events, 1.7)).toBe(gaussianDelta(Math.sqrt(0.3 + 0.4), 1.7));
});

it("remembers curves without mixing them up, past the number that it keeps", () => {
  const once = (i: number) =>
    spentEpsilon("rdp", [times(50, gaussian(1 + i / 100, poisson(0.01)))], 1e-5);
  const first = Array.from({ length: 80 }, (_, i) => once(i));
  const again = Array.from({ length: 80 }, (_, i) => once(79 - i)).reverse();
  expect(again).toEqual(first);
  // All different, and falling with the noise.
  expect(first).toEqual([...new Set(first)].sort((a, b) => b - a));
});

describe("deltaAfterTable", () => {
  it("takes distance · (1 + e^epsilon) off, rounded down", () => {
    const left = deltaAfterTable(1e-5, 1e-7, 3);
    expect(left).toBeLessThan(1e-5 - 1e-7 * (1 + Math.exp(3)));
    expect(left).toBeCloseTo(1e-5 - 1e-7 * (1 + Math.exp(3)), 18);
  });

  it("takes something off even where the difference is beyond a double's digits", () => {
    expect(deltaAfterTable(1e-5, 1e-30, 1)).toBeLessThan(1e-5);
    expect(deltaAfterTable(1e-5, 0, 1)).toBe(1e-5);
  });

  it("refuses when nothing is left", () => {
    expect(() => deltaAfterTable(1e-5, 1e-7, 6)).toThrow(BudgetError);
    expect(() => deltaAfterTable(1e-5, 1e-30, 1000)).toThrow(BudgetError);
    expect(() => deltaAfterTable(1e-5, Number.NaN, 1)).toThrow(RangeError);
  });
});
