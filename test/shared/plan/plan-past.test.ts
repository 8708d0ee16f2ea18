import { describe, expect, it } from "vitest";
import type { ChargedHistory } from "../../../shared/accounting/charged-history.ts";
import { byAdversary, type PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";
import {
  type ModelPast,
  spentWithPast,
  UNKNOWN_PAST,
} from "../../../shared/accounting/model-past.ts";
import { sha256 } from "../../../shared/canonical.ts";
import { claimParts, claimsOf, plannedClaims } from "../../../shared/claims/claim.ts";
import { chainLine, spentBy } from "../../../shared/ledger/ledger-line.ts";
import { ledgerOpening, makePlan, openPlan } from "../../../shared/plan/plan.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { contractFor } from "../../support/contracts.ts";
import { planWith, termsWith } from "../../support/plans.ts";
import { problemOf } from "../../support/problem.ts";
import { smallScenario } from "../../support/small-scenario.ts";

const NONE: PrivacyEvent = { mechanism: "none" };

/** Ten full batches at that noise, seen by nobody as they were. */
function history(noiseMultiplier: number, change: Partial<ChargedHistory> = {}): ChargedHistory {
  const event = {
    mechanism: "gaussian",
    noiseMultiplier,
    sampling: { kind: "full" },
    adjacency: "zeroOut",
  } as const;
  return {
    ...{ runId: "0".repeat(32), planHash: "1".repeat(64), ledgerHash: "2".repeat(64) },
    ...{ unit: "record", adjacency: "zeroOut", accountant: "gdp" },
    ...{ delta: 1e-5, chargedDelta: 9e-6, population: 300, rowFactor: 1, distance: 1e-30 },
    events: byAdversary(() => [{ event, count: 10 }]),
    ...change,
  };
}

function pastOf(...histories: ChargedHistory[]): ModelPast {
  return { histories, trainedOn: [], unknown: false };
}

const noneEvents = byAdversary(() => [{ event: NONE, count: 10 }]);

describe("a plan whose weights come from a run on private rows", () => {
  it("calibrates its noise with the old events inside", () => {
    const { noiseMultiplier, epsilon } = planWith({ past: pastOf(history(12)) });
    const mu = Math.sqrt(10 / 12 ** 2 + 7 / noiseMultiplier ** 2);
    expect(gaussianEpsilon(mu, 1e-5)).toBeLessThanOrEqual(1.5);
    expect(gaussianEpsilon(mu, 1e-5)).toBeGreaterThan(1.499);
    expect(epsilon).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 9);
    expect(noiseMultiplier).toBeGreaterThan(1.2 * planWith().noiseMultiplier);
  });

  it("has no bound below what those runs have spent already", async () => {
    expect(await problemOf(() => planWith({ past: pastOf(history(3)) }))).toBe(
      "ScenarioError privacy.epsilon",
    );
  });

  it("has none at exactly what they have spent: any noise would be too little", async () => {
    const past = pastOf(history(12));
    const rules = { ...termsWith(), chargedDelta: 1e-5, past };
    const targetEpsilon = spentWithPast(rules, [], "modelRecipients");
    expect(targetEpsilon).toBeGreaterThan(0);
    expect(await problemOf(() => planWith({ past, targetEpsilon }))).toBe(
      "ScenarioError privacy.epsilon",
    );
  });

  it("counts them where the noise is stated, and at a δ that all populations allow", async () => {
    const stated = { targetEpsilon: null, statedNoise: 9 };
    const { epsilon, noiseMultiplier } = planWith({ ...stated, past: pastOf(history(3)) });
    const mu = Math.sqrt(10 / 3 ** 2 + 7 / noiseMultiplier ** 2);
    expect(epsilon).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 9);
    const many = pastOf(history(12, { population: 200_000 }));
    expect(await problemOf(() => planWith({ past: many }))).toBe("ScenarioError privacy.delta");
  });

  it.each([
    ["released without noise", pastOf(history(12, { events: noneEvents }))],
    ["of unit record, under unit client", pastOf(history(12))],
    ["of no known rows", UNKNOWN_PAST],
  ])("claims nothing of anybody after one %s", (_, past) => {
    const unit = past.histories[0]?.events === noneEvents || past.unknown ? "record" : "client";
    const terms: Partial<PrivacyTerms> = unit === "client" ? { unit, population: 5 } : {};
    const plan = planWith({ ...terms, past });
    expect(plan.epsilon).toBeNull();
    for (const { anonymized, raw, assumption } of plannedClaims(plan, plan.rounds)) {
      expect([anonymized, raw]).toEqual([null, null]);
      expect(assumption).toContain("no guarantee");
    }
  });

  it("claims nothing for persons after one that counts rows, of which a person may have any number", () => {
    const persons = { rowsPerPerson: 4, rows: 1_600 };
    const plan = planWith({ ...persons, past: pastOf(history(12)) });
    expect(plan.epsilon).toBeNull();
    const said = claimParts(plan).join("\n");
    expect(said).toContain("counts rows and not persons");
    for (const { anonymized, raw } of plannedClaims(plan, plan.rounds))
      expect([anonymized, raw]).toEqual([null, null]);
    const bounded = planWith({ ...persons, past: pastOf(history(12, { rowsPerPerson: 1 })) });
    const mu = Math.sqrt(10 / 12 ** 2 + (7 * 4 ** 2) / bounded.noiseMultiplier ** 2);
    expect(bounded.epsilon).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 9);
    expect(claimParts(bounded).join("\n")).not.toContain("counts rows");
    // A row is of a person: who counts rows has a bound from who counts persons.
    expect(planWith({ past: pastOf(history(12, { rowsPerPerson: 4 })) }).epsilon).not.toBeNull();
  });

  it("claims nothing against the coordinator alone after one that trusted it", () => {
    const seen = { ...history(12).events, coordinator: [{ event: NONE, count: 10 }] };
    const plan = planWith({ trust: "local", past: pastOf(history(12, { events: seen })) });
    const claims = plannedClaims(plan, plan.rounds);
    expect(claims.map(({ raw }) => raw)).toEqual([plan.epsilon, plan.epsilon, null]);
    expect(plan.epsilon).toBeGreaterThan(1.499);
  });

  it("says whence they come, and what nobody counts", () => {
    const counted = claimParts(planWith({ past: pastOf(history(12)) })).join("\n");
    expect(counted).toContain("1 run on private rows, as its provenance states");
    expect(counted).toContain("not covered: clip norms, bounds and learning rates");
    const trainedOn = ["public data: ImageNet"];
    const past = { histories: [], trainedOn, unknown: false };
    expect(claimParts(planWith({ past })).join("\n")).toContain("public data: ImageNet");
    expect(planWith({ past }).epsilon).toBe(planWith().epsilon);
    const [{ assumption = "" } = {}] = plannedClaims(planWith({ past }), 7);
    expect(assumption).toContain("what is declared of model.file is true");
  });

  it("says that clients are taken to be the same, where both protect clients", () => {
    const ofClients = { unit: "client", clients: 400, minCohort: 300 } as const;
    const before = { unit: "client", population: 400 } as const;
    const said = (terms: Partial<PrivacyTerms>, change: Partial<ChargedHistory>) =>
      claimParts(planWith({ ...terms, past: pastOf(history(40, change)) })).join("\n");
    expect(said(ofClients, before)).toContain("unit client after unit client");
    expect(said({}, before)).not.toContain("unit client after");
    expect(said({}, {})).not.toContain("unit client after");
  });
});

describe("a sealed plan with a past", async () => {
  const scenario = smallScenario({
    ...{ "privacy.trust": "central", "privacy.epsilon": "1.5", "training.rounds": "4" },
  });
  const contract = await contractFor(scenario);
  const past = pastOf(history(60, { population: 90 }));
  const sealed = makePlan(scenario, contract, "fused", undefined, past);

  it("is worked out again by a client, and refused once a count in it is changed", async () => {
    expect(openPlan(sealed.bytes, sealed.hash).plan.privacy).toEqual(sealed.plan.privacy);
    const changed = Buffer.from(sealed.bytes.toString().replaceAll('"count":10', '"count":11'));
    expect(await problemOf(() => openPlan(changed, sha256(changed)))).toMatch(
      /^ProtocolError plan/,
    );
    const without = makePlan(scenario, contract, "fused");
    expect(without.plan.privacy).not.toHaveProperty("past");
  });

  it("opens a ledger that counts the past from its first line on", () => {
    const opening = ledgerOpening(sealed, "a".repeat(32));
    const lines = [chainLine(0, null, opening)];
    const before = spentBy(lines).modelRecipients;
    expect(before).toBeCloseTo(gaussianEpsilon(Math.sqrt(10) / 60, scenario.privacy.delta), 6);
    const { privacy } = sealed.plan;
    for (let round = 0; round < privacy.rounds; round++)
      lines.push(
        chainLine(lines.length, lines.at(-1)?.hash ?? null, {
          ...{ kind: "charge", round, attempt: 0 },
          events: attemptEvents(privacy),
        }),
      );
    expect(claimsOf(privacy, lines)).toEqual(plannedClaims(privacy, privacy.rounds));
    expect(spentBy(lines).modelRecipients).toBe(privacy.epsilon);
  });
});
