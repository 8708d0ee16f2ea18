/**
 * The Laplace mechanism: noise of scale L1 sensitivity ÷ epsilon. Rounded to integers it is no more
 * than post-processed. The two-sided geometric distribution of counts has the same pure epsilon, but a
 * larger delta below it, and a larger RDP: it costs as much as a response of two answers (randomized-response.ts).
 */

// The sums below are of positive terms, each good to a few ulps.
const ROUND_UP = 1 + 1e-12;

/** The pure epsilon of one step; Infinity without noise. Rounded up. */
export function laplaceEpsilon(noiseMultiplier: number): number {
  if (!(noiseMultiplier >= 0)) {
    throw new RangeError(`noiseMultiplier ${noiseMultiplier}: expected ≥ 0`);
  }
  return (1 + Number.EPSILON) / noiseMultiplier;
}

/** delta of one step of pure epsilon `charge` at a smaller `epsilon` ≥ 0; 0 from `charge` on. */
export function laplaceDelta(charge: number, epsilon: number): number {
  return Math.min(1, Math.max(0, -Math.expm1((epsilon - charge) / 2) * ROUND_UP));
}

/**
 * RDP at `order` > 1 (Mironov 2017, arXiv:1702.07476, proposition 6), rounded up. With a the order
 * and h(x) = e^x - 1 - x it is log(1 + (a h((a-1)e) + (a-1) h(-a e)) / (2a-1)) / (a-1): the form in
 * which no term is negative.
 */
export function laplaceRdp(charge: number, order: number): number {
  if (charge === Infinity) return Infinity;
  const up = (order - 1) * charge;
  const share = order / (2 * order - 1);
  // Beyond 30 the 1 and x of h are below an ulp, and e^x may overflow.
  const log =
    up > 30
      ? up + Math.log(share)
      : Math.log1p(share * excess(up) + (1 - share) * excess(-order * charge));
  return (log / (order - 1)) * ROUND_UP;
}

/** e^x - 1 - x, by its series where that cancels. */
function excess(x: number): number {
  if (Math.abs(x) > 0.1) return Math.expm1(x) - x;
  let term = x ** 2 / 2;
  let sum = term;
  for (let k = 3; Math.abs(term) > 1e-18 * sum; k++) {
    term *= x / k;
    sum += term;
  }
  return sum;
}
