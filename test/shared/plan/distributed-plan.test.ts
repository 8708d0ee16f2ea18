import { describe, expect, it } from "vitest";
import type { PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { canonicalJson, sha256 } from "../../../shared/canonical.ts";
import { claimParts, plannedClaims } from "../../../shared/claims/claim.ts";
import { openPlan } from "../../../shared/plan/plan.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { planWith, sealedWith } from "../../support/plans.ts";

const TERMS = {
  trust: "distributed",
  accountant: "zcdp",
  clients: 10,
  minCohort: 8,
  colluders: 1,
} as const satisfies Partial<PrivacyTerms>;

/** Canonne, Kamath & Steinke 2020, by brute force over the order. */
function epsilonByGrid(rho: number, delta: number): number {
  let best = Infinity;
  for (let log = -8; log <= 12; log += 1e-4) {
    const alpha = 1 + Math.exp(log);
    const bound = rho * alpha + Math.log1p(-1 / alpha) - Math.log(delta * alpha) / (alpha - 1);
    best = Math.min(best, bound);
  }
  return best;
}

describe("a plan under trust distributed", () => {
  it("has each client add a share, so that minCohort − colluders of them are enough", () => {
    const plan = planWith(TERMS);
    expect(plan.noiseShares).toBe(7);
    const rho = (sigma: number) => (7 * plan.sensitivity ** 2) / (2 * 7 * sigma ** 2);
    expect(epsilonByGrid(rho(plan.noiseStddev), 1e-5)).toBeLessThanOrEqual(1.5);
    // One lattice step less of each is too little.
    expect(epsilonByGrid(rho(plan.noiseStddev - 1), 1e-5)).toBeGreaterThan(1.5);
    expect(plan.epsilon).toBeLessThanOrEqual(1.5);
    expect(plan.epsilon).toBeGreaterThan(1.499);
    expect(plan.noiseMultiplier).toBeCloseTo((Math.sqrt(7) * plan.noiseStddev) / plan.sensitivity);
  });

  it("charges everybody the same, the coordinator too, at rate 1", () => {
    const plan = planWith(TERMS);
    const { modelRecipients, otherClients, coordinator } = attemptEvents(plan);
    expect(modelRecipients).toEqual({
      mechanism: "distributedDiscreteGaussian",
      clients: 7,
      sigma: plan.noiseStddev,
      dimension: plan.parameters,
      l2Sensitivity: plan.sensitivity,
      sampling: { kind: "full" },
      adjacency: "zeroOut",
    } satisfies PrivacyEvent);
    expect(otherClients).toEqual(modelRecipients);
    expect(coordinator).toEqual(modelRecipients);
  });

  it("says on what it rests, and what noise not trusting costs", () => {
    const plan = planWith(TERMS);
    const [claim] = plannedClaims(plan, plan.rounds);
    expect(claim?.assumption).toBe(
      "7 honest clients reach each sum: at most 1 of those that do is dishonest; assuming X25519, AES, Ed25519",
    );
    // √(10 / 7)
    expect(claimParts(plan).join()).toContain("1.20 times as much where all 10 reach the sum");
    const many = { ...TERMS, clients: 1_200, minCohort: 1_100, population: 2_000 };
    const [weaker] = plannedClaims(planWith(many), 1);
    expect(weaker?.assumption).toContain("the coordinator is honest but curious");
    expect(claimParts(plan)).toContain(
      "ε holds even if 1 client colludes, with the coordinator too",
    );
    expect(claimParts(planWith(many))).toContain("ε holds even if 1 client colludes");
  });

  it("rounds finer where many clients round and noise by themselves", () => {
    const many = { clients: 1_200, minCohort: 1_100, population: 2_000 };
    expect(planWith({ ...TERMS, ...many }).sensitivity).toBe(Math.floor(2 ** 30 / 2_000));
    expect(planWith(many).sensitivity).toBe(4096);
  });

  it.each([
    ["two clients under masks", "secagg.cohort", { clients: 2, minCohort: 2 }],
    [
      "a sum that could wrap",
      "secagg.range",
      { population: 550_000, delta: 1e-6, targetEpsilon: 1.5 },
    ],
    ["losses no graph outlives", "secagg.graph", { clients: 400, minCohort: 250, colluders: 40 }],
    ["colluders as many as minCohort", "privacy.colluders", { colluders: 8 }],
  ] as const)("input scenario: %s → %s", (_, what, change) => {
    expect(() => planWith({ ...TERMS, ...change })).toThrow(what);
  });

  it.each([
    ["more colluders than the threshold outlives", { colluders: 4 }, "secagg.colluders"],
    ["no colluders said", { colluders: undefined }, "privacy.colluders"],
    ["colluders under central", { trust: "central" }, "privacy.colluders"],
    ["sampling", { sampling: { kind: "poisson", rate: 0.5 } }, "training.sampling"],
    ["an accountant without a theorem", { accountant: "gdp" }, "privacy.accountant"],
    [
      "a clip norm that adapts",
      {
        adaptiveClipping: { quantile: 0.5, learningRate: 0.2, bounds: [0.1, 1], bitNoise: 20 },
      },
      "training.adaptiveClipping",
    ],
  ] as const)("is refused for %s", (_, change, what) => {
    expect(() => planWith({ ...TERMS, ...change })).toThrow(what);
  });

  it.each(["noiseShares", "noiseStddev", "colluders", "minCohort"] as const)(
    "is refused by a client where %s is another",
    (field) => {
      const { plan } = sealedWith(TERMS);
      const privacy = { ...plan.privacy, [field]: (plan.privacy[field] ?? 0) + 1 };
      const bytes = Buffer.from(canonicalJson({ ...plan, privacy }));
      expect(() => openPlan(bytes, sha256(bytes))).toThrow(/plan\./);
    },
  );

  it("leaves the text of every other plan as it was", () => {
    const text = sealedWith().bytes.toString();
    expect(text).not.toContain("colluders");
    expect(text).not.toContain("noiseShares");
  });
});
