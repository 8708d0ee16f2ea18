/** What a lint says that a plan costs, against closed forms and against noise that is really drawn. */
import { expect, it } from "vitest";
import { privatize } from "../../../client/training/privatize.ts";
import { costOf, shownRounds } from "../../../run/lint/cost.ts";
import { stepModel } from "../../../server/rounds/server-round.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../../shared/noise/rounded-gaussian.ts";
import type { SealedPlan } from "../../../shared/plan/plan.ts";
import { noisePerClip } from "../../../shared/privacy/noise-per-clip.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { contractFor, shippedScenario } from "../../support/contracts.ts";
import { planWith, sealedWith } from "../../support/plans.ts";
import { stateAt } from "../../support/states.ts";
import { chiSquareBounds, exactGaussianEpsilon } from "../../support/statistics.ts";

const scenario = shippedScenario("purchases");
const contract = await contractFor(scenario);
const cost = (terms: Partial<PrivacyTerms>, of = scenario) =>
  costOf(of, contract, planWith({ accountant: "gdp", ...terms }), "fused");
const epsilonAt = (rounds: number, noiseMultiplier: number) =>
  exactGaussianEpsilon(Math.sqrt(rounds) / noiseMultiplier, 1e-5);

it("composes the rounds so far exactly, and the coordinator has no bound", () => {
  const { noiseMultiplier } = planWith();
  const { byRound, claims } = cost({});
  expect(byRound.map(({ after }) => after)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  for (const { after, epsilon } of byRound) {
    expect(epsilon.modelRecipients).toBeCloseTo(epsilonAt(after, noiseMultiplier), 6);
    expect(epsilon.otherClients).toBe(epsilon.modelRecipients);
    expect(epsilon.coordinator).toBeNull();
  }
  expect(claims[0]?.raw).toBe(byRound.at(-1)?.epsilon.modelRecipients);
});

it("counts what is counted beside the model: statistics once, evaluations as they come", () => {
  const counts = {
    statistics: { noiseMultiplier: 12, classes: 2, histograms: [] },
    evaluation: { noiseMultiplier: 16, every: 3 },
  };
  const { noiseMultiplier, epsilon } = planWith({ counts });
  const { byRound, tenRuns } = cost({ counts });
  const mu = (rounds: number, evaluations: number, runs = 1) =>
    Math.sqrt(runs * (rounds / noiseMultiplier ** 2 + 1 / 12 ** 2 + evaluations / 16 ** 2));
  for (const [rounds, evaluations] of [
    [1, 0],
    [3, 1],
    [7, 2],
  ] as const) {
    const got = byRound.find(({ after }) => after === rounds)?.epsilon.modelRecipients;
    expect(got).toBeCloseTo(exactGaussianEpsilon(mu(rounds, evaluations), 1e-5), 6);
  }
  expect(byRound.at(-1)?.epsilon.modelRecipients).toBeCloseTo(epsilon ?? 0, 9);
  expect(tenRuns).toBeCloseTo(exactGaussianEpsilon(mu(7, 2, 10), 1e-5), 5);
});

it("compares with other trusts though the file names colluders, who count under masks alone", () => {
  const { privacy } = scenario;
  const colluding = { ...scenario, privacy: { ...privacy, colluders: 2 } };
  const { otherTrusts } = cost(
    { trust: "distributed", accountant: "zcdp", colluders: 2 },
    colluding,
  );
  expect(otherTrusts.map(({ trust }) => trust).sort()).toEqual(["central", "local", "none"]);
  for (const other of otherTrusts) expect(other).not.toHaveProperty("refused");
});

it("prices spare attempts in epsilon and in noise", () => {
  const spares = cost({ spareAttempts: 2 }).spares;
  const { noiseMultiplier } = planWith({ spareAttempts: 2 });
  expect(spares?.epsilon).toBeCloseTo(1.5, 4);
  expect(spares?.epsilon).toBeCloseTo(epsilonAt(9, noiseMultiplier), 6);
  // The same budget over more rounds takes noise as the root of them, exactly.
  expect(spares?.noiseRatio).toBeCloseTo(Math.sqrt(9 / 7), 3);
  expect(spares?.oneMoreRatio).toBeCloseTo(Math.sqrt(10 / 9), 3);
  expect(cost({ spareAttempts: 0 }).spares).toMatchObject({ attempts: 0, noiseRatio: 1 });
  const stated = cost({ spareAttempts: 2, targetEpsilon: null, statedNoise: 6 }).spares;
  expect(stated).toMatchObject({ attempts: 2, noiseRatio: null, oneMoreRatio: null });
  expect(cost({ trust: "none", targetEpsilon: null }).spares).toBeNull();
});

it("says what ten runs cost together", () => {
  const { noiseMultiplier } = planWith();
  expect(cost({}).tenRuns).toBeCloseTo(epsilonAt(70, noiseMultiplier), 6);
});

it("prices the other trusts: clients that noise by themselves or by shares, none not at all", () => {
  const central = costOf(scenario, contract, planWith({ trust: "local" }), "fused").otherTrusts[0];
  const others = [central, ...cost({}).otherTrusts].flatMap((one) =>
    one && !("refused" in one) ? [one] : [],
  );
  const [, local, shares, none] = others;
  if (!others[0] || !local || !shares || !none) throw new Error("four trusts");
  expect(others.map(({ trust }) => trust)).toEqual(["central", "local", "distributed", "none"]);
  expect(local.epsilon.coordinator).toBeCloseTo(1, 3);
  if (!central || "refused" in central) throw new Error("central is refused");
  expect(central.epsilon).toMatchObject({ modelRecipients: local.epsilon.coordinator });
  expect(central.epsilon.coordinator).toBeNull();
  // Ten clients.
  expect(local.noisePerClip / central.noisePerClip).toBeCloseTo(Math.sqrt(10), 3);
  // Ten shares of which seven count, and zCDP's bound in the place of the exact Gaussian.
  expect(shares.epsilon.coordinator).toBeCloseTo(1, 3);
  const factor = shares.noisePerClip / central.noisePerClip / Math.sqrt(10 / 7);
  expect(factor).toBeGreaterThan(1.05);
  expect(factor).toBeLessThan(1.2);
  expect(none).toMatchObject({ noisePerClip: 0, epsilon: { modelRecipients: null } });
});

it("says why another trust is none for this scenario", () => {
  const clients = shippedScenario("purchases-clients");
  const terms = { unit: "client", population: 5, clients: 5, delta: 1e-3 } as const;
  const [local] = cost(terms, clients).otherTrusts;
  if (!local || !("refused" in local)) throw new Error("local is not refused");
  expect(local.refused).toContain("adaptiveClipping");
});

const SAMPLED_CLIENTS = {
  unit: "client",
  population: 40,
  clients: 40,
  delta: 1e-3,
  sampling: { kind: "poisson", rate: 0.25 },
  accountant: "rdp",
} as const;
const NOISES: readonly (readonly [string, Partial<PrivacyTerms>, noises: number, units: number])[] =
  [
    ["central", { trust: "central" }, 1, 400],
    ["local", { trust: "local" }, 5, 400],
    ["central, over sampled clients", { ...SAMPLED_CLIENTS, trust: "central" }, 1, 10],
    [
      "local, over sampled clients",
      { ...SAMPLED_CLIENTS, trust: "local", accountant: "gdp" },
      10,
      10,
    ],
  ];

it.each(NOISES)("takes z √(noises · d) / units under %s", (_, terms, noises, units) => {
  const plan = planWith(terms);
  const due = (plan.noiseMultiplier * Math.sqrt(noises * 11)) / units;
  // What rounding takes of the sensitivity makes it up to 1 % longer, and never shorter.
  expect(noisePerClip(plan) / due).toBeGreaterThanOrEqual(1);
  expect(noisePerClip(plan) / due).toBeLessThan(1.0102);
  // It is in clip norms, so that it doesn't depend on them.
  expect(noisePerClip(planWith({ ...terms, clipNorm: 3 }))).toBeCloseTo(noisePerClip(plan), 9);
});

/** What noise alone moves a model at learning rate 1: minus the noise on the mean update. */
function noiseOfRound(sealed: SealedPlan, round: number): Float32Array {
  const { privacy } = sealed.plan;
  const sum = new Int32Array(privacy.parameters);
  const zeros = { sum: new Float64Array(privacy.parameters), bits: 0 };
  const root = seededRoot(11);
  if (privacy.trust === "central")
    fillRoundedGaussian(sum, privacy.noiseStddev, stream(root, "centralNoise", round));
  else
    for (let client = 0; client < privacy.clients; client++) {
      const noise = stream(root, "noise", round, client);
      privatize(zeros, privacy, privacy.clipNorm, noise).forEach((steps, i) => {
        sum[i] = (sum[i] ?? 0) + steps;
      });
    }
  const state = stateAt(new Float32Array(privacy.parameters), privacy.clipNorm);
  return stepModel(sealed.plan, state, 0, sum).next.parameters;
}

// A normal deviation of 5: a false alarm in 1.7 million seeds.
it.each(["central", "local"] as const)("is what is really drawn under %s", (trust) => {
  const sealed = sealedWith({ trust });
  const { parameters, clipNorm } = sealed.plan.privacy;
  const draws = 600;
  const due = (noisePerClip(sealed.plan.privacy) * clipNorm) ** 2 / parameters;
  let statistic = 0;
  for (let round = 0; round < draws; round++)
    for (const moved of noiseOfRound(sealed, round)) statistic += moved ** 2 / due;
  const [low, high] = chiSquareBounds(draws * parameters, 5);
  expect(statistic).toBeGreaterThan(low);
  expect(statistic).toBeLessThan(high);
});

it("shows ten rounds at most, the first and the last among them", () => {
  expect(shownRounds(1)).toEqual([1]);
  expect(shownRounds(4)).toEqual([1, 2, 3, 4]);
  expect(shownRounds(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const rounds of [11, 12, 57, 1_000_000]) {
    const shown = shownRounds(rounds);
    expect(shown).toHaveLength(10);
    expect([shown[0], shown[9]]).toEqual([1, rounds]);
    expect(new Set(shown).size).toBe(10);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
  }
});
