import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../../shared/errors.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import {
  countBins,
  countDistance,
  countLength,
  countReleases,
  countTerms,
  isEvaluated,
  NO_COUNTS,
} from "../../../shared/privacy/counts.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { longestUpdate, planPrivacy } from "../../../shared/privacy/plan.ts";
import type { Counts } from "../../../shared/privacy/terms.ts";
import { planWith, termsWith } from "../../support/plans.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const counts: Counts = {
  statistics: {
    noiseMultiplier: 10,
    classes: 2,
    histograms: [
      { input: 0, bins: 30 },
      { input: 3, bins: 20 },
    ],
  },
  evaluation: { noiseMultiplier: 12.5, every: 3 },
};

it("are released once before, and after every so many rounds", () => {
  const plan = planWith({ counts });
  expect(countReleases(plan)).toEqual([
    { task: "statistics", count: 1 },
    { task: "evaluation", count: 2 },
  ]);
  const evaluated = [0, 1, 2, 3, 4, 5, 6].filter((round) => isEvaluated(plan, round));
  expect(evaluated).toEqual([2, 5]);
  expect(countReleases(planWith())).toEqual([]);
  expect(
    countReleases(
      planWith({ counts: { ...counts, evaluation: { noiseMultiplier: 9, every: 8 } } }),
    ),
  ).toHaveLength(1);
});

it("have whole noise on each count, and are charged with what is drawn", () => {
  const plan = planWith({ counts });
  const statistics = countTerms(plan, "statistics");
  // 10 · √3 = 17.32…, rounded up; three histograms.
  expect(statistics).toMatchObject({ noiseStddev: 18, parameters: 52 });
  expect(statistics.noiseMultiplier).toBeCloseTo(18 / Math.sqrt(3), 12);
  expect(countTerms(plan, "evaluation")).toMatchObject({ noiseStddev: 13, noiseMultiplier: 13 });
});

it("of a task without classes are its histograms' alone: its noise pays for no more", () => {
  const statistics = { noiseMultiplier: 10, classes: 0, histograms: [{ input: 0, bins: 30 }] };
  const plan = planWith({ counts: { statistics, evaluation: null } });
  expect(countTerms(plan, "statistics")).toMatchObject({ noiseStddev: 10, parameters: 30 });
});

it("hold against everybody under central, which the model does not", () => {
  const events = attemptEvents(countTerms(planWith({ counts }), "evaluation"));
  for (const event of Object.values(events)) {
    expect(event).toMatchObject({
      mechanism: "gaussian",
      noiseMultiplier: 13,
      sampling: { kind: "full" },
    });
  }
});

it("have no noise, and no bound, without privacy", () => {
  const plan = planWith({ trust: "none", targetEpsilon: null, counts });
  const { noiseStddev, trust } = countTerms(plan, "evaluation");
  expect([noiseStddev, trust]).toEqual([0, "none"]);
});

describe("in the plan's budget", () => {
  it("cost what their Gaussians cost beside the model's, exactly composed", () => {
    const stated = { targetEpsilon: null, statedNoise: 20, counts } as const;
    const plan = planWith(stated);
    const mu = Math.sqrt(7 / plan.noiseMultiplier ** 2 + 3 / 18 ** 2 + 2 / 13 ** 2);
    expect(plan.epsilon).toBeCloseTo(exactGaussianEpsilon(mu, 1e-5), 6);
  });

  it("leave less of it to the model: more noise for the same ε", () => {
    const [plain, counting] = [planWith(), planWith({ counts })];
    expect(counting.epsilon).toBeLessThanOrEqual(1.5);
    expect(counting.epsilon).toBeGreaterThan(1.499);
    expect(counting.noiseMultiplier).toBeGreaterThan(plain.noiseMultiplier);
  });

  it("are composed with sampled rounds by PLD", () => {
    const sampling = { kind: "poisson", rate: 0.1 } as const;
    const plan = planWith({
      counts,
      sampling,
      accountant: "pld",
      targetEpsilon: null,
      statedNoise: 5,
    });
    const alone = planWith({ sampling, accountant: "pld", targetEpsilon: null, statedNoise: 5 });
    expect(plan.epsilon).toBeGreaterThan(alone.epsilon ?? Infinity);
  });

  it("are refused where they alone cost more than all there is", () => {
    const loud = { ...counts, evaluation: { noiseMultiplier: 0.5, every: 1 } };
    expect(() => planPrivacy(termsWith({ counts: loud }))).toThrow(ScenarioError);
  });

  it("are refused of clients as the unit, whose rows nothing bounds", () => {
    const terms = termsWith({ counts, unit: "client", clients: 400 });
    expect(() => planPrivacy(terms)).toThrow("privacy.counts");
  });

  it("have their own share of delta for the noise table", () => {
    const plan = planWith({ counts });
    const due = 5 * (52 * tableDistance(18) + 2 * 2 * tableDistance(13));
    expect(countDistance(plan, 5)).toBeCloseTo(due, 50);
    expect(countDistance({ ...plan, counts: NO_COUNTS }, 5)).toBe(0);
  });
});

it("may be longer than an update", () => {
  expect(longestUpdate(planWith({ counts }))).toBe(52);
  expect(longestUpdate(planWith())).toBe(11);
});

it("are of no bins where they are not released", () => {
  for (const task of ["statistics", "evaluation"] as const) {
    expect(countBins(NO_COUNTS, task)).toEqual([]);
    expect(countLength(NO_COUNTS, task)).toBe(0);
  }
  expect(countBins(counts, "statistics")).toEqual([2, 30, 20]);
  expect(countBins({ ...counts, statistics: null }, "evaluation")).toEqual([2]);
  const unlabelled = { noiseMultiplier: 1, classes: 0, histograms: [{ input: 1, bins: 7 }] };
  expect(countLength({ ...counts, statistics: unlabelled }, "statistics")).toBe(7);
});
