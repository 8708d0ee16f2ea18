/** Each rule fires, with the key in the file, and is silent on a twin that differs in that alone. */
import { describe, expect, it } from "vitest";
import type { DryRound } from "../../../run/lint/dry-run.ts";
import { LINT_RULES, type LintFacts, warningsOf } from "../../../run/lint/rules.ts";
import type { AdaptiveClipping, PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { shippedScenario } from "../../support/contracts.ts";
import { planWith } from "../../support/plans.ts";

const SCENARIO = shippedScenario("purchases");

/** Facts that no rule has anything to say about, but for `terms` and `facts`. */
function factsWith(terms: Partial<PrivacyTerms> = {}, facts: Partial<LintFacts> = {}): LintFacts {
  const plan = planWith({ noise: "secure", spareAttempts: 1, ...terms });
  return {
    scenario: SCENARIO,
    plan,
    noisePerClip: 0.25,
    measured: [round({})],
    narrow: [],
    ...facts,
  };
}

function round(parts: Partial<DryRound>): DryRound {
  return {
    round: 0,
    clipNorm: 0.5,
    updateNorm: 0.3,
    clippedShare: 0.4,
    medianNorm: 0.45,
    ...parts,
  };
}

const measured = (...rounds: Partial<DryRound>[]) => ({ measured: rounds.map(round) });

const POISSON = { sampling: { kind: "poisson", rate: 0.1 }, accountant: "rdp" } as const;
const fixedSize = { kind: "fixedSize", size: 6, population: 40 } as const;
const CLIENTS = {
  unit: "client",
  population: 40,
  clients: 40,
  minCohort: 30,
  delta: 1e-3,
} as const;
const MASKED = { trust: "distributed", accountant: "zcdp", colluders: 1 } as const;
const adaptive = (parts: Partial<AdaptiveClipping> = {}): Partial<PrivacyTerms> => ({
  adaptiveClipping: {
    quantile: 0.5,
    learningRate: 0.2,
    bounds: [0.3, 0.9],
    bitNoise: 30,
    ...parts,
  },
});
/** Seven rounds of at most 0.001 in the logarithm: nowhere. */
const SLOW = adaptive({ learningRate: 0.002 });

type Source = LintFacts["scenario"]["data"]["source"];

/** A scenario over a file, a person a row. */
function ofFile(source: Partial<Source>): LintFacts["scenario"] {
  const { data } = SCENARIO;
  const file = { file: "people.csv", person: "email", public: false };
  return { ...SCENARIO, data: { ...data, source: { ...file, ...source } } };
}

/** Which holds people out. */
const heldOut = (source: { readonly public: boolean }) => ofFile({ testRows: 50, ...source });
const apart = (source: Partial<Source>) =>
  factsWith({}, { scenario: ofFile({ testFile: "others.csv", ...source }) });

/** Nobody is noised, and updates are looked at one by one. */
function robust(aggregation: LintFacts["scenario"]["training"]["aggregation"]): LintFacts {
  const { training } = SCENARIO;
  return factsWith({}, { scenario: { ...SCENARIO, training: { ...training, aggregation } } });
}

/** A client hangs in every round, and a round waits so long. */
function hangs(deadlineSeconds: number | undefined): LintFacts {
  const faults: LintFacts["scenario"]["clients"]["faults"] = [{ kind: "hang", chance: 0.5 }];
  const clients = { ...SCENARIO.clients, faults, deadlineSeconds };
  return factsWith({}, { scenario: { ...SCENARIO, clients } });
}

const CASES: readonly (readonly [rule: string, where: string, bad: LintFacts, good: LintFacts])[] =
  [
    ["trustNone", "privacy.trust", factsWith({ trust: "none", targetEpsilon: null }), factsWith()],
    [
      "noneMayBeLost",
      "clients.count",
      factsWith({ ...MASKED, clients: 3, minCohort: 3 }),
      factsWith({ ...MASKED, clients: 4, minCohort: 3 }),
    ],
    [
      "heldOutPeople",
      "data.source.testRows",
      factsWith({}, { scenario: heldOut({ public: false }) }),
      factsWith({}, { scenario: heldOut({ public: true }) }),
    ],
    ["perRow", "data.person", apart({ person: undefined }), apart({})],
    ["longWait", "clients.deadlineSeconds", hangs(undefined), hangs(5)],
    ["outvoted", "training.aggregation", robust({ kind: "median" }), robust({ kind: "sum" })],
    ["rawTable", "data.anonymity", factsWith({ rawFactor: 5 }), factsWith({ rawFactor: 1 })],
    ["seededNoise", "privacy.noise", factsWith({ noise: "seeded" }), factsWith()],
    // 400^-1.1 = 0.001374; 1/400 = 0.0025.
    ["largeDelta", "privacy.delta", factsWith({ delta: 0.00138 }), factsWith({ delta: 0.00137 })],
    [
      "largeEpsilon",
      "privacy.epsilon",
      factsWith({ targetEpsilon: 10.1 }),
      factsWith({ targetEpsilon: 9.9 }),
    ],
    [
      "noSpareAttempts",
      "privacy.spareAttempts",
      factsWith({ spareAttempts: 0 }),
      factsWith({ spareAttempts: 1 }),
    ],
    [
      "narrowRange",
      "features.age",
      factsWith({}, { narrow: [{ feature: "age", share: 0.03 }] }),
      factsWith({}, { narrow: [] }),
    ],
    [
      "moreClientsThanRows",
      "clients.count",
      factsWith({ clients: 401, minCohort: 5 }),
      factsWith({ clients: 400, minCohort: 5 }),
    ],
    [
      "oneClient",
      "clients.count",
      factsWith({ clients: 1, minCohort: 1 }),
      factsWith({ clients: 2, minCohort: 1 }),
    ],
    ["cohortOfOne", "clients.minCohort", factsWith({ minCohort: 1 }), factsWith({ minCohort: 2 })],
    ["cohortOfAll", "clients.minCohort", factsWith({ minCohort: 5 }), factsWith({ minCohort: 4 })],
    [
      "emptyRounds",
      "training.sampling.rate",
      factsWith({ ...POISSON, sampling: { kind: "poisson", rate: 0.0024 } }),
      factsWith({ ...POISSON, sampling: { kind: "poisson", rate: 0.0026 } }),
    ],
    [
      "unamplified",
      "training.sampling.kind",
      factsWith({ ...CLIENTS, ...POISSON, trust: "local" }),
      factsWith({ ...CLIENTS, ...POISSON, trust: "central" }),
    ],
    [
      "unamplified",
      "training.sampling.kind",
      factsWith({ ...CLIENTS, sampling: fixedSize, accountant: "rdp", adjacency: "zeroOut" }),
      factsWith({ ...CLIENTS, sampling: fixedSize, accountant: "rdp", adjacency: "replaceOne" }),
    ],
    ["localNoise", "privacy.trust", factsWith({ trust: "local" }), factsWith({ trust: "central" })],
    [
      "fewClients",
      "clients.count",
      factsWith(CLIENTS, { noisePerClip: 1.1 }),
      factsWith(CLIENTS, { noisePerClip: 0.9 }),
    ],
    [
      "noiseDrowns",
      "privacy.epsilon",
      // Noise of 0.25 clip norms of 0.5 is 0.125: longer in two rounds of three, then in one.
      factsWith({}, measured({ updateNorm: 0.3 }, { updateNorm: 0.12 }, { updateNorm: 0.12 })),
      factsWith({}, measured({ updateNorm: 0.3 }, { updateNorm: 0.13 }, { updateNorm: 0.12 })),
    ],
    [
      "noiseDrowns",
      "privacy.epsilon",
      factsWith({}, { noisePerClip: 1.1, measured: null }),
      factsWith({}, { noisePerClip: 0.9, measured: null }),
    ],
    [
      "diverges",
      "training.learningRate",
      factsWith({}, measured({}, { clippedShare: 1, medianNorm: null })),
      // Nobody was drawn.
      factsWith({}, measured({}, { clippedShare: null, medianNorm: null })),
    ],
    [
      "clipNeverReached",
      "training.clipNorm",
      factsWith({}, measured({ clippedShare: 0 }, { clippedShare: 0.009 })),
      factsWith({}, measured({ clippedShare: 0 }, { clippedShare: 0.011 })),
    ],
    [
      "clipNeverReached",
      "training.clipNorm",
      factsWith({ clipping: "flat" }, measured({ clippedShare: 0 })),
      factsWith({ clipping: "perLayer" }, measured({ clippedShare: 0 })),
    ],
    [
      "clipAlways",
      "training.clipNorm",
      factsWith({}, measured({ clippedShare: 1 }, { clippedShare: 0.991 })),
      factsWith({}, measured({ clippedShare: 1 }, { clippedShare: 0.989 })),
    ],
    [
      "clipStuckAtBound",
      "training.adaptiveClipping.bounds",
      factsWith(adaptive(), measured({ clipNorm: 0.9, clippedShare: 0.7 })),
      factsWith(adaptive(), measured({ clipNorm: 0.89, clippedShare: 0.7 })),
    ],
    [
      "clipStuckAtBound",
      "training.adaptiveClipping.bounds",
      factsWith(adaptive(), measured({ clipNorm: 0.3, clippedShare: 0.35 })),
      factsWith(adaptive(), measured({ clipNorm: 0.3, clippedShare: 0.45 })),
    ],
    [
      // e^(0.2 × 6 × 0.5) = 1.82: 0.5 comes to 0.911 and 0.274.
      "clipAdaptsTooSlowly",
      "training.adaptiveClipping.learningRate",
      factsWith(adaptive({ bounds: [0.27, 0.92] }), { measured: null }),
      factsWith(adaptive({ bounds: [0.27, 0.9] }), { measured: null }),
    ],
    [
      "clipAdaptsTooSlowly",
      "training.adaptiveClipping.learningRate",
      factsWith(SLOW, measured({ clippedShare: 0.61 })),
      factsWith(SLOW, measured({ clippedShare: 0.59 })),
    ],
    [
      // A bit of ±1/2: 41 / 400 units is 0.1025 of the fraction.
      "bitNoise",
      "training.adaptiveClipping.bitNoise",
      factsWith(adaptive({ bitNoise: 41 })),
      factsWith(adaptive({ bitNoise: 40 })),
    ],
  ];

const fired = (facts: LintFacts) => warningsOf(facts).map(({ rule }) => rule);

it.each(CASES)("%s, at %s, fires, and not on its twin", (rule, where, bad, good) => {
  const warning = warningsOf(bad).find((told) => told.rule === rule);
  expect(warning?.where).toBe(where);
  expect(fired(good)).not.toContain(rule);
});

it("has a case for every rule", () => {
  expect(new Set(CASES.map(([rule]) => rule))).toEqual(new Set(Object.keys(LINT_RULES)));
});

it("says nothing at all of a scenario that is well", () => {
  expect(warningsOf(factsWith())).toEqual([]);
});

it("holds nothing of noise, δ or lost attempts against a scenario that promises nothing", () => {
  const none = { trust: "none", targetEpsilon: null } as const;
  const facts = factsWith({ ...none, noise: "seeded", delta: 0.0024, spareAttempts: 0 });
  expect(fired(facts)).toEqual(["trustNone"]);
});

it("names noiseMultiplier where that is what the file states", () => {
  const privacy = { ...SCENARIO.privacy, epsilon: undefined, noiseMultiplier: 0.5 };
  const facts = factsWith(
    { targetEpsilon: null, statedNoise: 0.9 },
    { scenario: { ...SCENARIO, privacy } },
  );
  const [warning] = warningsOf(facts);
  expect(warning).toMatchObject({ rule: "largeEpsilon", where: "privacy.noiseMultiplier" });
});

describe("each warning", () => {
  it.each(CASES)("of %s is one line, with numbers that are some", (rule, _, bad) => {
    const warning = warningsOf(bad).find((told) => told.rule === rule);
    const text = `${warning?.got} ${warning?.why} ${warning?.fix}`;
    expect(text).not.toMatch(/\n|NaN|undefined|Infinity|null/);
    expect(warning?.fix).toMatch(/^[A-Z].*\.$/);
  });

  it("of a clip norm tells the median norms", () => {
    const rounds = measured(
      { clippedShare: 0, medianNorm: 0.2 },
      { clippedShare: 0, medianNorm: 0.11 },
    );
    const [warning] = warningsOf(factsWith({}, rounds));
    expect(warning?.fix).toContain("0.11 to 0.2");
  });

  it("of a mostly empty round tells how many are empty", () => {
    const sampling = { kind: "poisson", rate: 0.0024 } as const;
    const [warning] = warningsOf(factsWith({ ...POISSON, sampling }));
    // (1 − 0.0024)^400 by its logarithm: e^−0.96115.
    expect(warning?.why).toContain("38.2 %");
  });
});
