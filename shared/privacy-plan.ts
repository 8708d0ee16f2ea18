/**
 * The one privacy object of a run. Sampler, clipper, noiser and accountant read this plan and
 * nothing else, so that what is noised and what is charged cannot differ.
 */
import { calibrateNoise } from "./accounting/calibrate.ts";
import { deltaAfterTable, spentEpsilon } from "./accounting/compose.ts";
import {
  type Accountant,
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PrivacyEvent,
  type Sampling,
} from "./accounting/event.ts";
import { BudgetError, ScenarioError } from "./errors.ts";
import { MAX_SIGMA, tableDistance } from "./gaussian-table.ts";
import { fitsInt32, latticeFor } from "./lattice.ts";

export type Trust = "central" | "local" | "none";

/** What is decided; all else in a plan follows from it. */
export interface PrivacyTerms {
  /** Whose data epsilon protects: a record is a person. */
  readonly unit: "record";
  /** One unit contributes nothing instead; the population is public. */
  readonly adjacency: "zeroOut";
  readonly trust: Trust;
  readonly sampling: Sampling;
  readonly accountant: Accountant;
  /** Whence sampling and noise come: the operating system, or the scenario's seed. */
  readonly noise: "secure" | "seeded";
  /** Units there are: a declared public constant, never counted. */
  readonly population: number;
  readonly rounds: number;
  /** Attempts beyond `rounds` for which the budget is reserved. */
  readonly spareAttempts: number;
  /** L2 bound on one unit's contribution to the sum, in model units. */
  readonly clipNorm: number;
  readonly delta: number;
  /** What the noise is calibrated to; null where `noiseMultiplier` was stated, or without privacy. */
  readonly targetEpsilon: number | null;
  /** As stated, before it is rounded up to whole lattice steps; null where calibrated. */
  readonly statedNoise: number | null;
  readonly clients: number;
  /** Survivors below which an attempt aborts. */
  readonly minCohort: number;
  /** Length of the flat model. */
  readonly parameters: number;
}

export interface PrivacyPlan extends PrivacyTerms {
  /** The fixed divisor: sampling rate × population, never a realised count. */
  readonly expectedUnits: number;
  /** L2 sensitivity of a client's integer sum, rounding and float error included. */
  readonly sensitivity: number;
  /** Lattice steps per model unit. */
  readonly scale: number;
  /** Standard deviation of the integer noise, in lattice steps: whole, 0 without privacy. */
  readonly noiseStddev: number;
  /** noiseStddev ÷ sensitivity: the noise that is really drawn and charged. */
  readonly noiseMultiplier: number;
  /** What is left of delta for the accountant once the noise table's distance is taken off. */
  readonly chargedDelta: number;
  /** Epsilon after all rounds and spares, against whoever gets the model; null: no bound. */
  readonly epsilon: number | null;
}

/**
 * All that follows from the terms, frozen.
 *
 * @throws ScenarioError where the lattice could wrap, or no theorem or noise fits the terms
 */
export function planPrivacy(terms: PrivacyTerms): PrivacyPlan {
  try {
    return Object.freeze(derive(terms));
  } catch (cause) {
    // Nothing has been spent yet: it is the terms that must change.
    if (!(cause instanceof BudgetError)) throw cause;
    throw new ScenarioError({ ...cause.problem, what: `privacy.${cause.problem.what}` }, { cause });
  }
}

function derive(terms: PrivacyTerms): PrivacyPlan {
  checkTerms(terms);
  const { sampling, population, clipNorm, parameters, trust, delta } = terms;
  const lattice = latticeFor(parameters, clipNorm, population);
  const expectedUnits = sampling.kind === "poisson" ? sampling.rate * population : population;
  const shared = { ...terms, ...lattice, expectedUnits };
  if (trust === "none") {
    const plan = { ...shared, noiseStddev: 0, noiseMultiplier: 0, chargedDelta: delta };
    checkRange(plan);
    return { ...plan, epsilon: null };
  }
  const first = withNoise(shared, delta);
  checkRange(first);
  // The noise comes from a table: its distance, over all draws, is taken off delta beforehand.
  const largest = terms.targetEpsilon ?? planned(first) * (1 + CLAIM_SLACK);
  if (!(largest < LARGEST_EPSILON)) throw unsupported(largest);
  const left = deltaAfterTable(delta, distanceOf(first), largest);
  const plan = withNoise(shared, left);
  checkRange(plan);
  const epsilon = planned(plan);
  checkTableShare(plan, epsilon);
  return { ...plan, epsilon };
}

/** 128-bit noise has a share of delta that grows like e^epsilon; beyond this nothing is promised. */
const LARGEST_EPSILON = 40;

function unsupported(epsilon: number): ScenarioError {
  return new ScenarioError({
    what: "privacy.epsilon",
    where: "the plan",
    got: epsilon,
    expected: `below ${LARGEST_EPSILON}: beyond it an epsilon bounds nothing that matters`,
    fix: "Lower it (or raise the noise), or set privacy.trust to none.",
  });
}

/** How much above a first estimate the final epsilon may come, and still be what delta paid for. */
const CLAIM_SLACK = 1e-6;

type Unclaimed = Omit<PrivacyPlan, "epsilon">;
type Unnoised = Omit<Unclaimed, "noiseStddev" | "noiseMultiplier" | "chargedDelta">;

/** The noise stated or calibrated at `chargedDelta`, rounded up to whole lattice steps. */
function withNoise(plan: Unnoised, chargedDelta: number): Unclaimed {
  const { accountant, sampling, targetEpsilon, statedNoise, sensitivity } = plan;
  const wanted =
    statedNoise ??
    calibrateNoise(accountant, sampling, attemptsOf(plan), targetEpsilon ?? 0, chargedDelta);
  const noiseStddev = Math.ceil(wanted * sensitivity);
  return { ...plan, noiseStddev, noiseMultiplier: noiseStddev / sensitivity, chargedDelta };
}

/** Epsilon after all attempts that the plan reserves, against whoever gets the model. */
function planned(plan: Unclaimed): number {
  const event = privacyEvent(plan, "modelRecipients");
  return spentEpsilon(plan.accountant, [{ event, count: attemptsOf(plan) }], plan.chargedDelta);
}

function attemptsOf({
  rounds,
  spareAttempts,
}: Pick<PrivacyTerms, "rounds" | "spareAttempts">): number {
  return rounds + spareAttempts;
}

/**
 * Total variation distance of the run's noise, all draws together, from the distribution accounted
 * for. One step more of standard deviation than planned, since the second calibration may take it.
 */
function distanceOf(plan: Unclaimed): number {
  const noises = plan.trust === "local" ? plan.clients : 1;
  return tableDistance(plan.noiseStddev + 1) * plan.parameters * attemptsOf(plan) * noises;
}

/** What one attempt lets `adversary` learn. */
export function privacyEvent(
  plan: Pick<PrivacyPlan, "trust" | "noiseMultiplier" | "sampling" | "adjacency">,
  adversary: Adversary,
): PrivacyEvent {
  const { trust, noiseMultiplier, sampling, adjacency } = plan;
  // Under `central` the coordinator adds the noise itself, so it sees exact updates.
  const exact = trust === "none" || (trust === "central" && adversary === "coordinator");
  if (exact) return { mechanism: "none" };
  return { mechanism: "gaussian", noiseMultiplier, sampling, adjacency };
}

/** The same for each adversary: what one attempt's charge says. */
export function attemptEvents(plan: Parameters<typeof privacyEvent>[0]): ByAdversary<PrivacyEvent> {
  return byAdversary((adversary) => privacyEvent(plan, adversary));
}

/** What must hold among the terms, whoever wrote them: a scenario's author or a coordinator. */
function checkTerms(terms: PrivacyTerms): void {
  const { delta, population, minCohort, clients, trust, targetEpsilon, statedNoise } = terms;
  const demand = (holds: boolean, what: string, got: unknown, expected: string) => {
    if (holds) return;
    const fix = "Mend the scenario, or refuse the plan.";
    throw new ScenarioError({ what: `privacy.${what}`, where: "the plan", got, expected, fix });
  };
  demand(delta * population < 1, "delta", delta, `below 1 / population, ${1 / population}`);
  demand(minCohort <= clients, "minCohort", minCohort, `at most the ${clients} clients`);
  const given = [targetEpsilon, statedNoise].filter((value) => value !== null).length;
  const due = trust === "none" ? 0 : 1;
  demand(given === due, "epsilon", `${given} of epsilon and noiseMultiplier`, `${due} of them`);
}

/** The table's share of delta was set aside for one epsilon; the final one must not exceed it. */
function checkTableShare(plan: Unclaimed, epsilon: number): void {
  const share = distanceOf(plan) * (1 + Math.exp(epsilon));
  if (plan.chargedDelta + share <= plan.delta) return;
  throw new ScenarioError({
    what: "privacy.delta",
    where: "the plan",
    got: plan.delta,
    expected: `more than ${plan.chargedDelta + share}: the noise table takes its part of it`,
    fix: "Raise delta: one so small is finer than 128-bit noise.",
  });
}

function checkRange(plan: Unclaimed): void {
  const { population, sensitivity, noiseStddev, trust, clients, parameters } = plan;
  const noises = trust === "local" ? clients : 1;
  const fits = fitsInt32(population, sensitivity, noiseStddev, noises, parameters);
  if (fits && noiseStddev < MAX_SIGMA) return;
  throw new ScenarioError({
    what: "lattice.range",
    where: "the plan",
    got: `${population} units of ${sensitivity} steps, noise of ${noiseStddev}`,
    expected: "a sum that cannot wrap in 32 bits",
    fix: "Lower privacy.population or the noise, or take a smaller model.",
  });
}
