import { expect, it } from "vitest";
import type { ChargedHistory } from "../../../shared/accounting/charged-history.ts";
import { byAdversary, type PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";
import {
  joinedPasts,
  type ModelPast,
  pastDistance,
  spentWithPast,
  UNKNOWN_PAST,
  unsampledPast,
} from "../../../shared/accounting/model-past.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const gaussian = (noiseMultiplier: number, rate?: number): PrivacyEvent => ({
  mechanism: "gaussian",
  noiseMultiplier,
  sampling: rate === undefined ? { kind: "full" } : { kind: "poisson", rate },
  adjacency: "zeroOut",
});

function history(byte: string, event: PrivacyEvent, distance = 0): ChargedHistory {
  return {
    runId: byte.repeat(16),
    planHash: byte.repeat(32),
    ledgerHash: byte.repeat(32),
    unit: "record",
    adjacency: "zeroOut",
    accountant: "gdp",
    delta: 1e-5,
    chargedDelta: 1e-5,
    population: 100,
    rowFactor: 1,
    distance,
    events: { ...byAdversary(() => [{ event, count: 2 }]), coordinator: [] },
  };
}
const past = (...histories: ChargedHistory[]): ModelPast => ({
  histories,
  trainedOn: [],
  unknown: false,
});
const rules = {
  unit: "record",
  adjacency: "zeroOut",
  accountant: "gdp",
  chargedDelta: 1e-5,
} as const;
const own = [{ event: gaussian(5), count: 3 }];

it("is spent beside a run's own events, as one composition", () => {
  const spent = spentWithPast(
    { ...rules, past: past(history("aa", gaussian(4))) },
    own,
    "modelRecipients",
  );
  const exact = exactGaussianEpsilon(Math.sqrt(2 / 16 + 3 / 25), 1e-5);
  expect(spent).toBeGreaterThanOrEqual(exact * (1 - 1e-12));
  expect(spent).toBeCloseTo(exact, 6);
  // It cost nothing against who saw nothing of it; without a past the run's own events alone count.
  const alone = exactGaussianEpsilon(Math.sqrt(3 / 25), 1e-5);
  expect(
    spentWithPast({ ...rules, past: past(history("aa", gaussian(4))) }, own, "coordinator"),
  ).toBeCloseTo(alone, 6);
  expect(spentWithPast(rules, own, "modelRecipients")).toBeCloseTo(alone, 6);
});

it("promises nothing where weights are of unknown rows, or beyond epsilon 40", () => {
  expect(spentWithPast({ ...rules, past: UNKNOWN_PAST }, own, "modelRecipients")).toBe(Infinity);
  const costly = (noise: number) =>
    spentWithPast({ ...rules, past: past(history("aa", gaussian(noise))) }, [], "modelRecipients");
  // Of two steps, mu is sqrt(2) / noise: epsilon is 43 at the one and 36 at the other.
  expect(gaussianEpsilon(Math.SQRT2 / 0.235, 1e-5)).toBeGreaterThan(40);
  expect(costly(0.235)).toBe(Infinity);
  expect(costly(0.265)).toBeCloseTo(gaussianEpsilon(Math.SQRT2 / 0.265, 1e-5), 6);
  expect(costly(0.265)).toBeLessThan(40);
});

it("of units that were drawn for sure has every step's whole batch, and the rest as it is", () => {
  const before = past(history("aa", gaussian(4, 0.1), 1e-9), history("bb", { mechanism: "none" }));
  const sure = unsampledPast({ ...before, trainedOn: ["maps"] });
  expect(sure).toEqual({
    ...past(history("aa", gaussian(4), 1e-9), history("bb", { mechanism: "none" })),
    trainedOn: ["maps"],
  });
  expect(unsampledPast(undefined)).toBeUndefined();
});

it("adds up what its noise lacks, and each run, word and doubt once", () => {
  const [a, b] = [history("aa", gaussian(4), 1e-9), history("bb", gaussian(6), 2e-9)];
  expect(pastDistance(past(a, b))).toBe(1e-9 + 2e-9);
  expect(pastDistance(undefined)).toBe(0);
  const [one, other] = [
    { ...past(a), trainedOn: ["maps", "books"] },
    { ...past(a, b), trainedOn: ["books"] },
  ];
  expect(joinedPasts([one, other])).toEqual({ ...past(a, b), trainedOn: ["maps", "books"] });
  expect(joinedPasts([one], [b]).histories).toEqual([a, b]);
  expect(joinedPasts([one, UNKNOWN_PAST]).unknown).toBe(true);
});
