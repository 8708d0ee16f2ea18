import { describe, expect, it } from "vitest";
import { graphRisks } from "../../../shared/secagg/graph-size.ts";
import { openingChance, secaggTerms } from "../../../shared/secagg/secagg-terms.ts";

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
    // 10 % colluding, 10 % lost: the golden graph of 1,000.
    expect(secaggTerms(1_000, { minCohort: 900, colluders: 100 })).toEqual({
      clients: 1_000,
      threshold: 67,
      degree: 96,
      leastSurvivors: 900,
      quorum: 667,
    });
    expect(secaggTerms(101, { minCohort: 99, colluders: 1 }).degree).toBeLessThan(100);
    // Beyond, not all signatures go to all: their holders' are what a client sees.
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
  it("is none in the complete graph", () => {
    expect(openingChance(100, { minCohort: 70, colluders: 30 })).toBe(0);
  });

  it("is that of the fewest who may be left beside all colluders, not that of the cohort", () => {
    // Left with 800 of 1,000 each client has more of the 100 colluders among its 196 neighbours.
    const cohort = { minCohort: 800, colluders: 100 };
    const chance = Math.log2(openingChance(1_000, cohort));
    expect(chance).toBeGreaterThan(-27.2);
    expect(chance).toBeLessThan(-27);
    // No number of clients that may be left has a greater one.
    const { degree, threshold } = secaggTerms(1_000, cohort);
    for (let clients = 800; clients <= 1_000; clients += 20) {
      const size = { degree: degree ?? 0, threshold };
      const { shareAttack } = graphRisks({ clients, colluders: 100, dropOuts: 0 }, size);
      expect(shareAttack).toBeLessThanOrEqual(chance + 1e-9);
    }
  });

  it("is never told to be less than the graph was built for", () => {
    expect(openingChance(200, { minCohort: 160, colluders: 1 })).toBe(2 ** -40);
  });
});
