/**
 * The discrete Gaussian (Canonne, Kamath & Steinke 2020, arXiv:2004.00010): P(x) in proportion to
 * e^(-x² / 2 sigma²) over the integers. Unlike the rounded Gaussian it has a theorem for sums, to which
 * each of many clients adds its own (Kairouz, Liu & Steinke 2021). No float decides a draw that it
 * could get wrong.
 *
 * The distribution is that of a table (gaussian-table.ts). Below sigma 64 it is there as a whole; from
 * there on its thresholds are so close to those of a Gaussian that the same quick path decides.
 */
import { memoize } from "../memoize.ts";
import { gaussianSumFloor, gaussianSumFloors, LEAST_SMOOTH } from "./exact-gaussian-sum.ts";
import { checkSigma, type GaussianTable, PLACES, REACH } from "./gaussian-table.ts";
import { leadingBits } from "./leading-bits.ts";
import { fillQuickly, type Words } from "./quick-gaussians.ts";

/**
 * Fills `out` with draws of parameter `sigma` (their variance is sigma² or a little less). Charged as
 * `discreteGaussian`, or `distributedDiscreteGaussian` where clients' draws add up; and `tableDistance`
 * of each draw, times 1 + e^epsilon, to delta.
 *
 * @param sigma integer in [1, 2^27], in lattice steps
 * @throws RangeError for any other sigma
 */
export function fillDiscreteGaussian(out: Int32Array, sigma: number, random: Words): void {
  checkSigma(sigma);
  fillQuickly(out, sigma < LEAST_SMOOTH ? wholeTable(sigma) : smoothTable(sigma), random);
}

/**
 * For sigma ≥ 64. In units of a, with t = (a + 1/2) / sigma, the threshold c_a is that of a Gaussian of
 * deviation 1 at (a + 1/2) / scale but for a shift below 1 / sigma³, while t is below 4.91:
 *
 * by the formula of exact-gaussian-sum.ts, over the tail and with m = 2, P[|X| > a] is 2Q(t) - t phi(t) /
 * (12 sigma²) to within 2 / 720 · sigma^-4 · 2 times the integral of |He_4| phi from t on (the two of
 * |B_4(1/2) - B_4(x)| ≤ 2 |B_4|), and that integral is below 104 phi(t) (it is (t³ - 3t) phi(t) beyond
 * the last root, 2.34, and before it below 1.41). A change of the tail by y moves the place by
 * y sigma / 2 phi(t): 0.29 / sigma³. The first-order change moves it by s = t / (24 sigma), which is
 * what `scale` undoes; of the second order is s² t / 2 sigma ≤ 0.11 / sigma³, and what scale itself
 * leaves is s / (24 sigma²), below 0.01 / sigma³.
 */
function smoothTable(sigma: number): GaussianTable {
  return {
    name: "discrete",
    sigma,
    threshold: (a) => gaussianSumFloor(a, sigma, PLACES),
    quick: { scale: sigma / (1 + 1 / (24 * sigma ** 2)), shift: sigma ** -3 },
  };
}

const wholeTables = new Map<string, GaussianTable>();

/** For small sigma: at most 882 thresholds, computed once, in 10 ms at most. */
function wholeTable(sigma: number): GaussianTable {
  return memoize(wholeTables, LEAST_SMOOTH, `${sigma}`, () => {
    const thresholds = gaussianSumFloors(REACH * sigma, sigma, PLACES);
    return {
      name: "discrete",
      sigma,
      threshold: (a) => thresholds[a] ?? 1n << PLACES,
      quick: leadingBits(thresholds),
    };
  });
}
