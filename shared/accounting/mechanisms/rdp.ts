/**
 * Rényi accounting of the Gaussian mechanism with Poisson sampling (Mironov, Talwar & Zhang 2019,
 * arXiv:1908.10530): RDP at `order` is log A / (order - 1), where A is the mean of r^order under
 * x ~ N(0, z²) and r(x) = 1 - q + q e^((2x - 1) / 2z²), q the rate and z the noise multiplier.
 *
 * All sums run over logarithms of A - 1, every term of which is positive: nothing cancels.
 */
import { checkDelta } from "./gaussian.ts";

/** Rényi orders tried. Small epsilon needs the large ones, epsilon above 30 those below 2. */
export const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => (11 + i) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  ...[128, 256, 512, 1024],
];

/** RDP at each of ORDERS, in nats. */
export type RdpCurve = readonly number[];

/** What a curve proves, and the order at which the bound was tightest. */
export interface Converted {
  readonly epsilon: number;
  readonly order: number;
}

// Float error of the sums below is under 1e-11 relative (measured against 40 digits); every RDP
// is raised by more than that, so that it is never below the truth.
const ROUND_UP = 1 + 1e-10;

// Below this noise the nodes would grow without bound, for an epsilon of hundreds a step at best:
// sampled steps count as full ones there, which is a valid bound at any rate.
const LEAST_SAMPLED_NOISE = 0.05;

/**
 * RDP of one step at one order, rounded up.
 *
 * @param rate chance of a unit to be in the step, in (0, 1]
 * @param noiseMultiplier noise standard deviation ÷ L2 sensitivity, ≥ 0; Infinity comes of 0
 * @param order > 1
 */
export function sampledGaussianRdp(rate: number, noiseMultiplier: number, order: number): number {
  const nodes = Number.isInteger(order) ? [] : quadrature(rate, noiseMultiplier, order);
  return rdpAt(rate, noiseMultiplier, order, nodes);
}

/** RDP of one step at every standard order; 1 to 3 ms where it is sampled. */
export function sampledGaussianCurve(rate: number, noiseMultiplier: number): RdpCurve {
  const fractional = ORDERS.filter((order) => !Number.isInteger(order));
  const nodes = quadrature(rate, noiseMultiplier, Math.max(...fractional));
  return ORDERS.map((order) => rdpAt(rate, noiseMultiplier, order, nodes));
}

/** The curve of `count` times each of `curves`, one after another: RDP adds up at each order. */
export function composedCurve(
  parts: readonly { readonly curve: RdpCurve; readonly count: number }[],
): RdpCurve {
  const total = ORDERS.map(() => 0);
  for (const { curve, count } of parts) {
    curve.forEach((rdp, i) => {
      total[i] = (total[i] ?? 0) + count * rdp;
    });
  }
  return total;
}

/**
 * Smallest epsilon that the orders prove at `delta`: Canonne, Kamath & Steinke 2020
 * (arXiv:2004.00010), proposition 12; 0 where some order's divergence is so small that the total
 * variation distance, at most sqrt(1 - e^-rdp) (Bretagnolle & Huber 1979), is below delta.
 *
 * @throws Error on a negative or missing RDP, which no mechanism has
 */
export function epsilonFromRdp(curve: RdpCurve, delta: number): Converted {
  return convert(curve, delta, (rdp, order) => {
    if (delta ** 2 + Math.expm1(-rdp) > 0) return 0;
    const shrink = Math.log1p(-1 / order);
    const chance = -Math.log(delta * order) / (order - 1);
    // Rounded up: the terms can cancel to far less than themselves.
    const error = 4 * Number.EPSILON * (rdp - shrink + Math.abs(chance));
    return Math.max(0, rdp + shrink + chance + error);
  });
}

/**
 * The classical conversion, Mironov 2017 (arXiv:1702.07476), proposition 3: looser at every order,
 * and here to compare with old papers only.
 */
export function classicalEpsilonFromRdp(curve: RdpCurve, delta: number): Converted {
  return convert(curve, delta, (rdp, order) => rdp - Math.log(delta) / (order - 1));
}

function convert(
  curve: RdpCurve,
  delta: number,
  epsilonAt: (rdp: number, order: number) => number,
): Converted {
  checkDelta(delta);
  let best: Converted = { epsilon: Infinity, order: Infinity };
  ORDERS.forEach((order, i) => {
    const rdp = curve[i] ?? Number.NaN;
    if (!(rdp >= 0))
      throw new Error(`RDP ${rdp} at order ${order}: a divergence is never negative`);
    const epsilon = epsilonAt(rdp, order);
    if (epsilon < best.epsilon) best = { epsilon, order };
  });
  return best;
}

function rdpAt(rate: number, z: number, order: number, nodes: readonly Node[]): number {
  if (!(rate > 0 && rate <= 1)) throw new RangeError(`rate ${rate}: expected in (0, 1]`);
  if (!(z >= 0)) throw new RangeError(`noiseMultiplier ${z}: expected ≥ 0`);
  if (!(order > 1 && order < Infinity)) throw new RangeError(`order ${order}: expected > 1`);
  const full = order / (2 * z ** 2);
  if (rate === 1 || z < LEAST_SAMPLED_NOISE) return full;
  const logExcess = Number.isInteger(order)
    ? binomialLogExcess(rate, z, order)
    : logSumExp(nodes.map((node) => node.logWeight + logGrowth(node, order)));
  // Sampling never costs more than none; the curves meet at rate 1.
  return Math.min(full, (softplus(logExcess) / (order - 1)) * ROUND_UP);
}

/** log(A - 1) at an integer order: the binomial theorem under the mean. */
function binomialLogExcess(rate: number, z: number, order: number): number {
  const terms: number[] = [];
  let logBinomial = Math.log(order);
  for (let k = 2; k <= order; k++) {
    logBinomial += Math.log((order - k + 1) / k);
    const chance = logBinomial + k * Math.log(rate) + (order - k) * Math.log1p(-rate);
    terms.push(chance + logExpm1((k * (k - 1)) / (2 * z ** 2)));
  }
  return logSumExp(terms);
}

/** One point of the trapezoidal rule over x. */
interface Node {
  /** log of step times the density of N(0, z²). */
  readonly logWeight: number;
  /** r(x) - 1, Infinity where it overflows. */
  readonly growth: number;
  /** log r(x). */
  readonly logRatio: number;
}

/**
 * The trapezoidal rule, which converges exponentially on a Gaussian times a smooth function. What
 * limits it is where r vanishes, pi z² off the real line, at x = 1/2 + z² log(1/q - 1): steps of
 * z / 12 make e^(-24 pi² z) of the density there, e^(-x² / 2z²), which is below 1e-13 of A for any z.
 * Beyond 14 deviations of 0, and of `highest` where r^order moves the mass, the density is e^-98.
 */
function quadrature(rate: number, z: number, highest: number): Node[] {
  if (!(z >= LEAST_SAMPLED_NOISE) || rate === 1) return [];
  const step = z / 12;
  const nodes: Node[] = [];
  const last = Math.ceil((highest + 14 * z) / step);
  for (let i = Math.floor((-14 * z) / step); i <= last; i++) {
    const x = i * step;
    const exponent = (2 * x - 1) / (2 * z ** 2);
    const growth = rate * Math.expm1(exponent);
    nodes.push({
      logWeight: Math.log(step / (z * Math.sqrt(2 * Math.PI))) - x ** 2 / (2 * z ** 2),
      growth,
      logRatio:
        exponent > 30
          ? Math.log(rate) + exponent + Math.log1p((1 / rate - 1) * Math.exp(-exponent))
          : Math.log1p(growth),
    });
  }
  return nodes;
}

/**
 * log of r^order - 1 - order (r - 1), which is never negative, and whose mean is A - 1 because the
 * mean of r is 1. Close to r = 1, where the difference cancels, by the binomial series.
 */
function logGrowth({ growth, logRatio }: Node, order: number): number {
  if (order * Math.abs(growth) < 0.1) return Math.log(binomialTail(growth, order));
  const power = order * logRatio;
  if (power <= 30) return Math.log(Math.expm1(power) - order * growth);
  const lost = order * Math.exp((1 - order) * logRatio) - (order - 1) * Math.exp(-power);
  return power + Math.log1p(-lost);
}

/** The binomial series of (1 + growth)^order from its square term on. */
function binomialTail(growth: number, order: number): number {
  let term = ((order * (order - 1)) / 2) * growth ** 2;
  let sum = term;
  for (let k = 2; Math.abs(term) > 1e-17 * sum; k++) {
    term *= ((order - k) / (k + 1)) * growth;
    sum += term;
  }
  return sum;
}

/** log of the sum of e^term; -Infinity for none. */
export function logSumExp(terms: readonly number[]): number {
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** log(1 + e^x). */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** log(e^x - 1), x > 0. */
function logExpm1(x: number): number {
  return x > 30 ? x + Math.log1p(-Math.exp(-x)) : Math.log(Math.expm1(x));
}
