import { modelInputs } from "../../shared/contract/contract.ts";
import type { OpenEntry } from "../../shared/ledger/ledger-line.ts";
import { ledgerOpening, type SealedPlan } from "../../shared/plan/plan.ts";
import type { Training } from "../../shared/plan/training-plan.ts";
import { NO_COUNTS } from "../../shared/privacy/counts.ts";
import { type PrivacyPlan, planPrivacy } from "../../shared/privacy/plan.ts";
import type { PrivacyTerms } from "../../shared/privacy/terms.ts";
import { denseModel, denseSpec } from "./nets.ts";

/** Terms in which every number is different, so that mixing two up shows. */
export function termsWith(overrides: Partial<PrivacyTerms> = {}): PrivacyTerms {
  return {
    unit: "record",
    adjacency: "zeroOut",
    trust: "central",
    sampling: { kind: "full" },
    accountant: "gdp",
    noise: "seeded",
    population: 400,
    rounds: 7,
    localSteps: 1,
    spareAttempts: 0,
    clipNorm: 0.5,
    clipping: "flat",
    adaptiveClipping: null,
    counts: NO_COUNTS,
    delta: 1e-5,
    targetEpsilon: 1.5,
    statedNoise: null,
    clients: 5,
    minCohort: 3,
    parameters: 11,
    rawFactor: 1,
    ...overrides,
  };
}

export function planWith(overrides: Partial<PrivacyTerms> = {}): PrivacyPlan {
  return planPrivacy(termsWith(overrides));
}

/** How clients train where records are the unit. */
export const DP_SGD: Training = {
  algorithm: "dpSgd",
  localEpochs: 1,
  batchSize: null,
  proximal: null,
  learningRates: [1],
  serverLearningRate: null,
  optimizer: { kind: "sgd" },
  averaging: null,
  engine: "fused",
};

/** A whole number that is kept as it is, within bounds. */
export const NUMBER_RECODING = {
  kind: "number",
  integer: true,
  bounds: [0, 120],
  clip: null,
  missing: null,
  bornBeforeMs: null,
  grid: null,
} as const;

/** A plan of a logistic model on one number, for what reads plans and not contracts. */
export function sealedWith(overrides: Partial<PrivacyTerms> = {}): SealedPlan {
  const contract: SealedPlan["plan"]["contract"] = {
    table: { kind: "people", person: null },
    columns: [
      {
        name: "age",
        from: "age",
        role: "quasiIdentifier",
        take: null,
        recoding: NUMBER_RECODING,
        identifiersKnown: null,
      },
      { name: "label", from: "label", role: "target", vocabulary: null },
    ],
    where: null,
    target: { kind: "column", name: "label", column: "label", positive: 1 },
    anonymity: { mode: "report", k: 5, sensitive: [], unsafe: false },
    features: [
      {
        name: "age",
        formula: "age",
        postfix: [["name", "age"]],
        kind: "number",
        bounds: [0, 120],
        scale: "linear",
        width: 1,
        labels: ["age"],
      },
    ],
  };
  const spec = { kind: "logistic", activation: "tanh" } as const;
  const model = denseModel(spec, modelInputs(contract));
  const modelSpec = denseSpec(spec, modelInputs(contract));
  const privacy = planWith({ parameters: model.parameters, ...overrides });
  const learningRates = Array.from({ length: privacy.rounds }, (_, i) => 1 + i / 4);
  const [algorithm, serverLearningRate] =
    privacy.unit === "record" ? (["dpSgd", null] as const) : (["fedAvg", 1] as const);
  const optimizer = { kind: "momentum", momentum: 0.25 } as const;
  const own = { algorithm, learningRates, serverLearningRate, optimizer };
  const training: Training = { ...DP_SGD, ...own };
  const plan = { format: 1, privacy, contract, model: modelSpec, training } as const;
  return { plan, model, bytes: Buffer.alloc(0), hash: "ab".repeat(32) };
}

/** How a ledger of that plan begins. */
export function openingFor(sealed: SealedPlan): OpenEntry {
  return ledgerOpening(sealed, "0123456789abcdef".repeat(2));
}
