/** Each condition of privacy terms by itself: terms at its edge are taken, one step beyond are refused by it. */
import { describe, expect, it } from "vitest";
import { checkTerms, type PrivacyTerms, rowsOf } from "../../../shared/privacy/terms.ts";
import { termsWith } from "../../support/plans.ts";
import { problemOf } from "../../support/problem.ts";

type Odd = Partial<PrivacyTerms>;
const statistics = { noiseMultiplier: 9, classes: 2, histograms: [] };
const evaluation = { noiseMultiplier: 40, every: 1 };
const clients: Odd = { unit: "client", population: 5 };
const masked: Odd = { trust: "distributed", accountant: "zcdp", colluders: 1 };
const sized = (size: number, population = 5) =>
  ({ sampling: { kind: "fixedSize", size, population } }) as const;
const draws = (rowsPerCoin?: number) =>
  ({
    sampling: { kind: "poisson", rate: 0.1, ...(rowsPerCoin !== undefined && { rowsPerCoin }) },
  }) as const;
const adaptive = (low: number, high: number): Odd => ({
  adaptiveClipping: { quantile: 0.5, learningRate: 0.2, bitNoise: 20, bounds: [low, high] },
});
const persons: Odd = { rowsPerPerson: 3, rows: 1200 };
const past = (...populations: readonly number[]): Odd => ({
  past: {
    histories: populations.map((population) => ({ population })) as never,
    trainedOn: [],
    unknown: false,
  },
});

const TAKEN: readonly (readonly [what: string, terms: Odd])[] = [
  ["the usual", {}],
  ["a delta just below 1 / population", { delta: 1 / 401 }],
  ["a cohort of all", { minCohort: 5 }],
  ["no privacy, no number", { trust: "none", targetEpsilon: null }],
  ["a stated noise", { targetEpsilon: null, statedNoise: 3 }],
  ["weights of a population as large as delta lets be", past(10, 99_999)],
  ["all clients", clients],
  ["a drawn number of clients, all of them", { ...clients, ...sized(5) }],
  ["one that pools what it knows, and all but one", { ...clients, ...sized(2), colluders: 4 }],
  ["draws for rows", draws()],
  ["draws for persons", { ...persons, ...draws(3) }],
  ["as many rows as persons may have", persons],
  ["masks", masked],
  ["rotated under masks", { ...masked, parameters: 16, rotatedFrom: 11 }],
  ["steps of clients that noise", { trust: "local", localSteps: 3 }],
  ["bounds that begin at the clip norm", adaptive(0.5, 2)],
  ["bounds that end at the clip norm", adaptive(0.1, 0.5)],
  ["counts of records", { counts: { statistics, evaluation } }],
  ["a clock where clients are drawn", { ...clients, ...draws(), roundSeconds: 9 }],
];

const REFUSED: readonly (readonly [what: string, at: string, terms: Odd])[] = [
  ["a delta of 1 / population", "privacy.delta", { delta: 1 / 400 }],
  ["a cohort of more than all", "clients.minCohort", { minCohort: 6 }],
  ["epsilon and noise", "privacy.epsilon", { statedNoise: 3 }],
  ["neither", "privacy.epsilon", { targetEpsilon: null }],
  ["epsilon without privacy", "privacy.epsilon", { trust: "none" }],
  [
    "noise without privacy",
    "privacy.epsilon",
    { trust: "none", targetEpsilon: null, statedNoise: 1 },
  ],
  ["a delta too large for the weights' runs", "privacy.delta", past(10, 100_000)],
  ["the first of which is the largest", "privacy.delta", past(100_000, 10)],
  ["a population that is not the clients", "privacy.population", { ...clients, population: 6 }],
  ["a fixed size of records", "training.sampling", sized(5)],
  ["a fixed size of other clients", "training.sampling", { ...clients, ...sized(2, 6) }],
  ["a fixed size of more than all", "training.sampling", { ...clients, ...sized(6) }],
  ["all clients pooling", "privacy.colluders", { ...clients, ...sized(2), colluders: 5 }],
  ["draws of other rows than persons have", "training.sampling", { ...persons, ...draws(4) }],
  ["draws of persons without persons", "training.sampling", draws(3)],
  ["rows a person without rows", "privacy.rowsPerPerson", { rowsPerPerson: 3 }],
  ["rows without rows a person", "privacy.rowsPerPerson", { rows: 1200 }],
  ["persons of clients", "privacy.rowsPerPerson", { ...persons, ...clients }],
  ["more rows than persons may have", "data.source.rows", { ...persons, rows: 1201 }],
  [
    "masks, and nobody said how many pool",
    "privacy.colluders",
    { ...masked, colluders: undefined },
  ],
  ["pooling where nothing is drawn", "privacy.colluders", { colluders: 1 }],
  [
    "pooling where clients noise",
    "privacy.colluders",
    { ...clients, trust: "local", colluders: 1 },
  ],
  ["pooling where draws draw", "privacy.colluders", { ...clients, ...draws(), colluders: 1 }],
  ["a sample under masks", "training.sampling", { ...masked, ...draws() }],
  ["rotated in the open", "privacy.rotation", { parameters: 16, rotatedFrom: 11 }],
  ["steps under a sum's noise", "training.localSteps", { localSteps: 2 }],
  ["steps of a client unit", "training.localSteps", { ...clients, trust: "local", localSteps: 2 }],
  [
    "bits that each client noises",
    "training.adaptiveClipping",
    { ...adaptive(0.1, 2), trust: "local" },
  ],
  ["bits under masks", "training.adaptiveClipping", { ...adaptive(0.1, 2), ...masked }],
  [
    "one bit for many layers",
    "training.adaptiveClipping",
    { ...adaptive(0.1, 2), clipping: "perLayer" },
  ],
  ["bounds above the clip norm", "training.adaptiveClipping", adaptive(0.51, 2)],
  ["bounds below the clip norm", "training.adaptiveClipping", adaptive(0.1, 0.49)],
  ["a clock where all take part", "privacy.roundSeconds", { ...clients, roundSeconds: 9 }],
  ["a clock of records", "privacy.roundSeconds", { ...draws(), roundSeconds: 9 }],
  [
    "statistics of clients' rows",
    "privacy.counts",
    { ...clients, counts: { statistics, evaluation: null } },
  ],
  [
    "evaluations of clients' rows",
    "privacy.counts",
    { ...clients, counts: { statistics: null, evaluation } },
  ],
];

describe("terms of a plan", () => {
  it.each(TAKEN)("may have %s", (_, terms) => {
    expect(() => checkTerms(termsWith(terms))).not.toThrow();
  });

  it.each(REFUSED)("may not have %s: %s", async (_, at, terms) => {
    expect(await problemOf(() => checkTerms(termsWith(terms)))).toBe(`ScenarioError ${at}`);
  });
});

it("has room for the rows that were declared, else for a row a unit", () => {
  expect([rowsOf({ population: 400 }), rowsOf({ population: 400, rows: 1200 })]).toEqual([
    400, 1200,
  ]);
});
