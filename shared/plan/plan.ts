/**
 * The plan: all that clients and coordinator must agree on, as one canonical JSON text under one
 * hash. It travels in the handshake; a client believes none of its derived numbers.
 */
import { z } from "zod";
import { samplingSchema } from "../accounting/event-schema.ts";
import {
  ACCOUNTANTS,
  MOST_ROWS,
  PLANNED_ADJACENCIES,
  UNITS,
} from "../accounting/mechanisms/event.ts";
import { type ModelPast, modelPastSchema } from "../accounting/model-past.ts";
import { canonicalJson, sha256 } from "../canonical.ts";
import { contractSchema } from "../contract/check.ts";
import { type Contract, labelCount, modelInputs, rowsPerPersonOf } from "../contract/contract.ts";
import type { EngineKind } from "../engine/core/engine.ts";
import { ProtocolError, ScenarioError } from "../errors.ts";
import type { OpenEntry } from "../ledger/ledger-line.ts";
import { buildModel } from "../model/build-model.ts";
import { entriesOf, type Model } from "../model/model.ts";
import { type ModelSpec, modelSpecSchema } from "../model/model-spec.ts";
import { rotatedLength } from "../noise/rotation.ts";
import { rawFactor } from "../privacy/group-privacy.ts";
import { type PrivacyPlan, planPrivacy } from "../privacy/plan.ts";
import { TRUSTS } from "../privacy/trust.ts";
import { RANGES, type Scenario } from "../scenario/schema.ts";
import { type AggregationTerms, aggregationFault } from "../training/aggregation.ts";
import { trainingFault, vectorLength } from "../training/algorithms.ts";
import { scenarioModel } from "./scenario-model.ts";
import { privacyTerms } from "./scenario-terms.ts";
import { type Training, trainingOf, trainingSchema } from "./training-plan.ts";

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

/**
 * @param spec the model's, where it is out of a file: the scenario alone does not say it
 * @param past of the file's weights, as far as it counts here
 * @throws ScenarioError where the scenario's numbers allow no plan
 */
export function makePlan(
  scenario: Scenario,
  contract: Contract,
  engine: EngineKind,
  spec: ModelSpec = scenarioModel(scenario.model, contract),
  past?: ModelPast,
): SealedPlan {
  const model = buildModel(spec);
  const length = vectorLength(scenario.training.algorithm, model.parameters);
  const plan = {
    format: 1,
    privacy: planPrivacy(privacyTerms(scenario, contract, length, past)),
    contract,
    model: spec,
    training: trainingOf(scenario, engine),
  } as const;
  const fault = aggregationFault(plan.training.aggregation, aggregationTerms(plan));
  if (!fault) return seal(plan);
  const [key, got, expected, fix] = fault;
  throw new ScenarioError({ what: `training.${key}`, where: "the plan", got, expected, fix });
}

function aggregationTerms({ privacy, training }: Pick<Plan, "privacy" | "training">) {
  const { algorithm } = training;
  const adapts = privacy.adaptiveClipping !== null;
  return { ...privacy, algorithm, adapts } satisfies AggregationTerms;
}

/**
 * A plan as a client takes it from a coordinator: the text's hash, its form, every postfix and
 * every derived number (its own epsilon among them) are checked anew.
 *
 * @throws ProtocolError `plan.…` naming what differs
 */
export function openPlan(bytes: Buffer, hash: string): SealedPlan {
  if (sha256(bytes) !== hash) refuse("hash", sha256(bytes), hash);
  const parsed = planSchema.safeParse(parseJson(bytes.toString("utf8")));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse("form", issue?.path.join(".") ?? "", issue?.message ?? "a plan");
  }
  const plan = parsed.data;
  checkTraining(plan);
  checkContract(plan);
  const derived = rederive(plan);
  for (const [field, value] of Object.entries(derived)) {
    const got: unknown = Reflect.get(plan.privacy, field);
    if (got !== value && canonicalJson(got) !== canonicalJson(value))
      refuse(field, got, `${value}`);
  }
  const rowsEach = rowsPerPersonOf(plan.contract) ?? undefined;
  if (plan.privacy.rowsPerPerson !== rowsEach)
    refuse("rowsPerPerson", plan.privacy.rowsPerPerson, `${rowsEach}, by the contract's table`);
  const sealed = seal({ ...plan, privacy: derived });
  if (sealed.hash !== hash) refuse("form", "text that is not canonical", "canonical JSON");
  return sealed;
}

type ReceivedPlan = z.infer<typeof planSchema>;

function refuse(what: string, got: unknown, expected: string): never {
  const fix = "Ask for the plan that the coordinator's scenario gives.";
  throw new ProtocolError({ what: `plan.${what}`, where: "the plan received", got, expected, fix });
}

function checkTraining(plan: ReceivedPlan): void {
  const { learningRates, aggregation } = plan.training;
  const fault = trainingFault({ ...plan.training, ...plan.privacy }, plan.privacy);
  if (fault) refuse(fault[0], fault[1], fault[2]);
  const robust = aggregationFault(aggregation, aggregationTerms(plan));
  if (robust) refuse(robust[0], robust[1], robust[2]);
  if (learningRates.length !== plan.privacy.rounds)
    refuse("learningRates", learningRates.length, `${plan.privacy.rounds}, one a round`);
}

/** Model, counts and factor, by what the contract says of the table. */
function checkContract(plan: ReceivedPlan): void {
  const inputs = modelInputs(plan.contract);
  if (entriesOf(plan.model.input) !== inputs)
    refuse("model.input", plan.model.input, `the contract's ${inputs} model inputs`);
  const open = plan.contract.features.filter((one) => one.kind === "number" && one.learned);
  const learned = plan.privacy.bounds?.features ?? 0;
  if (open.length !== learned)
    refuse(
      "contract.features",
      `${open.length} without bounds`,
      learned === 0 ? "bounds of every feature" : `${learned}, whose bounds the plan pays for`,
    );
  const labels = labelCount(plan.contract.target);
  const { classes = 0 } = plan.privacy.counts.statistics ?? {};
  if (classes !== 0 && classes !== labels)
    refuse("counts", `${classes} classes`, `the target's ${labels}`);
  const beyond = plan.privacy.counts.statistics?.histograms.find(({ input }) => input >= inputs);
  if (beyond) refuse("counts", beyond.input, `one of the model's ${inputs} inputs`);
  const factor = rawFactor(plan.contract.anonymity, plan.privacy.unit, plan.privacy.rowsPerPerson);
  if (plan.privacy.rawFactor !== factor)
    refuse("rawFactor", plan.privacy.rawFactor, `${factor}, by the contract's anonymity`);
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
  const { past, rowsPerPerson } = plan.privacy;
  const counted = { unit, adjacency, accountant, delta, chargedDelta, budget: epsilon, noise };
  const rules = { ...counted, ...(past && { past, ...(rowsPerPerson && { rowsPerPerson }) }) };
  return { kind: "open", runId, planHash: hash, ...rules };
}

function rederive(plan: ReceivedPlan): PrivacyPlan {
  try {
    const model = buildModel(plan.model);
    const length = vectorLength(plan.training.algorithm, model.parameters);
    const lengths =
      plan.privacy.rotatedFrom === undefined
        ? { parameters: length }
        : { parameters: rotatedLength(length), rotatedFrom: length };
    return planPrivacy({ ...terms.parse(pick(plan.privacy)), ...lengths });
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw new ProtocolError({ ...cause.problem, what: `plan.${cause.problem.what}` }, { cause });
  }
}

function seal(plan: Plan): SealedPlan {
  const bytes = Buffer.from(canonicalJson(plan));
  return { plan, model: buildModel(plan.model), bytes, hash: sha256(bytes) };
}

const whole = z.number().int().min(1);
/** Beyond it their noise leaves nothing to learn from. */
const MOST_LEARNED = 10_000;
const terms = z.strictObject({
  unit: z.enum(UNITS),
  adjacency: z.enum(PLANNED_ADJACENCIES),
  trust: z.enum(TRUSTS),
  sampling: samplingSchema,
  accountant: z.enum(ACCOUNTANTS),
  noise: z.enum(["secure", "seeded"]),
  population: RANGES.count,
  rowsPerPerson: whole.max(MOST_ROWS).optional(),
  rows: RANGES.count.optional(),
  rounds: RANGES.rounds,
  localSteps: RANGES.localSteps,
  spareAttempts: RANGES.spareAttempts,
  clipNorm: RANGES.clipNorm,
  clipping: z.enum(["flat", "perLayer"]),
  adaptiveClipping: z
    .strictObject({
      quantile: z.number().gt(0).lt(1),
      learningRate: RANGES.clipLearningRate,
      bounds: z.tuple([RANGES.clipNorm, RANGES.clipNorm]),
      bitNoise: RANGES.bitNoise,
    })
    .nullable(),
  counts: z.strictObject({
    statistics: z
      .strictObject({
        noiseMultiplier: RANGES.countNoise,
        classes: z.union([z.literal(0), z.number().int().min(2).max(256)]),
        histograms: z.array(z.strictObject({ input: z.number().int().min(0), bins: RANGES.bins })),
      })
      .nullable(),
    evaluation: z
      .strictObject({ noiseMultiplier: RANGES.countNoise, every: RANGES.count })
      .nullable(),
  }),
  bounds: z
    .strictObject({ features: whole.max(MOST_LEARNED), share: RANGES.boundsShare })
    .optional(),
  delta: z.number().gt(0).lt(1),
  targetEpsilon: z.number().positive().nullable(),
  statedNoise: z.number().positive().nullable(),
  clients: RANGES.clients,
  minCohort: RANGES.clients,
  colluders: RANGES.clients.optional(),
  roundSeconds: RANGES.roundSeconds.optional(),
  parameters: whole,
  rotatedFrom: whole.optional(),
  rawFactor: whole.nullable(),
  past: modelPastSchema.optional(),
});
export const planSchema = z.strictObject({
  format: z.literal(1),
  privacy: terms.extend({
    expectedUnits: z.number().positive(),
    sensitivity: whole,
    scale: z.number().positive(),
    noiseStddev: z.number().int().min(0),
    bitNoiseStddev: z.number().int().min(0),
    noiseMultiplier: z.number().min(0),
    boundsNoiseStddev: z.number().int().min(0).optional(),
    noiseShares: whole.optional(),
    chargedDelta: z.number().gt(0).lt(1),
    epsilon: z.number().min(0).nullable(),
  }),
  contract: contractSchema,
  model: modelSpecSchema,
  training: trainingSchema,
});

/** The terms among a privacy plan's fields. */
function pick(privacy: object): object {
  const names = Object.keys(terms.shape);
  return Object.fromEntries(Object.entries(privacy).filter(([name]) => names.includes(name)));
}
