/** The words beside every ε that say whom it is about. */
import { describe, expect, it } from "vitest";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import { claimText } from "../../../shared/claims/claim.ts";
import {
  atClients,
  heldOutPrivate,
  unitNoun,
  unitParts,
} from "../../../shared/claims/unit-text.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { planWith } from "../../support/plans.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const scenario = peopleScenario();
const bare = await contractFor(scenario);
const withTable = (table: Contract["table"]): Contract => ({ ...bare, table });
const named = withTable({ kind: "people", person: "email" });
const persons = withTable({ kind: "people", person: "email", rowsPerPerson: 4 });
const ROWS = { rowsPerPerson: 4, rows: 1_600 };

const plan = (contract: Contract, terms: Partial<PrivacyTerms> = {}) => ({
  privacy: planWith({ noise: "secure", ...terms }),
  contract,
  training: { algorithm: "dpSgd" as const },
});
const said = (contract: Contract, terms: Partial<PrivacyTerms> = {}, heldOut = 0) =>
  unitParts(plan(contract, terms), heldOut).join("\n");

describe("unitParts", () => {
  it("says per row, not per person, where a column names persons and nothing bounds their rows", () => {
    expect(said(bare)).toContain("per row, not per person: email names persons");
    expect(said(named)).not.toContain("per row");
    expect(said(persons, ROWS)).not.toContain("per row");
    const { columns } = bare;
    const others = columns.filter(({ role }) => role !== "directIdentifier");
    expect(said({ ...bare, columns: others })).not.toContain("per row");
    // Beside public rows nothing is claimed for anybody.
    expect(said(bare, { noise: "seeded" })).toBe("");
    expect(said(bare, { trust: "none", targetEpsilon: null })).toBe("");
  });

  it("says how many rows of a person move the sum, and that δ is against persons", () => {
    const text = said(persons, ROWS);
    expect(text).toContain("per person: at most 4 rows of each are used at a client");
    expect(text).toContain("4 clip norms");
    expect(text).toContain("δ is against 400 persons");
    const sampling = { kind: "poisson", rate: 0.1, rowsPerCoin: 4 } as const;
    expect(said(persons, { ...ROWS, sampling, accountant: "pld" })).toContain("one coin draws all");
  });

  it("says over several clients that a person there is several units, with the factor", () => {
    expect(said(named)).toContain("a person at m clients is m units");
    expect(said(named, { clients: 1, minCohort: 1 })).not.toContain("m units");
    expect(said(persons, ROWS)).toContain(
      "rowsPerPerson holds at each, and all together move m × 4",
    );
    expect(said(persons, { ...ROWS, trust: "local" })).toContain("m releases of 4 rows each");
  });

  it("prices a person at two clients by twice the rows; noised at each, by two releases", () => {
    // Twice the rows are half the noise multiplier; full batches have an exact answer for it.
    const central = planWith({ noise: "secure", ...ROWS });
    const half = { ...central, noiseMultiplier: central.noiseMultiplier / 8 };
    const event = (noiseMultiplier: number) =>
      ({
        mechanism: "gaussian",
        noiseMultiplier,
        sampling: { kind: "full" },
        adjacency: "zeroOut",
      }) as const;
    const due = spentEpsilon(
      "gdp",
      [{ event: event(half.noiseMultiplier), count: 7 }],
      central.chargedDelta,
    );
    expect(atClients(central, 2)).toBeCloseTo(due, 6);
    const local = planWith({ noise: "secure", trust: "local", ...ROWS });
    const releases = [{ event: event(local.noiseMultiplier / 4), count: 14 }];
    expect(atClients(local, 2)).toBeCloseTo(spentEpsilon("gdp", releases, local.chargedDelta), 6);
  });

  it("prices suppression at the plan's own δ too, and no past of which that is unknown", () => {
    // Classes of 2 persons with 4 rows each: 5 persons' places, 20 rows, 40 at two clients.
    const suppressed = planWith({ noise: "secure", ...ROWS, rawFactor: 5 });
    const due = exactGaussianEpsilon((40 * Math.sqrt(7)) / suppressed.noiseMultiplier, 1e-5);
    expect(atClients(suppressed, 2) ?? 0).toBeGreaterThanOrEqual(due * (1 - 1e-9));
    expect(atClients(suppressed, 2)).toBeCloseTo(due, 4);
    const past = { histories: [], trainedOn: ["public data: ImageNet"], unknown: false };
    expect(said(persons, { ...ROWS, past })).toContain("m × 4 clip norms");
    expect(said(persons, { ...ROWS, past })).not.toContain("at 2 clients ε");
  });

  it("says that the list of persons is public, and who is held out of a private file", () => {
    expect(said(named)).toContain("who is in email at all is no secret");
    expect(said(bare)).not.toContain("no secret");
    expect(said(bare, {}, 30)).toContain("not for the 30 people held out");
    expect(said(named, {}, 30)).toContain("not for the about 30 people held out");
    const { source } = scenario.data;
    expect(heldOutPrivate(scenario)).toBe(0);
    const hidden = { data: { ...scenario.data, source: { ...source, public: false } } };
    expect(heldOutPrivate(hidden)).toBe(source.testRows);
  });

  it("names what an algorithm of the caller's own is trusted with, and says nothing of ours", () => {
    const of = (algorithm: "fedAvg" | "outside/toy") =>
      unitParts({ ...plan(bare, { unit: "client", population: 5 }), training: { algorithm } });
    expect(of("fedAvg")).toEqual([]);
    expect(of("outside/toy").join()).toMatch(
      /^algorithm outside\/toy is the caller's own: provided/,
    );
  });

  it("stands in the claim itself", () => {
    const whole = plan(bare);
    expect(claimText(whole.privacy, unitParts(whole))).toContain("per row, not per person");
  });
});

it("calls the unit a person, a row or a record", () => {
  expect(unitNoun(plan(persons, ROWS))).toBe("person");
  expect(unitNoun(plan(bare))).toBe("row");
  expect(unitNoun(plan(named))).toBe("record");
});
