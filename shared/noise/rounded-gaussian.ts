/**
 * Integer noise: a Gaussian rounded to integers, so that an integer query plus noise is the rounding
 * of the continuous mechanism's output, post-processing that keeps its guarantee. No float is ever
 * released (Mironov 2012), and none decides a draw that it could get wrong.
 *
 * The distribution is that of a table (gaussian-table.ts) of X, N(0, sigma²) rounded:
 * P[|X| ≤ a] = erf((a + 1/2) / (sigma sqrt 2)).
 */
import { erfFloor } from "./exact-erf.ts";
import { checkSigma, PLACES } from "./gaussian-table.ts";
import { fillQuickly, type Words } from "./quick-gaussians.ts";

/**
 * Fills `out` with rounded Gaussian draws of standard deviation `sigma` (before rounding, which
 * adds 1/12 to its square). Charged as `gaussian`, and `tableDistance` of each draw to delta.
 *
 * @param sigma integer in [1, 2^27], in lattice steps
 * @throws RangeError for any other sigma
 */
export function fillRoundedGaussian(out: Int32Array, sigma: number, random: Words): void {
  checkSigma(sigma);
  const square = 8n * BigInt(sigma) ** 2n;
  const table = {
    name: "rounded",
    sigma,
    quick: { scale: sigma, shift: 0 },
    threshold: (a: number) => erfFloor(BigInt(2 * a + 1) ** 2n, square, PLACES),
  };
  fillQuickly(out, table, random);
}
