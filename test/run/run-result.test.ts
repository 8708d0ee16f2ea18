/** What a call gives back: plain, with every ε beside what it rests on. */
import { beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../run/run-result.ts";
import { simulate } from "../../run/simulate.ts";
import { sha256 } from "../../shared/canonical.ts";
import { claimsOf } from "../../shared/claims/claim.ts";
import { weightBytes } from "../../shared/model/saved/layers-format.ts";

const PURCHASES = "scenarios/purchases.yaml";
const SMALL = {
  "data.source.rows": 120,
  "data.source.testRows": 20,
  ...{ "clients.count": 4, "clients.minCohort": 2, "privacy.population": 120 },
  ...{ "training.rounds": 2, "training.learningRate": 0.1 },
};

describe("of a run that is noised", () => {
  let result: RunResult;
  beforeAll(async () => {
    result = await simulate(PURCHASES, { set: { ...SMALL, "privacy.trust": "central" } });
  });

  it("leads with ε against who gets the model, and says of every ε on what it rests", () => {
    const { epsilon, epsilons, delta, guarantees, plan, ledger, trace } = result;
    expect(epsilon).toBeGreaterThan(0);
    expect(epsilon).toBe(epsilons.modelRecipients);
    expect(epsilons.coordinator).toBeNull();
    expect(delta).toBe(plan.privacy.delta);
    expect(guarantees).toMatchObject(claimsOf(plan.privacy, ledger));
    expect(guarantees.map(({ adversary }) => adversary)).toEqual(
      trace.claims.map(({ adversary }) => adversary),
    );
    for (const { text, against, assumption } of guarantees)
      for (const part of [`against ${against}, `, assumption, "δ 1e-", "zeroOut", "seeded noise"])
        expect(text).toContain(part);
    expect(guarantees[0]?.text).toContain(
      `ε anonymized ${Math.ceil(1000 * (epsilon ?? 0)) / 1000}`,
    );
    expect(guarantees.find(({ adversary }) => adversary === "coordinator")?.text).toContain("∞");
  });

  it("has the model with its shape and hash, and the figures of the last round", () => {
    const { model, rounds, accuracy, loss, plan, ending, folder, notes } = result;
    expect(model.parameters).toBeInstanceOf(Float32Array);
    expect(sha256(weightBytes(model.parameters))).toBe(model.hash);
    expect(model.spec).toEqual(plan.model);
    expect(rounds.at(-1)).toMatchObject({ accuracy, loss, modelHash: model.hash });
    expect(ending).toEqual({ reason: "done", attempts: 2 });
    expect([folder, notes]).toEqual([null, []]);
  });

  it("is the same once it was written as JSON, typed arrays aside", () => {
    const { model, ...rest } = result;
    expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
    expect(Float32Array.from(Object.values(JSON.parse(JSON.stringify(model.parameters))))).toEqual(
      model.parameters,
    );
  });
});

it("claims nothing where nothing is noised", async () => {
  const set = { ...SMALL, "privacy.trust": "none" };
  const { epsilon, guarantees } = await simulate(PURCHASES, { set });
  expect(epsilon).toBeNull();
  for (const { text } of guarantees) expect(text).toContain("trust none: no privacy");
});
