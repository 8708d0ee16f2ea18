import { describe, expect, it } from "vitest";
import { type Charge, chargeOf } from "../../../shared/accounting/charge.ts";
import {
  ADJACENCIES,
  type Adjacency,
  type MechanismEvent,
  type Sampler,
} from "../../../shared/accounting/mechanisms/event.ts";
import {
  fixedSizeCurve,
  knownSampleCurve,
} from "../../../shared/accounting/mechanisms/fixed-size-rdp.ts";
import {
  epsilonFromRdp,
  ORDERS,
  sampledGaussianCurve,
} from "../../../shared/accounting/mechanisms/rdp.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { allowed } from "../../support/accounting-vectors.ts";
import { goldenMechanisms } from "../../support/mechanism-vectors.ts";

const full: Sampler = { kind: "full" };
const poisson: Sampler = { kind: "poisson", rate: 0.02 };
const fixedSize: Sampler = { kind: "fixedSize", size: 30, population: 1500 };

const gaussian = (noiseMultiplier: number, sampling: Sampler, adjacency: Adjacency) =>
  ({ mechanism: "gaussian", noiseMultiplier, sampling, adjacency }) as const;
const discrete = (noiseMultiplier: number, sampling: Sampler, adjacency: Adjacency) =>
  ({ mechanism: "discreteGaussian", noiseMultiplier, sampling, adjacency }) as const;
const distributed = (l2Sensitivity: number, sampling: Sampler, adjacency: Adjacency) =>
  ({
    mechanism: "distributedDiscreteGaussian",
    clients: 12,
    sigma: 0.9,
    dimension: 50,
    l2Sensitivity,
    sampling,
    adjacency,
  }) as const;
const tree = (treeSizes: readonly number[], adjacency: Adjacency = "zeroOut") =>
  ({ mechanism: "treeAggregation", noiseMultiplier: 5, treeSizes, adjacency }) as const;

/** What a charge says in numbers alone. */
function numbers({ gaussian, curve, rho, pure }: Charge) {
  return { gaussian, curve: curve(), rho, pure };
}

describe("golden tree_aggregation", () => {
  it.each(goldenMechanisms.tree_aggregation)("$id: $inputs", ({ inputs, expected, tolerance }) => {
    const { sigma: noiseMultiplier, steps: treeSizes, alpha, delta } = inputs;
    const charge = chargeOf({ ...tree(treeSizes), noiseMultiplier });
    expect(charge.gaussian?.count).toBe(expected.tree_depth);
    const [low, high] = allowed(expected.epsilon_rdp, tolerance);
    const rdp = charge.curve()[ORDERS.indexOf(alpha)];
    expect(rdp).toBeGreaterThanOrEqual(low);
    expect(rdp).toBeLessThanOrEqual(high);
    const { epsilon, order } = epsilonFromRdp(charge.curve(), delta);
    const [least, most] = allowed(expected.epsilon, tolerance);
    expect(epsilon).toBeGreaterThanOrEqual(least);
    expect(epsilon).toBeLessThanOrEqual(most);
    expect(order).toBe(expected.optimal_order);
  });
});

it("a tree costs its depth in full batches; of several trees the deepest", () => {
  const depth = (sizes: number[]) => chargeOf(tree(sizes)).gaussian?.count;
  expect([1, 2, 3, 4, 7, 8, 2 ** 40].map((size) => depth([size]))).toEqual([1, 2, 2, 3, 3, 4, 41]);
  expect(depth([3, 100, 5])).toBe(7);
  expect(chargeOf(tree([7])).rho).toBeCloseTo(3 / 50, 14);
  expect(() => chargeOf(tree([0]))).toThrow(RangeError);
  expect(() => chargeOf(tree([2.5]))).toThrow(RangeError);
});

describe("sensitivity", () => {
  it.each([
    ["gaussian", gaussian(6, full, "replaceOne"), gaussian(3, full, "zeroOut")],
    ["discreteGaussian", discrete(6, full, "replaceOne"), discrete(3, full, "zeroOut")],
    [
      "distributedDiscreteGaussian",
      { ...distributed(4, full, "replaceOne"), l1Sensitivity: 7 },
      { ...distributed(8, full, "zeroOut"), l1Sensitivity: 14 },
    ],
    [
      "treeAggregation",
      { ...tree([100], "replaceOne"), noiseMultiplier: 6 },
      { ...tree([100]), noiseMultiplier: 3 },
    ],
    [
      "laplace",
      { mechanism: "laplace", noiseMultiplier: 6, adjacency: "replaceOne" },
      { mechanism: "laplace", noiseMultiplier: 3, adjacency: "zeroOut" },
    ],
    [
      "exponential",
      { mechanism: "exponential", epsilonPerStep: 0.4, adjacency: "replaceOne" },
      { mechanism: "exponential", epsilonPerStep: 0.8, adjacency: "zeroOut" },
    ],
  ] satisfies [string, MechanismEvent, MechanismEvent][])(
    "of %s doubles under replaceOne",
    (_, replaced, zeroed) => {
      expect(numbers(chargeOf(replaced))).toEqual(numbers(chargeOf(zeroed)));
    },
  );

  it("of a randomised response is in its odds, whichever answer stands instead", () => {
    const event = { mechanism: "randomizedResponse", categories: 4, epsilonPerStep: 0.7 } as const;
    const replaced = numbers(chargeOf({ ...event, adjacency: "replaceOne" }));
    expect(replaced).toEqual(numbers(chargeOf({ ...event, adjacency: "zeroOut" })));
    expect(replaced.pure).toBe(0.7);
    // Truth 0.402, others 0.199: what the odds give at order 2 by hand.
    const [truth, other] = [Math.exp(0.7) / (Math.exp(0.7) + 3), 1 / (Math.exp(0.7) + 3)];
    const moment = truth ** 2 / other + other ** 2 / truth + 2 * other;
    expect(replaced.curve[ORDERS.indexOf(2)]).toBeCloseTo(Math.log(moment), 11);
  });
});

describe("a sample of fixed size", () => {
  it.each([
    ["gaussian", gaussian],
    ["discreteGaussian", discrete],
    ["distributedDiscreteGaussian", distributed],
  ] as const)("counts as all of %s under zeroOut", (_, event) => {
    expect(numbers(chargeOf(event(3, fixedSize, "zeroOut")))).toEqual(
      numbers(chargeOf(event(3, full, "zeroOut"))),
    );
  });

  it("counts as all, and another unit in the place of the removed one, under addOrRemove", () => {
    for (const event of [gaussian, discrete, distributed]) {
      expect(numbers(chargeOf(event(3, fixedSize, "addOrRemove")))).toEqual(
        numbers(chargeOf(event(3, full, "replaceOne"))),
      );
    }
    // Tables (1/2, -1/2) and (-1/2), one unit drawn: halfway between N(1/2, z²) and N(-1/2, z²), from
    // N(-1/2, z²). At noise 0.4 and order 8 that is more than a full batch at sensitivity 1/2 costs.
    const half = Math.exp((8 * 7) / (2 * 0.4 ** 2)) / 2 ** 8;
    const truth = Math.log(half) / 7;
    const [atOnce, twice] = (["zeroOut", "addOrRemove"] as const).map(
      (adjacency) => chargeOf(gaussian(0.8, fixedSize, adjacency)).curve()[ORDERS.indexOf(8)],
    );
    expect(truth).toBeGreaterThan(atOnce ?? Number.NaN);
    expect(truth).toBeLessThan(twice ?? Number.NaN);
  });

  it("amplifies under replaceOne, for rdp alone, at noise per two clip norms", () => {
    const charge = chargeOf(gaussian(6, fixedSize, "replaceOne"));
    expect(charge.curve()).toEqual(fixedSizeCurve({ noiseMultiplier: 3, fraction: 0.02 }));
    expect(charge.gaussian).toBeUndefined();
    expect(charge.rho).toBeUndefined();
  });
});

it("a Poisson sample amplifies the Gaussian alike under zeroOut and addOrRemove", () => {
  for (const adjacency of ["zeroOut", "addOrRemove"] as const) {
    const charge = chargeOf(gaussian(3, poisson, adjacency));
    expect(charge.gaussian).toEqual({ rate: 0.02, noiseMultiplier: 3, count: 1 });
    expect(charge.curve()).toEqual(sampledGaussianCurve(0.02, 3));
    expect(charge.rho).toBeUndefined();
  }
});

it("a Poisson sample at rate 1 is the full batch, under every adjacency", () => {
  for (const adjacency of ADJACENCIES) {
    const sampled = chargeOf(gaussian(3, { kind: "poisson", rate: 1 }, adjacency));
    expect(numbers(sampled)).toEqual(numbers(chargeOf(gaussian(3, full, adjacency))));
  }
});

describe("refuses, since no theorem covers it:", () => {
  it.each([
    ["Poisson sampling under replaceOne", gaussian(3, poisson, "replaceOne"), /addOrRemove/],
    ["Poisson-sampled discrete noise", discrete(3, poisson, "zeroOut"), /full sampling/],
    ["Poisson-sampled distributed noise", distributed(3, poisson, "zeroOut"), /full sampling/],
    ["discrete noise on a fixed size, replaced", discrete(3, fixedSize, "replaceOne"), /full/],
    [
      "distributed noise on a fixed size, replaced",
      distributed(3, fixedSize, "replaceOne"),
      /full/,
    ],
    [
      "distributed noise below half a step",
      { ...distributed(3, full, "zeroOut"), sigma: 0.4 },
      /0.5/,
    ],
    ["a tree that loses a leaf", tree([100], "addOrRemove"), /zeroOut or replaceOne/],
    [
      "a response that is not given",
      {
        mechanism: "randomizedResponse",
        categories: 3,
        epsilonPerStep: 1,
        adjacency: "addOrRemove",
      },
      /zeroOut or replaceOne/,
    ],
  ] satisfies [string, MechanismEvent, RegExp][])("%s", (_, event, expected) => {
    expect(() => chargeOf(event)).toThrow(BudgetError);
    expect(() => chargeOf(event)).toThrow(expected);
  });
});

it.each([
  ["gaussian", gaussian(0, full, "zeroOut")],
  ["sampled gaussian", gaussian(0, poisson, "zeroOut")],
  ["fixed size, replaced", gaussian(0, fixedSize, "replaceOne")],
  ["discreteGaussian", discrete(0, full, "zeroOut")],
  ["distributedDiscreteGaussian", { ...distributed(3, full, "zeroOut"), sigma: 0 }],
  ["treeAggregation", { ...tree([5]), noiseMultiplier: 0 }],
  ["laplace", { mechanism: "laplace", noiseMultiplier: 0, adjacency: "zeroOut" }],
  ["none", { mechanism: "none" }],
] satisfies [string, MechanismEvent][])("%s without noise costs everything", (_, event) => {
  expect(
    chargeOf(event)
      .curve()
      .every((rdp) => rdp === Infinity),
  ).toBe(true);
});

it.each([-1, Number.NaN])("refuses a noise multiplier or epsilon of %d", (bad) => {
  for (const event of [
    gaussian(bad, full, "zeroOut"),
    discrete(bad, full, "zeroOut"),
    { ...tree([5]), noiseMultiplier: bad },
    { mechanism: "laplace", noiseMultiplier: bad, adjacency: "zeroOut" },
    { mechanism: "exponential", epsilonPerStep: bad, adjacency: "zeroOut" },
  ] satisfies MechanismEvent[]) {
    expect(() => chargeOf(event)).toThrow(RangeError);
  }
});

describe("rows that one unit moves", () => {
  it.each([
    ["zeroOut", 5],
    ["replaceOne", 10],
  ] as const)("count as so many times the sensitivity under %s", (adjacency, times) => {
    const noise = 40;
    const rows = chargeOf({ ...gaussian(noise, full, adjacency), rows: 5 });
    expect(numbers(rows)).toEqual(numbers(chargeOf(gaussian(noise / times, full, "zeroOut"))));
    const shares = chargeOf({ ...distributed(3, full, adjacency), rows: 5 });
    expect(numbers(shares)).toEqual(numbers(chargeOf(distributed(3 * times, full, "zeroOut"))));
  });

  it("count as everybody's under a fixed size, which amplifies for one replaced unit alone", () => {
    const rows = chargeOf({ ...gaussian(40, fixedSize, "replaceOne"), rows: 5 });
    expect(numbers(rows)).toEqual(numbers(chargeOf(gaussian(4, full, "zeroOut"))));
  });

  it("are amplified as one where one coin brings all of them in", () => {
    const together = { kind: "poisson", rate: 0.02, rowsPerCoin: 5 } as const;
    const person = chargeOf({ ...gaussian(15, together, "zeroOut"), rows: 5 });
    expect(numbers(person)).toEqual(numbers(chargeOf(gaussian(3, poisson, "zeroOut"))));
    const fewer = chargeOf({ ...gaussian(6, together, "zeroOut"), rows: 2 });
    expect(numbers(fewer)).toEqual(numbers(chargeOf(gaussian(3, poisson, "zeroOut"))));
  });

  it.each([0, 1.5, -1, Number.NaN])("are a whole number, not %d", (rows) => {
    expect(() => chargeOf({ ...gaussian(4, full, "zeroOut"), rows })).toThrow(RangeError);
  });
});

it("takes noise shares from half a lattice step on, and refuses less", () => {
  const least = { ...distributed(1, full, "zeroOut"), sigma: 0.5 };
  expect(chargeOf(least).rho).toBeGreaterThan(0);
  expect(() => chargeOf({ ...least, sigma: 0.4999 })).toThrow("sigma of at least 0.5");
});

it("prices noise shares by the L1 norm where that is stated, which costs less", () => {
  const shares = { ...distributed(20, full, "zeroOut"), sigma: 0.6 };
  const stated = chargeOf({ ...shares, l1Sensitivity: 1 });
  expect(stated.rho).toBeLessThan((chargeOf(shares).rho ?? 0) * 0.999);
});

describe("a sum under addOrRemove", () => {
  it("costs as under zeroOut where all are in it", () => {
    expect(numbers(chargeOf({ ...gaussian(6, full, "addOrRemove"), rows: 3 }))).toEqual(
      numbers(chargeOf(gaussian(2, full, "zeroOut"))),
    );
  });

  it("of a fixed size costs for three rows what three cost that are replaced", () => {
    expect(numbers(chargeOf({ ...gaussian(12, fixedSize, "addOrRemove"), rows: 3 }))).toEqual(
      numbers(chargeOf(gaussian(2, full, "zeroOut"))),
    );
  });
});

it("a sample of fixed size costs more where the adversary knows some of its own in it", () => {
  const of = (sampling: Sampler) => chargeOf(gaussian(6, sampling, "replaceOne")).curve();
  const known = of({ ...fixedSize, known: 25 });
  const sample = { noiseMultiplier: 3, size: 30, population: 1500, known: 25 };
  expect(known).toEqual(knownSampleCurve(sample));
  const order = ORDERS.indexOf(8);
  expect(known[order]).toBeGreaterThan(of(fixedSize)[order] ?? Number.NaN);
});

it("the delta of a selection is that of a response of two answers", () => {
  const event = { mechanism: "exponential", epsilonPerStep: 0.8, adjacency: "zeroOut" } as const;
  // (e^ε₀ - e^ε) / (1 + e^ε₀), by hand from the odds e^ε₀ : 1.
  const delta = (epsilon: number) => (Math.exp(0.8) - Math.exp(epsilon)) / (1 + Math.exp(0.8));
  for (const epsilon of [0, 0.3, 0.79])
    expect(chargeOf(event).alone?.(epsilon)).toBeCloseTo(delta(epsilon), 12);
});

describe("Poisson draws of a unit's rows", () => {
  const drawn = (rows: number, rowsPerCoin?: number) =>
    chargeOf({
      ...gaussian(60, { kind: "poisson", rate: 0.02, rowsPerCoin }, "zeroOut"),
      rows,
    }).gaussian;

  it("are as many as bring all of them in, each by the rows of one draw", () => {
    const once = { rate: 0.02, count: 1 };
    expect(drawn(1)).toStrictEqual({ ...once, noiseMultiplier: 60 });
    expect(drawn(4)).toStrictEqual({ ...once, noiseMultiplier: 60, coins: 4 });
    expect(drawn(3, 3)).toStrictEqual({ ...once, noiseMultiplier: 20 });
    expect(drawn(2, 3)).toStrictEqual({ ...once, noiseMultiplier: 30 });
    expect(drawn(7, 3)).toStrictEqual({ ...once, noiseMultiplier: 20, coins: 3 });
    expect(drawn(6, 3)).toStrictEqual({ ...once, noiseMultiplier: 20, coins: 2 });
  });

  it("count as all of them beyond 4096", () => {
    expect(drawn(4_096)).toMatchObject({ rate: 0.02, noiseMultiplier: 60, coins: 4_096 });
    expect(drawn(4_097)).toStrictEqual({ rate: 1, noiseMultiplier: 60 / 4_097, count: 1 });
  });
});

describe("steps one after another", () => {
  const stepped = (sampling: Sampler, adjacency: "zeroOut" | "replaceOne", steps?: number) =>
    chargeOf({ ...gaussian(6, sampling, adjacency), steps });

  it("cost so many times one of them, rounded up where they are more than one", () => {
    const [once, three] = [stepped(full, "zeroOut"), stepped(full, "zeroOut", 3)];
    expect(once.rho).toBeCloseTo(1 / 72, 15);
    expect(stepped(full, "zeroOut", 1).rho).toBe(once.rho);
    expect(three.rho).toBeGreaterThan(3 * (once.rho ?? Number.NaN));
    expect(three.rho).toBeCloseTo(3 / 72, 15);
    expect(three.gaussian).toEqual({ rate: 1, noiseMultiplier: 6, count: 3 });
    expect(three.curve()[ORDERS.indexOf(4)]).toBeCloseTo((3 * 4) / 72, 14);
  });

  it("of a fixed size have no distribution of losses, however many", () => {
    expect(stepped(fixedSize, "replaceOne", 3)).not.toHaveProperty("gaussian");
    expect(stepped(fixedSize, "replaceOne", 3)).not.toHaveProperty("rho");
  });

  it.each([0, -1, 1.5, 0.5, Number.NaN, 2 ** 53])("are a whole number, not %d", (steps) => {
    expect(() => stepped(full, "zeroOut", steps)).toThrow(RangeError);
  });
});
