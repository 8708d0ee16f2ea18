/**
 * The plan: all that clients and coordinator must agree on, as one canonical JSON text under one
 * hash. It travels in the handshake; a client believes none of its derived numbers.
 */
import { z } from "zod";
import { type OpenEntry, samplingSchema } from "./accounting/ledger-line.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { type Contract, modelInputs } from "./contract/contract.ts";
import { contractSchema } from "./contract/contract-check.ts";
import type { EngineKind } from "./engine/engine.ts";
import { ProtocolError, ScenarioError } from "./errors.ts";
import { buildModel, type Model, type ModelSpec } from "./model.ts";
import { type PrivacyPlan, type PrivacyTerms, planPrivacy } from "./privacy-plan.ts";
import { isPublicData, minCohort, type Scenario } from "./scenario/scenario-schema.ts";

export interface Training {
  readonly algorithm: "dpSgd";
  /** One a round. */
  readonly learningRates: readonly number[];
  readonly momentum: number;
  /** What every host computes with; a host that cannot refuses. */
  readonly engine: EngineKind;
}

export interface Plan {
  readonly format: 1;
  readonly privacy: PrivacyPlan;
  readonly contract: Contract;
  readonly model: ModelSpec;
  readonly training: Training;
}

/** A plan, its text as it travels, and the hash of that text. */
export interface SealedPlan {
  readonly plan: Plan;
  readonly model: Model;
  readonly bytes: Buffer;
  readonly hash: string;
}

/** @throws ScenarioError where the scenario's numbers allow no plan */
export function makePlan(scenario: Scenario, contract: Contract, engine: EngineKind): SealedPlan {
  const { training, model: spec } = scenario;
  const model = buildModel(spec, modelInputs(contract));
  const rates = training.learningRate;
  return seal({
    format: 1,
    privacy: planPrivacy(privacyTerms(scenario, model.parameters)),
    contract,
    model: spec,
    training: {
      algorithm: training.algorithm,
      learningRates: Array.isArray(rates) ? rates : Array(training.rounds).fill(rates),
      momentum: training.momentum,
      engine,
    },
  });
}

/**
 * A plan as a client takes it from a coordinator: the text's hash, its form, every postfix and
 * every derived number (its own epsilon among them) are checked anew.
 *
 * @throws ProtocolError `plan.…` naming what differs
 */
export function openPlan(bytes: Buffer, hash: string): SealedPlan {
  const refuse = (what: string, got: unknown, expected: string): never => {
    const fix = "Ask for the plan that the coordinator's scenario gives.";
    throw new ProtocolError({
      what: `plan.${what}`,
      where: "the plan received",
      got,
      expected,
      fix,
    });
  };
  if (sha256(bytes) !== hash) refuse("hash", sha256(bytes), hash);
  const parsed = planSchema.safeParse(parseJson(bytes.toString("utf8")));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse("form", issue?.path.join(".") ?? "", issue?.message ?? "a plan");
  }
  const plan = parsed.data;
  const { learningRates } = plan.training;
  if (learningRates.length !== plan.privacy.rounds)
    refuse("learningRates", learningRates.length, `${plan.privacy.rounds}, one a round`);
  const derived = rederive(plan);
  for (const [field, value] of Object.entries(derived)) {
    const got: unknown = Reflect.get(plan.privacy, field);
    if (got !== value && canonicalJson(got) !== canonicalJson(value))
      refuse(field, got, `${value}`);
  }
  const sealed = seal({ ...plan, privacy: derived });
  if (sealed.hash !== hash) refuse("form", "text that is not canonical", "canonical JSON");
  return sealed;
}

/** undefined for a text that is no JSON, which no schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How the ledger of a run of that plan begins. @param runId 32 hex digits */
export function ledgerOpening({ plan, hash }: SealedPlan, runId: string): OpenEntry {
  const { unit, adjacency, accountant, delta, chargedDelta, epsilon, noise } = plan.privacy;
  const rules = { unit, adjacency, accountant, delta, chargedDelta, budget: epsilon, noise };
  return { kind: "open", runId, planHash: hash, ...rules };
}

function rederive(plan: z.infer<typeof planSchema>): PrivacyPlan {
  try {
    const model = buildModel(plan.model, modelInputs(plan.contract));
    return planPrivacy({ ...terms.parse(pick(plan.privacy)), parameters: model.parameters });
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw new ProtocolError({ ...cause.problem, what: `plan.${cause.problem.what}` }, { cause });
  }
}

function seal(plan: Plan): SealedPlan {
  const bytes = Buffer.from(canonicalJson(plan));
  const model = buildModel(plan.model, modelInputs(plan.contract));
  return { plan, model, bytes, hash: sha256(bytes) };
}

function privacyTerms(scenario: Scenario, parameters: number): PrivacyTerms {
  const { privacy, training, clients } = scenario;
  const sampling = training.sampling;
  const full = sampling.kind === "full";
  return {
    unit: privacy.unit,
    adjacency: privacy.adjacency,
    trust: privacy.trust,
    sampling: full ? { kind: "full" } : { kind: "poisson", rate: sampling.rate ?? 1 },
    accountant: privacy.accountant === "auto" ? (full ? "gdp" : "rdp") : privacy.accountant,
    noise: privacy.noise ?? (isPublicData(scenario) ? "seeded" : "secure"),
    population: privacy.population,
    rounds: training.rounds,
    spareAttempts: privacy.spareAttempts,
    clipNorm: training.clipNorm,
    delta: privacy.delta,
    // Without noise a target has nothing to aim at; the resolved scenario still shows it.
    targetEpsilon: privacy.trust === "none" ? null : (privacy.epsilon ?? null),
    statedNoise: privacy.trust === "none" ? null : (privacy.noiseMultiplier ?? null),
    clients: clients.count,
    minCohort: minCohort(scenario),
    parameters,
  };
}

const whole = z.number().int().min(1);
const terms = z.strictObject({
  unit: z.literal("record"),
  adjacency: z.literal("zeroOut"),
  trust: z.enum(["central", "local", "none"]),
  sampling: samplingSchema,
  accountant: z.enum(["gdp", "rdp"]),
  noise: z.enum(["secure", "seeded"]),
  population: whole,
  rounds: whole,
  spareAttempts: z.number().int().min(0),
  clipNorm: z.number().positive(),
  delta: z.number().gt(0).lt(1),
  targetEpsilon: z.number().positive().nullable(),
  statedNoise: z.number().positive().nullable(),
  clients: whole,
  minCohort: whole,
  parameters: whole,
});
const planSchema = z.strictObject({
  format: z.literal(1),
  privacy: terms.extend({
    expectedUnits: z.number().positive(),
    sensitivity: whole,
    scale: z.number().positive(),
    noiseStddev: z.number().int().min(0),
    noiseMultiplier: z.number().min(0),
    chargedDelta: z.number().gt(0).lt(1),
    epsilon: z.number().min(0).nullable(),
  }),
  contract: contractSchema,
  model: z.strictObject({
    kind: z.enum(["logistic", "mlp"]),
    hidden: z.array(whole).optional(),
    activation: z.enum(["tanh", "relu", "sigmoid"]),
  }),
  training: z.strictObject({
    algorithm: z.literal("dpSgd"),
    learningRates: z.array(z.number().positive()),
    momentum: z.number().min(0).lt(1),
    engine: z.enum(["fused", "tfjsNode", "tfjsWasm", "tfjsCpu"]),
  }),
});

/** The terms among a privacy plan's fields. */
function pick(privacy: object): object {
  const names = Object.keys(terms.shape);
  return Object.fromEntries(Object.entries(privacy).filter(([name]) => names.includes(name)));
}
