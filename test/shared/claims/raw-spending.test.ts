import { describe, expect, it } from "vitest";
import { spentDelta } from "../../../shared/accounting/compose.ts";
import {
  byAdversary,
  type PlannedAdjacency,
  type Sampler,
} from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianDelta } from "../../../shared/accounting/mechanisms/gaussian.ts";
import { pldEpsilon } from "../../../shared/accounting/pld/pld.ts";
import {
  chargesOf,
  drawnForSure,
  groupEpsilon,
  isSampled,
  rawEpsilonOf,
  rawSpent,
} from "../../../shared/claims/raw-spending.ts";
import { privacyEvent } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { planWith } from "../../support/plans.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

function run(terms: Partial<PrivacyTerms>, attempts?: number) {
  const plan = planWith({ targetEpsilon: 1, rounds: 4, ...terms });
  const charged = byAdversary((adversary) => [
    { event: privacyEvent(plan, adversary), count: attempts ?? plan.rounds },
  ]);
  const charges = chargesOf(plan, charged);
  return { plan, charged, charges, raw: rawEpsilonOf(plan, charges, "modelRecipients") ?? NaN };
}

describe("a full batch calibrated to ε 1 at 1e-5", () => {
  it.each([
    [5, 6.17, 6.64],
    [10, 14.43, 18.08],
  ])("has for %d rows ε %f, where group privacy alone has %f", (rawFactor, least, group) => {
    const { plan, charges, raw } = run({ rawFactor });
    expect(raw).toBeCloseTo(least, 2);
    const alone = groupEpsilon({ ...plan, rawFactor }, charges, "modelRecipients", null);
    expect(alone).toBeCloseTo(group, 1);
    // At that step of ε the group's δ fits into the plan's; a thousandth less does not.
    const step = (alone ?? NaN) / rawFactor;
    const due = (epsilon: number) => {
      const delta = spentDelta("gdp", charges.events.modelRecipients, epsilon);
      return (delta * (Math.exp(rawFactor * epsilon) - 1)) / (Math.exp(epsilon) - 1);
    };
    expect(due(step)).toBeLessThanOrEqual(1e-5);
    expect(due(step * 0.999)).toBeGreaterThan(1e-5);
  });
});

it("under replaceOne pays 2kC where one replaced row pays 2C", () => {
  for (const adjacency of [
    "zeroOut",
    "replaceOne",
  ] as const satisfies readonly PlannedAdjacency[]) {
    const { plan, raw } = run({ rawFactor: 5, adjacency });
    const times = adjacency === "replaceOne" ? 10 : 5;
    const exact = exactGaussianEpsilon((times * Math.sqrt(4)) / plan.noiseMultiplier, 1e-5);
    expect(raw).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
    expect(raw).toBeCloseTo(exact, 5);
  }
});

it("with Poisson coins is the mixture's, by whatever accountant the plan counts", () => {
  const sampling = { kind: "poisson", rate: 0.05 } as const;
  for (const accountant of ["pld", "rdp"] as const) {
    const { plan, raw } = run({ sampling, accountant, rawFactor: 4 });
    const step = { rate: 0.05, noiseMultiplier: plan.noiseMultiplier, coins: 4, count: 4 };
    expect(raw).toBeCloseTo(pldEpsilon([step], 1e-5), 4);
    // What is no bound: one coin at a quarter of the noise.
    const { coins, ...alone } = { ...step, noiseMultiplier: plan.noiseMultiplier / 4 };
    expect(Math.abs(raw - pldEpsilon([alone], 1e-5))).toBeGreaterThan(0.05);
  }
});

it("with shares of noise goes by k times the L2 sensitivity", () => {
  const cohort = { trust: "distributed", accountant: "zcdp", colluders: 1 } as const;
  const [one, five] = [run({ ...cohort }), run({ ...cohort, rawFactor: 5 })];
  expect(five.raw).toBeGreaterThan(4 * one.raw);
  expect(five.raw).toBeLessThan(9 * one.raw);
});

it("is of everybody alike, and none where a row may move any number of others", () => {
  const { plan, charged } = run({ rawFactor: 5 });
  const spent = rawSpent(plan, charged);
  expect(spent.otherClients).toBe(spent.modelRecipients);
  expect(spent.coordinator).toBeNull();
  expect(run({ rawFactor: null }).raw).toBeNaN();
});

it("takes what the noise table lacks off δ at the raw ε, not at the anonymized table's", () => {
  const { plan, charges, raw } = run({ rawFactor: 5 });
  const noisy = { ...charges, distance: 1e-9 };
  const more = rawEpsilonOf(plan, noisy, "modelRecipients") ?? NaN;
  const left = 1e-5 - 1e-9 * (1 + Math.exp(more));
  const exact = exactGaussianEpsilon((5 * 2) / plan.noiseMultiplier, left);
  expect(more).toBeGreaterThan(raw + 1e-3);
  expect(more).toBeCloseTo(exact, 4);
  // At ε 6.2 that is 5e-7; at 11.6 it would be all of δ.
  expect(rawEpsilonOf(plan, { ...charges, distance: 1e-7 }, "modelRecipients")).toBeNull();
});

it("with a past is of both runs, not of its own group's price alone", () => {
  const { plan, charges, raw } = run({ rawFactor: 5 });
  const history = {
    ...{ ...charges, runId: "01".repeat(16), planHash: "ab".repeat(32) },
    ...{ ledgerHash: "cd".repeat(32), population: plan.population },
    ...{ adjacency: plan.adjacency, delta: plan.delta, chargedDelta: plan.chargedDelta },
  };
  const past = { histories: [history], trainedOn: [], unknown: false };
  const both = rawEpsilonOf({ ...plan, past }, charges, "modelRecipients");
  expect(both).toBeCloseTo(
    exactGaussianEpsilon((5 * Math.sqrt(8)) / plan.noiseMultiplier, 1e-5),
    4,
  );
  const alone = groupEpsilon({ ...plan, rawFactor: 5 }, charges, "modelRecipients", null);
  expect(both).toBeGreaterThan(Math.max(raw, alone ?? NaN));
});

it("leaves the best known where no theorem prices a group, and hides no other fault", () => {
  const { plan, charges } = run({ rawFactor: 4 });
  const of = (noiseMultiplier: number, sampling: Sampler) => {
    const event = { mechanism: "gaussian", noiseMultiplier, sampling } as const;
    const events = byAdversary(() => [
      { event: { ...event, adjacency: "zeroOut" }, count: 4 } as const,
    ]);
    const asked = { ...plan, accountant: "gdp", rawFactor: 4 } as const;
    return groupEpsilon(asked, { ...charges, events }, "modelRecipients", 3);
  };
  expect(of(5, { kind: "poisson", rate: 0.05 })).toBe(3);
  expect(() => of(-1, { kind: "full" })).toThrow(RangeError);
});

it("takes a run for sampled where one step at least draws by Poisson, and all are Gaussian", () => {
  const gaussian = { mechanism: "gaussian", noiseMultiplier: 2, adjacency: "zeroOut" } as const;
  const step = (sampling: Sampler) => ({ event: { ...gaussian, sampling }, count: 3 });
  const poisson = step({ kind: "poisson", rate: 0.1 });
  const full = step({ kind: "full" });
  const drawn = step({ kind: "fixedSize", size: 5, population: 400 });
  const plain = { event: { mechanism: "none" }, count: 1 } as const;
  for (const events of [[poisson], [poisson, full], [full, poisson], [drawn, poisson]])
    expect(isSampled(events)).toBe(true);
  for (const events of [
    [],
    [full],
    [drawn],
    [full, drawn],
    [plain],
    [poisson, plain],
    [plain, poisson],
  ])
    expect(isSampled(events)).toBe(false);
});

it("prices a unit that was drawn in every round as the full batch, as often as it was charged", () => {
  const sampling = { kind: "poisson", rate: 0.05 } as const;
  const { plan, charged } = run({ sampling, accountant: "pld" });
  const sure = drawnForSure(charged);
  for (const adversary of ["modelRecipients", "otherClients"] as const)
    expect(sure[adversary]).toEqual([
      { event: { ...privacyEvent(plan, adversary), sampling: { kind: "full" } }, count: 4 },
    ]);
  expect(sure.coordinator).toEqual([{ event: { mechanism: "none" }, count: 4 }]);
  const epsilon = rawEpsilonOf(plan, chargesOf(plan, sure), "modelRecipients");
  expect(epsilon).toBeCloseTo(exactGaussianEpsilon(2 / plan.noiseMultiplier, 1e-5), 4);
});

/** Group privacy of two rows alone, of `count` full batches at that noise. */
function groupAlone(noiseMultiplier: number, count: number, adjacency: PlannedAdjacency) {
  const { plan } = run({ rawFactor: 2 });
  const sampling = { kind: "full" } as const;
  const event = { mechanism: "gaussian", noiseMultiplier, sampling, adjacency } as const;
  const shown = { distance: 0, events: byAdversary(() => [{ event, count }]) };
  return groupEpsilon({ ...plan, rawFactor: 2 }, shown, "modelRecipients", null);
}

it("asks group privacy about steps that move one row, whatever the run's own adjacency", () => {
  expect(groupAlone(9, 4, "zeroOut")).toBeGreaterThan(0);
  expect(groupAlone(9, 4, "replaceOne")).toBe(groupAlone(9, 4, "zeroOut"));
});

it("promises nothing by group privacy where one step takes an epsilon of 64 or more", () => {
  // Of two rows δ (e^2ε - 1) / (e^ε - 1) = δ (e^ε + 1): where it fits, by a scan.
  const stepAt = (noise: number) => {
    let epsilon = 1;
    while (gaussianDelta(1 / noise, epsilon) * (1 + Math.exp(epsilon)) > 1e-5) epsilon += 0.01;
    return epsilon;
  };
  const noiseOf = (step: number) => {
    let noise = 0.05;
    while (stepAt(noise) > step) noise += 0.001;
    return noise;
  };
  const within = noiseOf(50);
  expect(groupAlone(within, 1, "zeroOut")).toBeCloseTo(2 * stepAt(within), 0);
  expect(groupAlone(noiseOf(66), 1, "zeroOut")).toBeNull();
});
