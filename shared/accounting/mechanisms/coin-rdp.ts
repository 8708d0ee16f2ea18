/**
 * Rényi divergence of the mixture that several units' coins make (`coin-mixture.ts`), the larger of both
 * directions: with r = P / Q under x ~ N(0, z²) they are the means of r^a and of r^(1 - a), a the order.
 * Which of the two is larger is proved for one coin alone (Mironov, Talwar & Zhang 2019, theorem 5).
 *
 * Both by the trapezoidal rule on a function of r that is convex, never negative and 0 at r = 1, so that
 * nothing cancels, and whose mean is the moment minus 1, for the mean of r is 1. With step h its error is
 * what the function is on the line i y, times e^(y² / 2z² - 2 pi y / h) (Trefethen & Weideman 2014,
 * theorem 5.1): r has no root within pi z² of the real line, as e^(-j² / 2z²) keeps a binomial's roots real
 * (Laguerre's multiplier sequences), and there it is no larger than on the real line. For r^(1 - a) that
 * loses a factor of cos(y / 2z²)^(-K (a - 1)) at most, against which the steps are smaller.
 */
import { type Coins, coinMixture } from "./coin-mixture.ts";
import { logSumExp, ORDERS, type RdpCurve, sampledGaussianCurve, softplus } from "./rdp.ts";

// As in rdp.ts: above the float error of the sums.
const ROUND_UP = 1 + 1e-10;
/** Below it sampled steps count as full ones, as there. */
const LEAST_SAMPLED_NOISE = 0.05;
/** Exponentials of one order; beyond, the full batch's divergence is taken. */
const MOST_WORK = 400_000;
/** Deviations beyond the mode of a log-concave integrand; e^-98 is left. */
const REACH = 14;
/** The rule's error, in nats below the moment. */
const ACCURACY = 40;

/** RDP of one step at every standard order, rounded up; of one coin, the sampled Gaussian's. */
export function coinsCurve(step: Coins): RdpCurve {
  const { rate, noiseMultiplier: z, coins = 1 } = step;
  if (coins === 1) return sampledGaussianCurve(rate, z);
  const full = (order: number) => (order * coins ** 2) / (2 * z ** 2);
  if (rate === 1 || !(z >= LEAST_SAMPLED_NOISE)) return ORDERS.map(full);
  const loss = losses(step);
  return ORDERS.map((order) => {
    const moments = [order, 1 - order].map((power) => logMoment(loss, z, coins, power));
    const log = Math.max(...moments) * ROUND_UP;
    // Sampling never costs more than none. Where the rule would be too long, that is what is known.
    return Math.min(full(order), log / (order - 1));
  });
}

interface Losses {
  /** log r at an output, and z² times how fast it grows there. */
  readonly at: (x: number) => number;
  readonly slopeAt: (x: number) => number;
}

function losses(step: Coins): Losses {
  const z = step.noiseMultiplier;
  const { drawn, logGrowth } = coinMixture(step);
  const at = (x: number) => {
    const growth = logGrowth(x);
    if (growth <= 30) return Math.log1p(drawn * Math.expm1(growth));
    return Math.log(drawn) + growth + Math.log1p((1 / drawn - 1) * Math.exp(-growth));
  };
  const width = z / 1024;
  return { at, slopeAt: (x) => ((at(x + width) - at(x - width)) / (2 * width)) * z ** 2 };
}

/** log of the mean of r^power; Infinity where the rule would be too long. */
function logMoment({ at, slopeAt }: Losses, z: number, coins: number, power: number): number {
  // The real part of the rule's exponent is best where its derivative is 0; whole powers have no poles.
  const inverse = power < 0 ? -power * coins : 0;
  const dense = Math.sqrt(2 * ACCURACY * (1 + inverse / (4 * z ** 2))) / (2 * Math.PI);
  // 49 nats up to the poles, 79 without any.
  const plain = power > 0 && Number.isInteger(power) ? 2 : Math.max(2, 2.5 / z);
  const step = z / Math.max(plain, 1.5 * dense);
  const mode = power < 0 ? lowestMode(slopeAt, -power) : 0;
  const from = Math.min(mode, 0) - REACH * z;
  const to = (power > 0 ? power * coins : coins) + REACH * z;
  if (!(((to - from) / step) * coins <= MOST_WORK)) return Infinity;
  const logScale = Math.log(step / (z * Math.sqrt(2 * Math.PI)));
  const logs: number[] = [];
  for (let i = Math.floor(from / step); i <= Math.ceil(to / step); i++) {
    const x = i * step;
    logs.push(logScale - x ** 2 / (2 * z ** 2) + logExcess(at(x), power));
  }
  return softplus(logSumExp(logs));
}

/** log of r^power - 1 - power (r - 1), by log r. */
function logExcess(loss: number, power: number): number {
  if (Math.abs(power * loss) < 0.05 && Math.abs(loss) < 0.05)
    return Math.log(series(Math.expm1(loss), power));
  const main = power * loss;
  const logGrowth = loss > 30 ? loss : Math.log(Math.abs(Math.expm1(loss)));
  const linear = Math.log(Math.abs(power)) + logGrowth;
  // Of the three terms the largest is taken out, so that none overflows.
  const largest = Math.max(main, linear, 0);
  const rest =
    Math.exp(main - largest) -
    Math.exp(-largest) -
    Math.sign(power * loss) * Math.exp(linear - largest);
  return largest + Math.log(Math.max(0, rest));
}

/** The binomial series of (1 + growth)^power from its square term on. */
function series(growth: number, power: number): number {
  let term = ((power * (power - 1)) / 2) * growth ** 2;
  let sum = term;
  for (let k = 2; Math.abs(term) > 1e-17 * sum; k++) {
    term *= ((power - k) / (k + 1)) * growth;
    sum += term;
  }
  return sum;
}

/** Where r^-by times the density is largest: -x = by × slope, which falls towards the left. */
function lowestMode(slopeAt: (x: number) => number, by: number): number {
  let [low, high] = [-by * slopeAt(0), 0];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (-middle > by * slopeAt(middle)) low = middle;
    else high = middle;
  }
  return low;
}
