import { expect, it } from "vitest";
import {
  costIn,
  costOf,
  epsilonOf,
  formatOf,
  mostOf,
  sumOf,
  timesOf,
} from "../../../client/ledger/client-ledger-line.ts";
import { gaussianRho } from "../../../shared/accounting/mechanisms/zcdp.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { countTerms } from "../../../shared/privacy/counts.ts";
import { planWith } from "../../support/plans.ts";

it("is ρ = 1 / 2z² of the plan's noise, and the distance of each of its draws", () => {
  const plan = planWith();
  const { rho, distance } = costOf(plan);
  expect(rho).toBeCloseTo(1 / (2 * plan.noiseMultiplier ** 2), 12);
  expect(distance).toBeCloseTo(11 * tableDistance(plan.noiseStddev), 45);
});

it("counts the noise on the bits where the clip norm adapts", () => {
  const bounds = [0.1, 8] as const;
  const adaptiveClipping = { quantile: 0.5, learningRate: 0.2, bounds, bitNoise: 50_000 };
  const plan = planWith({ adaptiveClipping, parameters: 1 });
  const due = tableDistance(plan.noiseStddev) + tableDistance(100_000);
  expect(costOf(plan).distance / due).toBeCloseTo(1, 9);
});

it("holds against the coordinator under local, and for counts whatever the model's trust", () => {
  const local = planWith({ trust: "local" });
  expect(costOf(local).rho).toBeCloseTo(1 / (2 * local.noiseMultiplier ** 2), 12);
  const counts = { statistics: null, evaluation: { noiseMultiplier: 30, every: 1 } };
  const central = planWith({ counts });
  const evaluation = { ...countTerms(central, "evaluation"), rawFactor: central.rawFactor };
  expect(costOf(evaluation).rho).toBeCloseTo(1 / 1800, 12);
});

it("is twice as near under replaceOne, and no less where a sample would amplify", () => {
  const stated = { targetEpsilon: null, statedNoise: 4 } as const;
  const [zero, replaced] = [planWith(stated), planWith({ ...stated, adjacency: "replaceOne" })];
  expect(costOf(replaced).rho).toBeCloseTo(4 * costOf(zero).rho, 12);
  const sampling = { kind: "poisson", rate: 0.01 } as const;
  expect(costOf(planWith({ ...stated, sampling, accountant: "pld" })).rho).toBe(costOf(zero).rho);
});

it("is k² times as much where one raw row moves k, and has no bound where it moves any number", () => {
  const [one, five, any] = [1, 5, null].map((rawFactor) => costOf(planWith({ rawFactor })));
  expect(five?.rho).toBeGreaterThanOrEqual(25 * (one?.rho ?? NaN));
  expect(five?.rho).toBeCloseTo(25 * (one?.rho ?? NaN), 12);
  expect(five?.distance).toBe(one?.distance);
  expect(any?.rho).toBe(Infinity);
});

it("has no bound without noise", () => {
  const none = costOf(planWith({ trust: "none", targetEpsilon: null }));
  expect(none.rho).toBe(Infinity);
  expect(epsilonOf(none, { epsilon: 1, delta: 1e-5 })).toBe(Infinity);
});

it("adds up, each sum rounded up, and takes the table's distance off the owner's delta", () => {
  const sum = sumOf({ rho: 0.1, distance: 1e-30 }, { rho: 0.2, distance: 2e-30 });
  expect(sum.rho).toBeGreaterThan(0.1 + 0.2);
  expect(sum.rho).toBeCloseTo(0.3, 14);
  expect(sum.distance).toBeGreaterThanOrEqual(3e-30);
  expect(sum.distance / 3e-30).toBeCloseTo(1, 12);
  const [far, near] = [1e-6, 0].map((distance) =>
    epsilonOf({ rho: 0.3, distance }, { epsilon: 1, delta: 1e-5 }),
  );
  expect(far).toBeGreaterThan((near ?? Infinity) * 1.01);
  // More distance than delta: nothing is promised.
  expect(epsilonOf({ rho: 0.3, distance: 1e-5 }, { epsilon: 1, delta: 1e-5 })).toBe(Infinity);
});

it("so many times is never a bit less than as often, and hardly more; no times is nothing", () => {
  // Any double from 2^-20 on times 2^80 is a whole number.
  const exact = (x: number) => BigInt(x * 2 ** 80);
  for (let i = 1; i < 400; i++) {
    const [x, count] = [1 / (3 * i), 2 * i + 1];
    const { rho, distance } = timesOf({ rho: x, distance: x / 2 }, count);
    expect(exact(rho) >= exact(x) * BigInt(count)).toBe(true);
    expect(exact(distance) >= exact(x / 2) * BigInt(count)).toBe(true);
    expect(rho).toBeLessThan(x * count * (1 + 4 * Number.EPSILON));
  }
  expect(timesOf({ rho: Infinity, distance: 1 }, 0)).toEqual({ rho: 0, distance: 0 });
});

it("is rho as the accountant rounds it where a raw row is one row, and not an ulp more", () => {
  const plan = planWith();
  expect(costOf(plan).rho).toBe(gaussianRho(plan.noiseMultiplier));
});

it("takes of two costs the larger part of each, and an unbounded one as unbounded", () => {
  const [a, b] = [
    { rho: 0.1, distance: 3e-30 },
    { rho: 0.2, distance: 1e-30 },
  ];
  for (const most of [mostOf(a, b), mostOf(b, a)])
    expect(most).toEqual({ rho: 0.2, distance: 3e-30 });
  const entry = { kind: "participation", planHash: "", runId: "", round: 0, attempt: 0 } as const;
  expect(costIn({ ...entry, trust: "none", rho: null, distance: 0 }).rho).toBe(Infinity);
});

it("lets what is no cost through as a mistake, not as no bound", () => {
  expect(() => epsilonOf({ rho: 1, distance: Number.NaN }, { epsilon: 1, delta: 1e-5 })).toThrow(
    RangeError,
  );
});

it("knows a run by 32 hex digits and no more", () => {
  const { schema } = formatOf("anna");
  const begun = (runId: string) =>
    schema.safeParse({ kind: "begun", runId, round: 0, attempt: 0 }).success;
  const runId = "0a".repeat(16);
  expect([runId, `${runId}0`, `0${runId}`, runId.toUpperCase()].map(begun)).toEqual([
    ...[true, false, false, false],
  ]);
});
