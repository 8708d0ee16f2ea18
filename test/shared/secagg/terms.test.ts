import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../../shared/errors.ts";
import { graphRisks } from "../../../shared/secagg/graph-size.ts";
import { fewestClients, openingChance, secaggTerms } from "../../../shared/secagg/terms.ts";

describe("secaggTerms", () => {
  it("shares among everybody up to 100 clients, two thirds and one to open", () => {
    expect(secaggTerms(10, { minCohort: 8, colluders: 1 })).toEqual({
      clients: 10,
      threshold: 7,
      degree: null,
      leastSurvivors: 8,
      quorum: 7,
    });
    expect(secaggTerms(100, { minCohort: 10, colluders: 33 })).toMatchObject({
      threshold: 67,
      degree: null,
      leastSurvivors: 67,
    });
    // Nobody may drop out of three.
    expect(secaggTerms(3, { minCohort: 2, colluders: 0 }).threshold).toBe(3);
  });

  it("joins more in a graph, by the rates that the plan declares", () => {
    // 10 % colluding, 10 % lost.
    expect(secaggTerms(1_000, { minCohort: 900, colluders: 100 })).toEqual({
      clients: 1_000,
      threshold: 145,
      degree: 188,
      leastSurvivors: 900,
      quorum: 667,
    });
    expect(secaggTerms(101, { minCohort: 99, colluders: 1 }).degree).toBeLessThan(100);
    // Beyond, the coordinator is honest but curious: the golden graph of 2,000.
    expect(secaggTerms(2_000, { minCohort: 1_800, colluders: 200 })).toMatchObject({
      threshold: 74,
      degree: 106,
    });
    const { quorum, threshold } = secaggTerms(1_001, { minCohort: 950, colluders: 10 });
    expect(quorum).toBe(threshold);
  });

  it.each([
    ["secagg.cohort", 2, 2, 0],
    ["secagg.cohort", 9, 10, 1],
    ["secagg.cohort", Number.NaN, 10, 1],
    // Two quorums of 7 of 10 share 4; of these all 4 might collude.
    ["secagg.colluders", 10, 10, 4],
    ["secagg.graph", 1_000, 700, 100],
    ["secagg.graph", 1_000, 800, 100],
    ["secagg.graph", 1_000, 900, 200],
  ])(
    "refuses, by %s, %d clients, at least %d, %d colluding",
    (what, clients, minCohort, colluders) => {
      expect(() => secaggTerms(clients, { minCohort, colluders })).toThrow(what);
    },
  );

  it("lets fewer collude than any two quorums have in common, and a third in any case", () => {
    for (let clients = 3; clients <= 100; clients++) {
      const { threshold } = secaggTerms(clients, { minCohort: 1, colluders: 0 });
      const common = 2 * threshold - clients;
      const withColluders = (colluders: number) => () =>
        secaggTerms(clients, { minCohort: 1, colluders });
      expect(withColluders(common - 1)).not.toThrow();
      expect(withColluders(common)).toThrow("secagg.colluders");
      expect(common - 1).toBeGreaterThanOrEqual(Math.ceil(clients / 3) - 1);
    }
  });
});

describe("openingChance", () => {
  it("is none up to 1,000 clients", () => {
    expect(openingChance(100, { minCohort: 70, colluders: 30 })).toBe(0);
    expect(openingChance(500, { minCohort: 450, colluders: 100 })).toBe(0);
    expect(openingChance(1_000, { minCohort: 900, colluders: 100 })).toBe(0);
  });

  it("is that of the fewest who may be left beside all colluders, not that of the cohort", () => {
    // Left with 1,600 of 2,000 each client has more of the 100 colluders among its neighbours.
    const cohort = { minCohort: 1_600, colluders: 100 };
    const chance = Math.log2(openingChance(2_000, cohort));
    expect(chance).toBeGreaterThan(-40);
    // No number of clients that may be left has a greater one.
    const { degree, threshold } = secaggTerms(2_000, cohort);
    for (let clients = 1_600; clients <= 2_000; clients += 40) {
      const size = { degree: degree ?? 0, threshold };
      const { shareAttack } = graphRisks({ clients, colluders: 100, dropOuts: 0 }, size);
      expect(shareAttack).toBeLessThanOrEqual(chance + 1e-9);
    }
  });

  it("is never told to be less than the graph was built for", () => {
    expect(openingChance(2_000, { minCohort: 1_900, colluders: 1 })).toBe(2 ** -40);
  });
});

describe("a quorum", () => {
  it("shares more clients with any other of the plan than collude, whatever cohorts they are of", () => {
    // The case of before: quorums of 167 of 250 share 84, and 100 may collude.
    const steered = secaggTerms(250, { minCohort: 240, colluders: 100 });
    expect(2 * steered.quorum - 250).toBeGreaterThan(100);
    let tried = 0;
    for (const all of [10, 60, 100, 120, 250, 500])
      for (const colluders of [0, 1, Math.floor(all / 10), Math.floor(all / 5)])
        for (const share of [0.5, 0.95]) {
          const cohort = { minCohort: Math.ceil(share * all), colluders, clients: all };
          for (const clients of [fewestClients(cohort), all]) {
            const terms = termsOrNone(clients, cohort);
            if (terms === undefined) continue;
            // Any two sets of so many of `all` clients share at least this many.
            expect(2 * terms.quorum - all).toBeGreaterThan(colluders);
            expect(terms.quorum).toBeLessThanOrEqual(clients);
            expect(terms.leastSurvivors).toBeGreaterThanOrEqual(terms.quorum);
            tried++;
          }
        }
    expect(tried).toBeGreaterThan(50);
  });

  it("is no other than before where all clients of at most 100 are there", () => {
    for (let clients = 3; clients <= 100; clients++)
      for (let colluders = 0; colluders < Math.ceil(clients / 3); colluders++) {
        const cohort = { minCohort: colluders + 1, colluders, clients };
        expect(secaggTerms(clients, cohort).quorum).toBe(Math.floor((2 * clients) / 3) + 1);
      }
  });

  it("cannot be had by two cohorts of one plan at once, so too small a one is refused", () => {
    // Two cohorts of 5 of these 10 would each have had 4 signatures.
    const cohort = { minCohort: 5, colluders: 1, clients: 10 };
    expect(() => secaggTerms(5, cohort)).toThrow("secagg.cohort");
    expect(fewestClients(cohort)).toBe(6);
    expect(secaggTerms(6, cohort).quorum).toBe(6);
  });
});

function termsOrNone(clients: number, cohort: Parameters<typeof secaggTerms>[1]) {
  try {
    return secaggTerms(clients, cohort);
  } catch (error) {
    if (error instanceof ScenarioError) return undefined;
    throw error;
  }
}
