/**
 * The one privacy object of a run. Sampler, clipper, noiser and accountant read this plan and
 * nothing else, so that what is noised and what is charged cannot differ.
 */

import { leastNoiseWhere } from "../accounting/calibrate.ts";
import type { CountedEvent } from "../accounting/charged-history.ts";
import { deltaAfterTable } from "../accounting/compose.ts";
import { updateNoise } from "../accounting/mechanisms/adaptive-clipping.ts";
import { ADVERSARIES, type Adversary } from "../accounting/mechanisms/event.ts";
import {
  LARGEST_EPSILON,
  type ModelPast,
  pastDistance,
  spentWithPast,
} from "../accounting/model-past.ts";
import { BudgetError, ScenarioError } from "../errors.ts";
import { MAX_SIGMA } from "../noise/gaussian-table.ts";
import { fitsInt32 } from "../noise/lattice.ts";
import { unitsInOneEntry } from "../noise/rotation.ts";
import { checkNoWrap, exactShare, noiseShares, shareStddev } from "../secagg/noise-shares.ts";
import { secaggTerms } from "../secagg/terms.ts";
import {
  boundsAttempts,
  boundsLength,
  boundsRelease,
  boundsSensitivity,
  WEIGHT,
} from "./bounds-terms.ts";
import { countDistance, countsFit } from "./counts.ts";
import { privacyEvent, releaseDistance } from "./events.ts";
import { latticeFor } from "./lattice-terms.ts";
import { attemptsOf, plannedTasks, taskLength, taskTerms } from "./tasks.ts";
import { checkTerms, type PrivacyTerms, rowsOf } from "./terms.ts";

export interface PrivacyPlan extends PrivacyTerms {
  /** The fixed divisor: units, of persons their rows, that a round holds on average, never a realised count. */
  readonly expectedUnits: number;
  /** L2 sensitivity of the integer sum to one unit, rounding and float error included. */
  readonly sensitivity: number;
  /** Lattice steps per model unit, at `clipNorm`; scaleAt gives it at another. */
  readonly scale: number;
  /** Standard deviation of the integer noise, in lattice steps: whole, 0 without privacy; each client's where clients add it. */
  readonly noiseStddev: number;
  /** The same of the noise on the sum of the bits, each ±1: 0 where the clip norm stays. */
  readonly bitNoiseStddev: number;
  /** Standard deviation ÷ sensitivity of all that is released: what is really drawn, and charged. */
  readonly noiseMultiplier: number;
  /** The same of the noise on a count of its bounds' histograms, in their own steps; only where there are some. */
  readonly boundsNoiseStddev?: number | undefined;
  /** Honest survivors on whose noise that counts; under trust `distributed` only. */
  readonly noiseShares?: number | undefined;
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

/** Of whatever a client may be asked for: an update, or counts. */
export function longestUpdate(plan: PrivacyPlan): number {
  return Math.max(...plannedTasks(plan).map(({ task }) => taskLength(plan, task)));
}

/** Lattice steps per model unit in a round that clips to `clipNorm`. */
export function scaleAt(plan: PrivacyPlan, clipNorm: number): number {
  return clipNorm === plan.clipNorm ? plan.scale : latticeFor(plan, clipNorm).scale;
}

function derive(stated: PrivacyTerms): PrivacyPlan {
  checkTerms(stated);
  const { past, ...terms } = stated;
  if (past === undefined || terms.trust === "none" || isBounded(stated, past))
    return noised(stated);
  // No noise of this run takes back what was given away before it: it is noised as if it stood alone.
  return { ...noised(terms), past, epsilon: null };
}

/** Whether the past leaves anything to promise of whoever gets the model. */
function isBounded(terms: PrivacyTerms, past: ModelPast): boolean {
  const rules = { ...terms, chargedDelta: terms.delta, past };
  return spentWithPast(rules, [], "modelRecipients") < Infinity;
}

function noised(terms: PrivacyTerms): PrivacyPlan {
  const { clipNorm, trust, delta } = terms;
  const shared = {
    ...terms,
    ...latticeFor(terms, clipNorm),
    expectedUnits: expected(terms),
    ...sharesOf(terms),
  };
  if (trust === "none") {
    const noise = { noiseStddev: 0, bitNoiseStddev: 0, noiseMultiplier: 0 };
    const counted = terms.bounds ? { boundsNoiseStddev: 0 } : {};
    const plan = { ...shared, ...noise, ...counted, chargedDelta: delta };
    checkRange(plan);
    return { ...plan, epsilon: null };
  }
  const first = withNoise(shared, delta);
  checkRange(first);
  // The noise comes from a table: its distance, over all draws, is taken off delta beforehand.
  const largest = Math.max(
    terms.targetEpsilon ?? planned(first) * (1 + CLAIM_SLACK),
    plannedWithPast(first) * (1 + CLAIM_SLACK),
  );
  if (!(largest < LARGEST_EPSILON)) throw unsupported(largest);
  const left = deltaAfterTable(delta, distanceOf(first), largest);
  const plan = withNoise(shared, left);
  checkRange(plan);
  const epsilon = planned(plan);
  checkTableShare(plan, Math.max(epsilon, plannedWithPast(plan)));
  return { ...plan, epsilon };
}

/** How many noises add up to the plan's; masks must be possible for the whole cohort. */
function sharesOf(terms: PrivacyTerms) {
  if (terms.trust !== "distributed") return {};
  const shares = noiseShares(terms);
  secaggTerms(terms.clients, terms);
  return { noiseShares: shares };
}

function expected(terms: PrivacyTerms): number {
  const { sampling } = terms;
  if (sampling.kind === "poisson") return sampling.rate * rowsOf(terms);
  return sampling.kind === "fixedSize" ? sampling.size : rowsOf(terms);
}

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
type Unnoised = Omit<
  Unclaimed,
  "noiseStddev" | "bitNoiseStddev" | "noiseMultiplier" | "chargedDelta"
>;

/** Bounds first, which have their share of what may be spent; training has what they leave. */
function withNoise(plan: Unnoised, chargedDelta: number): Unclaimed {
  return withTrainingNoise(withBoundsNoise(plan, chargedDelta), chargedDelta);
}

/** Of all bounds' attempts together Σ 1/z² is `share` of 1/z², z being the noise that one release alone would take. */
function withBoundsNoise(plan: Unnoised, chargedDelta: number): Unnoised {
  const { bounds, targetEpsilon, noiseShares: shares, accountant } = plan;
  if (bounds === undefined || targetEpsilon === null) return plan;
  checkPast({ ...plan, chargedDelta }, targetEpsilon);
  const sensitivity = boundsSensitivity(bounds.features);
  const precision = plan.past === undefined ? accountant : "pld";
  const target = { accountant: precision, epsilon: targetEpsilon, delta: chargedDelta };
  const alone = leastNoiseWhere(target, (noiseMultiplier) => {
    const noiseStddev = shares && exactShare(noiseMultiplier, sensitivity, shares);
    const release = {
      ...boundsRelease(plan),
      noiseMultiplier,
      ...(noiseStddev && { noiseStddev }),
    };
    const event = privacyEvent(release, "modelRecipients");
    return spentWithPast({ ...plan, chargedDelta }, [{ event, count: 1 }], "modelRecipients");
  });
  const each = alone * Math.sqrt(boundsAttempts(plan) / bounds.share);
  const boundsNoiseStddev =
    shares === undefined ? Math.ceil(each * sensitivity) : shareStddev(each, sensitivity, shares);
  return { ...plan, boundsNoiseStddev };
}

/** The noise stated or calibrated at `chargedDelta`, rounded up to whole lattice steps. */
function withTrainingNoise(plan: Unnoised, chargedDelta: number): Unclaimed {
  const { accountant, targetEpsilon, statedNoise, sensitivity, adaptiveClipping } = plan;
  const { noiseShares: shares } = plan;
  // Composed with a past by a curve or a grid, epsilon is no smoother than a grid's.
  const precision = plan.past === undefined ? accountant : "pld";
  const target = { accountant: precision, epsilon: targetEpsilon ?? 0, delta: chargedDelta };
  if (statedNoise === null) checkPast({ ...plan, chargedDelta }, target.epsilon);
  const wanted =
    statedNoise ??
    leastNoiseWhere(target, (noiseMultiplier) => {
      const noiseStddev = shares && exactShare(noiseMultiplier, sensitivity, shares);
      const events = releases({ ...plan, noiseMultiplier, ...(noiseStddev && { noiseStddev }) });
      return spentWithPast({ ...plan, chargedDelta }, events, "modelRecipients");
    });
  if (shares !== undefined) {
    const noiseStddev = shareStddev(wanted, sensitivity, shares);
    const noiseMultiplier = (Math.sqrt(shares) * noiseStddev) / sensitivity;
    return { ...plan, noiseStddev, bitNoiseStddev: 0, noiseMultiplier, chargedDelta };
  }
  if (adaptiveClipping === null) {
    const noiseStddev = Math.ceil(wanted * sensitivity);
    const noiseMultiplier = noiseStddev / sensitivity;
    return { ...plan, noiseStddev, bitNoiseStddev: 0, noiseMultiplier, chargedDelta };
  }
  // A bit of ±1/2 with its noise, doubled: integers of sensitivity 1.
  const bitNoiseStddev = Math.ceil(2 * adaptiveClipping.bitNoise);
  const alone = updateNoise(wanted, bitNoiseStddev / 2);
  if (alone === Infinity) throw tooLittleBitNoise(adaptiveClipping.bitNoise, wanted);
  const noiseStddev = Math.ceil(alone * sensitivity);
  // Both together are one vector; rounded down, since less noise is more loss.
  const noiseMultiplier =
    (1 - 4 * Number.EPSILON) / Math.hypot(sensitivity / noiseStddev, 1 / bitNoiseStddev);
  return { ...plan, noiseStddev, bitNoiseStddev, noiseMultiplier, chargedDelta };
}

/** @throws ScenarioError where the past alone leaves nothing of the target */
function checkPast(plan: Unnoised & { readonly chargedDelta: number }, target: number): void {
  if (plan.past === undefined) return;
  const spent = spentWithPast(plan, [], "modelRecipients");
  if (spent < target) return;
  throw new ScenarioError({
    what: "privacy.epsilon",
    where: "the plan",
    got: target,
    expected: `more than ${spent.toPrecision(4)}: the runs that model.file comes from have spent that at this delta, as its provenance states`,
    fix: "Raise it, or start from weights that cost less.",
  });
}

function tooLittleBitNoise(bitNoise: number, wanted: number): ScenarioError {
  return new ScenarioError({
    what: "training.adaptiveClipping.bitNoise",
    where: "the plan",
    got: bitNoise,
    expected: `more than ${Math.ceil(500 * wanted) / 1000}: with less the bits alone cost all there is to spend`,
    fix: "Raise it; a twentieth of the expected units is usual.",
  });
}

/** Epsilon after all attempts that the plan reserves, against whoever gets the model. */
function planned(plan: Unclaimed): number {
  return spentWithPast(plan, releases(plan), "modelRecipients");
}

/** Against whomever the past has told most, of those against whom anything is claimed; 0 without one. */
function plannedWithPast(plan: Unclaimed): number {
  if (plan.past === undefined) return 0;
  const spent = ADVERSARIES.map((one) => spentWithPast(plan, releases(plan, one), one));
  return Math.max(0, ...spent.filter(Number.isFinite));
}

/** All that a run releases to whoever gets the model: every attempt, and the counts. */
function releases(
  plan: Unnoised & { readonly noiseMultiplier: number },
  adversary: Adversary = "modelRecipients",
): CountedEvent[] {
  return plannedTasks(plan).map(({ task, count }) => ({
    event: privacyEvent(taskTerms(plan, task), adversary),
    count,
  }));
}

/**
 * Total variation distance of the run's noise, all draws together, from the distribution accounted
 * for. One step more of standard deviation than planned, since the second calibration may take it.
 */
function distanceOf(plan: Unclaimed): number {
  // Under `distributed` an attempt's distance is of all noises that are counted on.
  const noises = plan.trust === "local" ? plan.clients : 1;
  const ofAttempt = releaseDistance({ ...plan, noiseStddev: plan.noiseStddev + 1 });
  const own = ofAttempt * attemptsOf(plan) * noises + countDistance(plan, plan.clients);
  return own + boundsDistance(plan) * noises + pastDistance(plan.past);
}

function boundsDistance(plan: Unclaimed): number {
  const { boundsNoiseStddev = 0 } = plan;
  if (plan.bounds === undefined) return 0;
  const release = boundsRelease({ ...plan, boundsNoiseStddev: boundsNoiseStddev + 1 });
  return boundsAttempts(plan) * releaseDistance(release);
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
  const { sensitivity, noiseStddev, bitNoiseStddev, clients, parameters } = plan;
  const rows = rowsOf(plan);
  const units = unitsInOneEntry({ ...plan, population: rows });
  if (plan.trust === "distributed") checkNoWrap({ ...plan, units });
  const { localSteps } = plan;
  // Of each client as many sums, and as many noises, as it takes steps.
  const adding = plan.trust === "local" || plan.trust === "distributed" ? clients : 1;
  const noises = localSteps * adding;
  const fits =
    fitsInt32(localSteps * units, sensitivity, noiseStddev, noises, parameters) &&
    fitsInt32(rows, 1, bitNoiseStddev, 1, 1) &&
    countsFit(plan) &&
    boundsFit(plan, adding);
  if (fits && Math.max(noiseStddev, bitNoiseStddev) < MAX_SIGMA) return;
  throw new ScenarioError({
    what: "lattice.range",
    where: "the plan",
    got: `${rows} units of ${sensitivity} steps, noise of ${noiseStddev}`,
    expected: "a sum that cannot wrap in 32 bits",
    fix: "Lower privacy.population or the noise, or take a smaller model.",
  });
}

/** Whether no noised count of all clients together can wrap in 32 bits, and there is a table of that noise. */
function boundsFit(plan: Unclaimed, adding: number): boolean {
  const { bounds, boundsNoiseStddev = 0 } = plan;
  if (bounds === undefined) return true;
  const fits = fitsInt32(rowsOf(plan), WEIGHT, boundsNoiseStddev, adding, boundsLength(plan));
  return fits && boundsNoiseStddev < MAX_SIGMA;
}
