/** What a scenario decides about privacy, in the terms of a plan. */
import type { Accountant, Adjacency, Sampler } from "../accounting/mechanisms/event.ts";
import type { ModelPast } from "../accounting/model-past.ts";
import { type Contract, labelCount } from "../contract/contract.ts";
import { ScenarioError } from "../errors.ts";
import { rotatedLength } from "../noise/rotation.ts";
import { tellsRounds } from "../privacy/cohort-secrecy.ts";
import { countedSampling } from "../privacy/events.ts";
import { rawFactor } from "../privacy/group-privacy.ts";
import type { Counts, PrivacyTerms } from "../privacy/terms.ts";
import type { Trust } from "../privacy/trust.ts";
import { minCohort, noiseOf, type Scenario } from "../scenario/schema.ts";

/**
 * @param length of an update before any rotation
 * @param past of the weights that the run starts from, as far as it counts
 * @throws ScenarioError for quantiles of what is no number
 */
export function privacyTerms(
  scenario: Scenario,
  contract: Contract,
  length: number,
  past?: ModelPast,
): PrivacyTerms {
  const { privacy, training, clients } = scenario;
  const { unit, trust, population, adjacency } = privacy;
  const { rowsPerPerson } = privacy;
  const sampling = samplerOf(training.sampling, population, rowsPerPerson);
  const counted = countedSampling({ unit, trust, sampling });
  return {
    unit,
    adjacency,
    trust,
    sampling,
    accountant:
      privacy.accountant === "auto"
        ? tightest(trust, counted, adjacency, past)
        : privacy.accountant,
    noise: noiseOf(scenario),
    population,
    ...(rowsPerPerson !== undefined && {
      rowsPerPerson,
      rows: scenario.data.source.rows ?? population * rowsPerPerson,
    }),
    rounds: training.rounds,
    localSteps: training.localSteps,
    spareAttempts: privacy.spareAttempts,
    clipNorm: training.clipNorm,
    clipping: training.clipping,
    adaptiveClipping: training.adaptiveClipping ?? null,
    counts: countsOf(scenario, contract),
    ...boundsOf(scenario, contract),
    delta: privacy.delta,
    targetEpsilon: trust === "none" ? null : (privacy.epsilon ?? null),
    statedNoise: trust === "none" ? null : (privacy.noiseMultiplier ?? null),
    clients: clients.count,
    minCohort: minCohort(scenario),
    ...(trust === "distributed"
      ? { colluders: privacy.colluders ?? 1 }
      : privacy.colluders !== undefined && { colluders: privacy.colluders }),
    ...(privacy.rotation
      ? { parameters: rotatedLength(length), rotatedFrom: length }
      : { parameters: length }),
    rawFactor: rawFactor(contract.anonymity, unit, rowsPerPerson),
    ...(past && { past }),
    ...(privacy.roundSeconds !== undefined && { roundSeconds: privacy.roundSeconds }),
  };
}

/** Whether a run of it may say when its rounds were (`tellsRounds`), before there is a plan. */
export function tellsRoundsOf(scenario: Scenario): boolean {
  const { sampling } = scenario.training;
  return tellsRounds({ ...scenario.privacy, sampling, noise: noiseOf(scenario) });
}

function countsOf({ statistics, evaluation }: Scenario, { features, target }: Contract): Counts {
  const federated = evaluation?.federated;
  const inputOf = (name: string) => {
    const at = features.findIndex((feature) => feature.name === name);
    if (features[at]?.kind === "number")
      return features.slice(0, at).reduce((sum, { width }) => sum + width, 0);
    throw new ScenarioError({
      what: `statistics.quantiles.${name}`,
      where: "the scenario",
      got: at < 0 ? "no feature" : "no number",
      expected: "a feature with bounds",
      fix: "Name one of the features that are numbers.",
    });
  };
  return {
    statistics: statistics
      ? {
          noiseMultiplier: statistics.noiseMultiplier,
          classes: statistics.classCounts ? labelCount(target) : 0,
          histograms: Object.entries(statistics.quantiles).map(([name, bins]) => ({
            input: inputOf(name),
            bins,
          })),
        }
      : null,
    evaluation: federated ?? null,
  };
}

/** Of features that no other way has given bounds yet. */
function boundsOf({ privacy }: Scenario, { features }: Contract): Pick<PrivacyTerms, "bounds"> {
  const learned = features.filter((one) => one.kind === "number" && one.learned).length;
  if (learned === 0) return {};
  return { bounds: { features: learned, share: privacy.bounds?.share ?? DEFAULT_SHARE } };
}

/** Of μ²: it makes training's noise an eighth larger. */
const DEFAULT_SHARE = 0.2;

function samplerOf(
  { kind, rate, size }: Scenario["training"]["sampling"],
  population: number,
  rowsPerPerson: number | undefined,
): Sampler {
  // One coin for all rows of a person: with a coin for each row the rate would bound nothing.
  if (kind === "poisson")
    return { kind, rate: rate ?? 1, ...(rowsPerPerson && { rowsPerCoin: rowsPerPerson }) };
  return kind === "fixedSize" ? { kind, size: size ?? population, population } : { kind };
}

/** Of those that have a theorem: exact where all take part, then the smallest bound. */
function tightest(
  trust: Trust,
  { kind }: Sampler,
  adjacency: Adjacency,
  past: ModelPast | undefined,
): Accountant {
  if (trust === "distributed") return "zcdp";
  if (kind === "poisson") return "pld";
  // What gdp knows, pld knows too, and sampled steps of the runs before besides.
  if (kind === "full" && past?.histories.some(({ accountant }) => accountant === "pld"))
    return "pld";
  return kind === "fixedSize" && adjacency === "replaceOne" ? "rdp" : "gdp";
}
