import { describe, expect, it } from "vitest";
import { sampleCohort } from "../../../server/attempts/sample.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";

const [CLIENTS, ROUNDS] = [40, 4_000];
const coins = (round: number) => stream(seededRoot(6), "cohort", round, 0);
const all = Array.from({ length: CLIENTS }, (_, clientIndex) => clientIndex);

it("takes every client where records are the unit, and draws nothing", () => {
  const sampling = { kind: "poisson", rate: 0.1 } as const;
  expect(sampleCohort({ unit: "record", sampling, clients: CLIENTS }, coins(0))).toEqual(all);
});

it("takes every client under full sampling", () => {
  const plan = { unit: "client", sampling: { kind: "full" }, clients: CLIENTS } as const;
  expect(sampleCohort(plan, coins(0))).toEqual(all);
});

describe.each([
  ["poisson", { kind: "poisson", rate: 0.3 }],
  ["fixedSize", { kind: "fixedSize", size: 12, population: CLIENTS }],
] as const)("%s sampling", (kind, sampling) => {
  const plan = { unit: "client", sampling, clients: CLIENTS } as const;
  const cohorts = Array.from({ length: ROUNDS }, (_, round) => sampleCohort(plan, coins(round)));

  it("never has a client twice in a round", () => {
    for (const cohort of cohorts) expect(new Set(cohort).size).toBe(cohort.length);
  });

  it("has every client in 30 % of the rounds", () => {
    // Each count is binomial. 5.6 deviations for one of forty: an error in a million seeds.
    const deviation = Math.sqrt(ROUNDS * 0.3 * 0.7);
    for (const client of all) {
      const count = cohorts.filter((cohort) => cohort.includes(client)).length;
      expect(Math.abs(count - 0.3 * ROUNDS)).toBeLessThan(5.6 * deviation);
    }
  });

  it("has pairs as often as independent coins, or as cards without replacement, give them", () => {
    const both = kind === "poisson" ? 0.3 * 0.3 : (12 / 40) * (11 / 39);
    const deviation = Math.sqrt(ROUNDS * both * (1 - both));
    for (const [a, b] of [
      [0, 1],
      [3, 17],
      [38, 39],
    ] as const) {
      const count = cohorts.filter((cohort) => cohort.includes(a) && cohort.includes(b)).length;
      expect(Math.abs(count - both * ROUNDS)).toBeLessThan(5 * deviation);
    }
  });

  it("has the sizes of its name", () => {
    const sizes = cohorts.map(({ length }) => length);
    if (kind === "fixedSize") {
      expect(new Set(sizes)).toEqual(new Set([12]));
      return;
    }
    const due = CLIENTS * 0.3 * 0.7;
    const variance = sizes.reduce((sum, n) => sum + (n - 12) ** 2, 0) / ROUNDS;
    // The square's deviation is about √2 of its mean: five standard errors.
    expect(Math.abs(variance - due)).toBeLessThan(5 * due * Math.sqrt(2 / ROUNDS));
  });
});
