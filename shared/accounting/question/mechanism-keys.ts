/** The mechanisms that can be asked about, as plain objects, their keys checked → events to account for. */
import { z } from "zod";
import { isRecord } from "../../record.ts";
import type { Repeated } from "../compose.ts";
import type { Adjacency, MechanismEvent } from "../mechanisms/event.ts";
import { selectionEpsilon } from "../mechanisms/exponential-mechanism.ts";
import { responseEpsilon } from "../mechanisms/randomized-response.ts";
import { checked, refusal } from "./question-fault.ts";

const MOST_STEPS = 2 ** 40;
/** Less than calibration ever tries. */
const LEAST_RATE = 2 ** -41;
const MOST_TREES = 10_000;
/** Tau is a sum over the clients. */
const MOST_CLIENTS = 1_000_000;
/** More noise than calibration ever tries; a square of it is far from overflow. */
const MOST_NOISE = 2 ** 64;

const noise = z.number().min(0).max(MOST_NOISE);
const sensitivity = z.number().gt(0).max(MOST_NOISE);
const count = z.number().int().min(1);
const steps = z.number().int().min(0).max(MOST_STEPS).default(1);
const pure = z.number().min(0).max(1e6);
const sampling = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("full") }),
    z.strictObject({ kind: z.literal("poisson"), rate: z.number().min(LEAST_RATE).max(1) }),
    z.strictObject({ kind: z.literal("fixedSize"), size: count, population: count }),
  ])
  .refine((sample) => sample.kind !== "fixedSize" || sample.size <= sample.population, {
    message: "a size of at most the population",
  })
  .prefault({ kind: "full" });

const noisySum = {
  noiseMultiplier: noise.optional(),
  sigma: noise.optional(),
  l2Sensitivity: sensitivity.optional(),
  sampling,
  steps,
};

/** The keys, by mechanism. */
const eventSchema = z.discriminatedUnion("mechanism", [
  z.strictObject({ mechanism: z.literal("gaussian"), ...noisySum }),
  z.strictObject({ mechanism: z.literal("discreteGaussian"), ...noisySum }),
  z.strictObject({
    mechanism: z.literal("distributedDiscreteGaussian"),
    clients: count.max(MOST_CLIENTS),
    sigma: noise,
    dimension: count,
    l2Sensitivity: sensitivity,
    l1Sensitivity: sensitivity.optional(),
    sampling,
    steps,
  }),
  z.strictObject({
    mechanism: z.literal("treeAggregation"),
    noiseMultiplier: noise,
    steps: z.array(count).min(1).max(MOST_TREES),
  }),
  z.strictObject({
    mechanism: z.literal("laplace"),
    noiseMultiplier: noise.optional(),
    scale: noise.optional(),
    l1Sensitivity: sensitivity.optional(),
    epsilonPerStep: pure.optional(),
    steps,
  }),
  z.strictObject({
    mechanism: z.literal("randomizedResponse"),
    categories: count.min(2),
    resampleProbability: z.number().min(0).max(1).optional(),
    epsilonPerStep: pure.optional(),
    steps,
  }),
  z.strictObject({
    mechanism: z.literal("exponential"),
    epsilonPerStep: pure.optional(),
    scale: noise.optional(),
    sensitivity: sensitivity.optional(),
    steps,
  }),
]);

type CheckedKeys = z.infer<typeof eventSchema>;

/** One mechanism as a plain object, or several times the same by its `steps`; adjacency is the question's. */
export type Mechanism = z.input<typeof eventSchema>;

/** What may be solved for, where a mechanism leaves it out. */
export const SOUGHT = ["noiseMultiplier", "steps", "samplingRate"] as const;
export type Sought = (typeof SOUGHT)[number];

/**
 * The event that a mechanism's keys describe.
 *
 * @throws ScenarioError naming the first key at fault
 */
export function eventOf(raw: unknown, adjacency: Adjacency, where: string): Repeated {
  const shape = shapeOf(raw, where);
  const line = checked(eventSchema, raw, Object.keys(shape), where);
  const event = toEvent(line, adjacency, where);
  return { event, count: line.mechanism === "treeAggregation" ? 1 : line.steps };
}

/** True if a mechanism takes `sought` and `raw` leaves it out. */
export function leavesOut(raw: unknown, sought: Sought, where: string): boolean {
  if (!isRecord(raw)) return false;
  const shape = shapeOf(raw, where);
  if (sought === "samplingRate") {
    const { sampling } = raw;
    return "sampling" in shape && (sampling === undefined || lacksRate(sampling));
  }
  if (sought === "steps") return raw.mechanism !== "treeAggregation" && raw.steps === undefined;
  const stated = ["noiseMultiplier", "sigma", "scale", "epsilonPerStep"];
  return "noiseMultiplier" in shape && stated.every((key) => raw[key] === undefined);
}

/** `raw` with a value for what it leaves out. */
export function filledIn(raw: unknown, sought: Sought, value: number): unknown {
  if (!isRecord(raw)) return raw;
  if (sought === "samplingRate") return { ...raw, sampling: { kind: "poisson", rate: value } };
  return { ...raw, [sought]: value };
}

function lacksRate(sampling: unknown): boolean {
  return isRecord(sampling) && sampling.kind === "poisson" && sampling.rate === undefined;
}

/** The keys that a mechanism takes. */
function shapeOf(raw: unknown, where: string): Readonly<Record<string, unknown>> {
  if (!isRecord(raw)) throw refusal("event", where, raw, "an object with a mechanism and its keys");
  const options = eventSchema.options.map(({ shape }) => shape);
  const found = options.find(({ mechanism }) => mechanism.value === raw.mechanism);
  if (found) return found;
  const names = options.map(({ mechanism }) => mechanism.value).join(", ");
  throw refusal("mechanism", where, raw.mechanism, `one of ${names}`);
}

function toEvent(line: CheckedKeys, adjacency: Adjacency, where: string): MechanismEvent {
  switch (line.mechanism) {
    case "gaussian":
    case "discreteGaussian": {
      const { mechanism, sampling, sigma, l2Sensitivity } = line;
      const noiseMultiplier = oneOf(line.mechanism, where, {
        noiseMultiplier: line.noiseMultiplier,
        "sigma with l2Sensitivity": ratio(sigma, l2Sensitivity, "sigma, l2Sensitivity", where),
      });
      return { mechanism, noiseMultiplier, sampling, adjacency };
    }
    case "distributedDiscreteGaussian": {
      const { steps: _, ...event } = line;
      return { ...event, adjacency };
    }
    case "treeAggregation": {
      const { mechanism, noiseMultiplier, steps: treeSizes } = line;
      return { mechanism, noiseMultiplier, treeSizes, adjacency };
    }
    default:
      return pureEvent(line, adjacency, where);
  }
}

type PureLine = Extract<
  CheckedKeys,
  { readonly mechanism: "laplace" | "randomizedResponse" | "exponential" }
>;

function pureEvent(line: PureLine, adjacency: Adjacency, where: string): MechanismEvent {
  const { mechanism, epsilonPerStep } = line;
  switch (mechanism) {
    case "laplace": {
      const { noiseMultiplier, scale, l1Sensitivity } = line;
      const noise = oneOf(mechanism, where, {
        noiseMultiplier,
        "scale with l1Sensitivity": ratio(scale, l1Sensitivity, "scale, l1Sensitivity", where),
        epsilonPerStep: epsilonPerStep === undefined ? undefined : 1 / epsilonPerStep,
      });
      return { mechanism, noiseMultiplier: noise, adjacency };
    }
    case "randomizedResponse": {
      const { categories, resampleProbability: resample } = line;
      const own = oneOf(mechanism, where, {
        epsilonPerStep,
        resampleProbability:
          resample === undefined ? undefined : responseEpsilon(categories, resample),
      });
      return { mechanism, categories, epsilonPerStep: own, adjacency };
    }
    case "exponential": {
      const scale = ratio(line.scale, line.sensitivity, "scale, sensitivity", where);
      const own = oneOf(mechanism, where, {
        epsilonPerStep,
        "scale with sensitivity": scale === undefined ? undefined : selectionEpsilon(1, scale),
      });
      return { mechanism, epsilonPerStep: own, adjacency };
    }
  }
}

/** The value that is stated in exactly one of several ways. */
function oneOf(
  mechanism: string,
  where: string,
  ways: Readonly<Record<string, number | undefined>>,
): number {
  const [value, ...others] = Object.values(ways).filter((way) => way !== undefined);
  if (value !== undefined && others.length === 0) return value;
  const got = value === undefined ? "none" : "several";
  throw refusal(mechanism, where, got, `one of ${Object.keys(ways).join("; ")}`);
}

/** Noise ÷ sensitivity, rounded down, so that its charge is rounded up. Both or neither. */
function ratio(
  noise: number | undefined,
  sensitivity: number | undefined,
  names: string,
  where: string,
): number | undefined {
  if (noise === undefined && sensitivity === undefined) return undefined;
  if (noise === undefined || sensitivity === undefined)
    throw refusal(names, where, "one without the other", "noise and its sensitivity together");
  return (noise / sensitivity) * (1 - Number.EPSILON);
}
