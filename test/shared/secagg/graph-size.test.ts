import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../../shared/errors.ts";
import { graphRisks, graphSize } from "../../../shared/secagg/graph-size.ts";
import { goldenSecagg } from "../../support/secagg-vectors.ts";

const terms = (clients: number, colluding: number, lost: number) => ({
  clients,
  colluders: Math.round(colluding * clients),
  dropOuts: Math.round(lost * clients),
});

describe("graphSize", () => {
  it.each(goldenSecagg.graph)("is the golden one for $n clients", (golden) => {
    const { n, k: degree, t: threshold, gamma, delta } = golden;
    const cohort = terms(n, gamma, delta);
    expect(graphSize(cohort, "curious")).toEqual({ degree, threshold });
    const risks = graphRisks(cohort, { degree, threshold });
    const attack = golden.log2_share_attack ?? -Infinity;
    if (attack === -Infinity) expect(risks.shareAttack).toBe(attack);
    else expect(risks.shareAttack).toBeCloseTo(attack, 2);
    expect(risks.disconnection).toBeCloseTo(golden.log2_disconnect, 2);
    expect(risks.abort).toBeCloseTo(golden.log2_abort, 2);
  });

  // The notes' other needs (section 3).
  it.each([
    [150, 0.1, 0.1, 44, 30],
    [1_000, 0.05, 0.05, 52, 37],
    [1_000, 0.05, 0.2, 148, 90],
    [1_000, 0.1, 0.2, 196, 125],
    [1_000, 0.2, 0.1, 138, 102],
    [10_000, 0.05, 0.2, 202, 123],
    [10_000, 0.2, 0.1, 182, 134],
  ])(
    "is, for %d clients, %d colluding, %d lost: %d and %d",
    (n, gamma, delta, degree, threshold) => {
      expect(graphSize(terms(n, gamma, delta), "curious")).toEqual({ degree, threshold });
    },
  );

  // Against a coordinator that keeps to no rule.
  it.each([
    [150, 15, 15, 44, 30],
    [200, 20, 20, 56, 39],
    [500, 50, 50, 110, 81],
    [500, 100, 50, 176, 139],
    [1_000, 50, 100, 118, 85],
    [1_000, 100, 100, 188, 145],
  ])(
    "is, for %d clients, %d colluding wherever they sit, %d lost: %d and %d",
    (clients, colluders, dropOuts, degree, threshold) => {
      const cohort = { clients, colluders, dropOuts };
      expect(graphSize(cohort, "malicious")).toEqual({ degree, threshold });
      expect(leastDegree(cohort)).toEqual({ degree, threshold });
    },
    60_000,
  );

  it.each([
    [1_000, 0.1, 0.3],
    [1_000, 0.2, 0.2],
    [10_000, 0.1, 0.2],
  ])("refuses %d clients, %d colluding, %d lost: no degree fits", (n, gamma, delta) => {
    expect(() => graphSize(terms(n, gamma, delta), "curious")).toThrow(ScenarioError);
    expect(() => graphSize(terms(n, gamma, delta), "curious")).toThrow("secagg.graph");
  });

  it("never asks for more neighbours than there are others", () => {
    const { degree } = graphSize({ clients: 101, colluders: 30, dropOuts: 30 }, "curious");
    expect(degree).toBeLessThan(101);
    expect(() => graphSize({ clients: 101, colluders: 40, dropOuts: 40 }, "curious")).toThrow(
      "secagg.graph",
    );
  });
});

const rows = new Map<number, readonly bigint[]>();

function choose(n: number, k: number): bigint {
  const row = rows.get(n) ?? binomials(n);
  rows.set(n, row);
  return row[k] ?? 0n;
}

function binomials(n: number): readonly bigint[] {
  const row = [1n];
  for (let k = 1; k <= n; k++) row.push(((row[k - 1] ?? 0n) * BigInt(n - k + 1)) / BigInt(k));
  return row;
}

/** Exact, in fractions of big integers. */
function atLeast(least: number, all: number, marked: number, draws: number): number {
  let sum = 0n;
  for (let hits = Math.max(0, least); hits <= draws; hits++) {
    sum += choose(marked, hits) * choose(all - marked, draws - hits);
  }
  return Number((sum * 2n ** 1000n) / choose(all, draws)) / 2 ** 1000;
}

/**
 * The smallest even degree, with the largest threshold that seldom aborts, for which more shares are needed
 * than honest holders and colluders can give, in fractions of big integers.
 */
function leastDegree(cohort: { clients: number; colluders: number; dropOuts: number }) {
  const { clients, colluders, dropOuts } = cohort;
  for (let degree = 2; degree <= 254; degree += 2) {
    let threshold = degree;
    const abort = () => clients * atLeast(degree - threshold + 1, clients - 1, dropOuts, degree);
    while (threshold > 0 && abort() > 2 ** -20) threshold--;
    // Each honest holder gives one of two shares, each colluder both: two secrets need 2t of them.
    if (degree - colluders + 2 * colluders < 2 * threshold) return { degree, threshold };
  }
  return undefined;
}

it("graphRisks are exact hypergeometric tails", () => {
  for (const [clients, colluders, dropOuts, degree, threshold] of [
    [150, 15, 15, 44, 30],
    [200, 7, 40, 60, 35],
    [500, 100, 11, 20, 12],
  ] as const) {
    const risks = graphRisks({ clients, colluders, dropOuts }, { degree, threshold });
    const attack = clients * atLeast(2 * threshold - degree, clients - 1, colluders, degree);
    const abort = clients * atLeast(degree - threshold + 1, clients - 1, dropOuts, degree);
    if (attack === 0) expect(risks.shareAttack).toBe(-Infinity);
    else expect(risks.shareAttack).toBeCloseTo(Math.log2(attack), 6);
    expect(risks.abort).toBeCloseTo(Math.log2(abort), 6);
  }
});
