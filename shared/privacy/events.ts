/** What one attempt of a plan lets each adversary learn: the events that a ledger charges. */
import {
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PrivacyEvent,
  type Sampler,
} from "../accounting/mechanisms/event.ts";
import { tableDistance } from "../noise/gaussian-table.ts";
import { noiseSharesEvent } from "../secagg/noise-shares.ts";
import { openingChance } from "../secagg/terms.ts";
import type { PrivacyTerms } from "./terms.ts";

/** What of a plan its events depend on. */
export type EventTerms = Pick<PrivacyTerms, "unit" | "trust" | "sampling" | "adjacency"> & {
  /** Rows of a unit; absent: one. */
  readonly rowsPerPerson?: number | undefined;
  /** Noised sums that an attempt adds up, each charged; absent: one. */
  readonly localSteps?: number;
  /** Standard deviation ÷ sensitivity of all that one of them releases, taken as one vector. */
  readonly noiseMultiplier: number;
} & NoiseShareTerms;

/** Under trust `distributed`: whose noise is charged for, and what noise. */
interface NoiseShareTerms {
  /** Honest survivors that are counted on. */
  readonly noiseShares?: number | undefined;
  /** Of each of them, in lattice steps. */
  readonly noiseStddev?: number | undefined;
  readonly sensitivity?: number | undefined;
  readonly parameters?: number | undefined;
  /** All that may be asked; with the two below it says how large the graph of masks is. */
  readonly clients?: number | undefined;
  readonly minCohort?: number | undefined;
  readonly colluders?: number | undefined;
}

/** The same, and what is drawn for one: a release of `parameters` entries, and its bits if any. */
export type ReleaseTerms = EventTerms & {
  readonly noiseStddev: number;
  readonly bitNoiseStddev: number;
  readonly parameters: number;
};

/**
 * Total variation distance of one attempt's noise, all its draws, from the one accounted for. Under
 * `distributed` of all noises that are counted on, and the chance that masks come off.
 */
export function releaseDistance({
  noiseStddev,
  bitNoiseStddev,
  parameters,
  localSteps = 1,
  noiseShares,
  ...masks
}: Omit<
  ReleaseTerms,
  "unit" | "trust" | "sampling" | "adjacency" | "noiseMultiplier" | "rowsPerPerson"
>): number {
  const ofSum = tableDistance(noiseStddev) * parameters;
  if (noiseShares !== undefined) return noiseShares * ofSum + chanceOfOpening(masks);
  const ofBits = bitNoiseStddev === 0 ? 0 : tableDistance(bitNoiseStddev);
  return localSteps * (ofSum + ofBits);
}

function chanceOfOpening({ clients, minCohort, colluders }: NoiseShareTerms): number {
  if (clients === undefined || minCohort === undefined || colluders === undefined)
    throw new TypeError("trust distributed without a cohort");
  return openingChance(clients, { minCohort, colluders });
}

/** What one attempt lets `adversary` learn. */
export function privacyEvent(plan: EventTerms, adversary: Adversary): PrivacyEvent {
  const { trust, noiseMultiplier, adjacency, localSteps = 1, rowsPerPerson = 1 } = plan;
  // Under `central` the coordinator adds the noise itself, so it sees exact updates.
  const exact = trust === "none" || (trust === "central" && adversary === "coordinator");
  if (exact) return { mechanism: "none" };
  const rows = rowsPerPerson === 1 ? {} : { rows: rowsPerPerson };
  if (trust === "distributed") return { ...shareEvent(plan), ...rows };
  const sampling = knownTo(adversary, countedSampling(plan), plan.colluders);
  const steps = localSteps === 1 ? {} : { steps: localSteps };
  return { mechanism: "gaussian", noiseMultiplier, sampling, adjacency, ...steps, ...rows };
}

type ShareEvent = Extract<PrivacyEvent, { readonly mechanism: "distributedDiscreteGaussian" }>;

/** The same for everybody: nobody, the coordinator included, sees more than the noised sum. */
function shareEvent(plan: EventTerms): ShareEvent {
  const { noiseShares, noiseStddev, sensitivity, parameters, adjacency } = plan;
  const known = noiseShares && noiseStddev && sensitivity && parameters;
  if (!known) throw new TypeError("trust distributed without shares of noise");
  return noiseSharesEvent({ noiseStddev, sensitivity, parameters }, noiseShares, adjacency);
}

/**
 * What is left of a sample's secrecy to a client that knows whether it was drawn itself: a fixed
 * number was then drawn of all others. Coins that are thrown for each apart tell it nothing.
 */
function knownTo(adversary: Adversary, sampling: Sampler, colluders?: number): Sampler {
  if (sampling.kind !== "fixedSize") return sampling;
  // Clients get the model too, so that whoever gets it may be as many of them.
  if (colluders !== undefined)
    return sampling.population > colluders ? { ...sampling, known: colluders } : { kind: "full" };
  if (adversary !== "otherClients") return sampling;
  const population = sampling.population - 1;
  return sampling.size < population ? { ...sampling, population } : { kind: "full" };
}

/**
 * What one attempt lets `adversary` learn of a person with rows at so many clients, each of which keeps
 * to `rowsPerPerson` by itself. Where one noise covers the sum of all, the person moves that sum by as
 * many times the rows, by a coin at each client where they throw coins. Where each client noises its own
 * update, it is as many releases one after another: rho is m N² times that of one row, not (m N)².
 */
export function eventsAtClients(
  plan: EventTerms,
  adversary: Adversary,
  clients: number,
): { readonly event: PrivacyEvent; readonly count: number } {
  const event = privacyEvent(plan, adversary);
  if (plan.trust === "local") return { event, count: clients };
  if (event.mechanism === "none" || clients === 1) return { event, count: 1 };
  return { event: { ...event, rows: (event.rows ?? 1) * clients }, count: 1 };
}

/** The same for each adversary: what one attempt's charge says. */
export function attemptEvents(plan: EventTerms): ByAdversary<PrivacyEvent> {
  return byAdversary((adversary) => privacyEvent(plan, adversary));
}

/**
 * The sampling that may be counted on. A sample hides a unit only from those who cannot see it, so
 * that of clients counts under `central` alone: each update under `local` says whose it is.
 */
export function countedSampling({
  unit,
  trust,
  sampling,
}: Pick<PrivacyTerms, "unit" | "trust" | "sampling">): Sampler {
  return unit === "client" && trust === "local" ? { kind: "full" } : sampling;
}
