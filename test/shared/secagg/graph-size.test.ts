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
    expect(graphSize(cohort)).toEqual({ degree, threshold });
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
      expect(graphSize(terms(n, gamma, delta))).toEqual({ degree, threshold });
    },
  );

  it.each([
    [1_000, 0.1, 0.3],
    [1_000, 0.2, 0.2],
    [10_000, 0.1, 0.2],
  ])("refuses %d clients, %d colluding, %d lost: no degree fits", (n, gamma, delta) => {
    expect(() => graphSize(terms(n, gamma, delta))).toThrow(ScenarioError);
    expect(() => graphSize(terms(n, gamma, delta))).toThrow("secagg.graph");
  });

  it("never asks for more neighbours than there are others", () => {
    const { degree } = graphSize({ clients: 101, colluders: 30, dropOuts: 30 });
    expect(degree).toBeLessThan(101);
    expect(() => graphSize({ clients: 101, colluders: 40, dropOuts: 40 })).toThrow("secagg.graph");
  });
});

/** Exact, in fractions of big integers. */
function atLeast(least: number, all: number, marked: number, draws: number): number {
  const choose = (n: number, k: number): bigint => {
    if (k < 0 || k > n) return 0n;
    let value = 1n;
    for (let i = 0; i < k; i++) value = (value * BigInt(n - i)) / BigInt(i + 1);
    return value;
  };
  let sum = 0n;
  for (let hits = Math.max(0, least); hits <= draws; hits++) {
    sum += choose(marked, hits) * choose(all - marked, draws - hits);
  }
  return Number((sum * 2n ** 1000n) / choose(all, draws)) / 2 ** 1000;
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
