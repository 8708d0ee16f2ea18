/**
 * Rényi accounting of the Gaussian mechanism on exactly `size` of `population` units, drawn without
 * replacement (Wang, Balle & Kasiviswanathan 2019, arXiv:1808.00087, theorem 27), under replace-one
 * adjacency and no other. A bound; it has no matching lower one.
 */
import { logSumExp, ORDERS, type RdpCurve, softplus } from "./rdp.ts";

/**
 * Noise standard deviation ÷ what replacing one unit can change, that is 2 clip norms for a sum of
 * clipped vectors, and the share of units that are in the sample.
 */
export interface FixedSizeGaussian {
  readonly noiseMultiplier: number;
  /** size ÷ population, in (0, 1]. */
  readonly fraction: number;
}

// As in rdp.ts: above the float error of the sums, which is below 1e-11.
const ROUND_UP = 1 + 1e-10;

/** The theorem's bound at one order > 1, rounded up; between whole orders (order - 1) rdp is linear. */
export function fixedSizeRdp(step: FixedSizeGaussian, order: number): number {
  if (!(order > 1 && order < Infinity)) throw new RangeError(`order ${order}: expected > 1`);
  return interpolated(logTerms(step, Math.ceil(order)), order);
}

/**
 * RDP at every standard order: the theorem's bound, or the full batch's where that is smaller, as it
 * is at fractions near 1. (Neighbours' samples come in pairs that differ in one unit; a mixture of
 * pairs is never further apart than its worst.)
 */
export function fixedSizeCurve(step: FixedSizeGaussian): RdpCurve {
  const terms = logTerms(step, Math.max(...ORDERS));
  return ORDERS.map((order) => {
    const full = order / (2 * step.noiseMultiplier ** 2);
    return Math.min(full * (1 + 4 * Number.EPSILON), interpolated(terms, order));
  });
}

/**
 * RDP against an adversary that knows of `known` of the units whether they were drawn. How many of them
 * were, j, is hypergeometric, in its view, and no unit's data decide it: of all others size - j were then
 * drawn. So at each order it is the mean of e^((order - 1) rdp) over j; or the bound at the largest
 * fraction that is left, min(1, size / (population - known)), where that is smaller.
 */
export function knownSampleCurve({
  noiseMultiplier,
  size,
  population,
  known,
}: KnownSample): RdpCurve {
  const others = population - known;
  if (!(others >= 1)) throw new RangeError(`${known} known of ${population}`);
  const chances = hypergeometric(population, known, size);
  const curveAt = (drawn: number) =>
    drawn === 0
      ? ORDERS.map(() => 0)
      : fixedSizeCurve({ noiseMultiplier, fraction: Math.min(1, drawn / others) });
  const most = curveAt(Math.min(size, others));
  if (chances.length > MOST_PARTS) return most;
  const curves = chances.map(({ drawn, logChance }) => ({
    logChance,
    curve: curveAt(Math.min(size - drawn, others)),
  }));
  return ORDERS.map((order, i) => {
    const logs = curves.map(
      ({ logChance, curve }) => logChance + (order - 1) * (curve[i] ?? Number.NaN),
    );
    const mixed = (Math.max(0, logSumExp(logs)) / (order - 1)) * ROUND_UP + ROUND_UP - 1;
    return Math.min(most[i] ?? Infinity, mixed);
  });
}

/** Each takes a curve of its own, some milliseconds. */
const MOST_PARTS = 128;

/** A sample of fixed size, of part of which the adversary knows who is in it. */
export interface KnownSample {
  readonly noiseMultiplier: number;
  readonly size: number;
  readonly population: number;
  readonly known: number;
}

/** How many of the known are in the sample, by the logarithm of its chance. */
function hypergeometric(population: number, known: number, size: number) {
  const logFactorials = [0];
  for (let n = 1; n <= population; n++)
    logFactorials.push((logFactorials[n - 1] ?? 0) + Math.log(n));
  const choose = (n: number, k: number) =>
    (logFactorials[n] ?? 0) - (logFactorials[k] ?? 0) - (logFactorials[n - k] ?? 0);
  const least = Math.max(0, size - (population - known));
  const most = Math.min(known, size);
  return Array.from({ length: most - least + 1 }, (_, i) => {
    const drawn = least + i;
    const ways = choose(known, drawn) + choose(population - known, size - drawn);
    return { drawn, logChance: ways - choose(population, size) };
  });
}

function interpolated(terms: readonly number[], order: number): number {
  const below = Math.floor(order);
  const share = order - below;
  let log = (1 - share) * logMoment(terms, below);
  if (share > 0) log += share * logMoment(terms, below + 1);
  return (log / (order - 1)) * ROUND_UP;
}

/** (order - 1) rdp at a whole order; 0 at 1. */
function logMoment(terms: readonly number[], order: number): number {
  const logs: number[] = [];
  let logBinomial = Math.log(order);
  for (let j = 2; j <= order; j++) {
    logBinomial += Math.log((order - j + 1) / j);
    logs.push(logBinomial + (terms[j] ?? Number.NaN));
  }
  return softplus(logSumExp(logs));
}

/** Logarithms of the theorem's terms without their binomials, by j from 2 to `highest`. */
function logTerms({ noiseMultiplier: z, fraction }: FixedSizeGaussian, highest: number): number[] {
  if (!(z >= 0)) throw new RangeError(`noiseMultiplier ${z}: expected ≥ 0`);
  if (!(fraction > 0 && fraction <= 1)) throw new RangeError(`fraction ${fraction}`);
  const logMoments = ratioMoments(z, highest);
  const terms: number[] = [];
  for (let j = 2; j <= highest; j++) {
    const even = logMoments.get(2 * Math.floor(j / 2)) ?? Infinity;
    const next = logMoments.get(2 * Math.ceil(j / 2)) ?? Infinity;
    const moment = Math.min(Math.log(4) + (even + next) / 2, Math.LN2 + crossLog(z, j));
    terms[j] = moment + j * Math.log(fraction);
  }
  return terms;
}

/** (j - 1) times the Gaussian's RDP at order j. */
function crossLog(z: number, j: number): number {
  return (j * (j - 1)) / (2 * z ** 2);
}

/**
 * log B(l) at even l up to `highest` + 1, by l: the mean of (e^((2x-1) / 2z²) - 1)^l under
 * x ~ N(0, z²). The theorem has it as an alternating sum, in which all digits cancel when z is
 * large; the integral has no negative term, and the trapezoidal rule gives it to some ulps.
 *
 * Left out where it is surely beyond the other branch of the theorem's minimum: there B(l) is all
 * but its leading term, of which four times is more than twice.
 */
function ratioMoments(z: number, highest: number): Map<number, number> {
  const moments = new Map<number, number>();
  // The second term of the sum is l e^(-(l-1) / z²) of the first.
  const last = (l: number) => Math.log(2 * l) > (l - 1) / z ** 2;
  let largest = 0;
  for (let l = 2; l <= highest + 1; l += 2) if (last(l)) largest = l;
  const nodes = quadrature(z, largest);
  for (let l = 2; l <= largest; l += 2) {
    moments.set(l, logSumExp(nodes.map(({ logWeight, logSize }) => logWeight + l * logSize)));
  }
  return moments;
}

/**
 * Nodes for powers up to `power`. |e^y - 1|^power under N(0, z²) has a peak on either side of
 * x = 1/2, at most sqrt(power) deviations below 0 and `power` + sqrt(power) deviations above it,
 * and from there falls at least as fast as the density itself: 14 more leave e^-98. The function is
 * entire, so the rule's error is e^(-16 pi²) at four steps a deviation.
 */
function quadrature(z: number, power: number): { logWeight: number; logSize: number }[] {
  if (power === 0) return [];
  const step = z / 4;
  const reach = (Math.sqrt(power) + 14) * z;
  const logScale = Math.log(step / (z * Math.sqrt(2 * Math.PI)));
  const nodes = [];
  for (let i = Math.floor(-reach / step); i <= Math.ceil((power + reach) / step); i++) {
    const x = i * step;
    const size = Math.abs(Math.expm1((2 * x - 1) / (2 * z ** 2)));
    nodes.push({ logWeight: logScale - x ** 2 / (2 * z ** 2), logSize: Math.log(size) });
  }
  return nodes;
}
