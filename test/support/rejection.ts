/**
 * The discrete Gaussian by rejection (Canonne, Kamath & Steinke 2020, algorithm 3): exact, slow, and
 * without any table. The oracle of shared/noise/discrete-gaussian.ts; itself held against golden samples.
 */
import { bernoulliExp, type Coins } from "./exact-coins.ts";
import { integerLaplace } from "./integer-laplace.ts";

export function discreteGaussianByRejection(sigma: number, random: Coins): number {
  const scale = BigInt(sigma + 1);
  const square = BigInt(sigma) ** 2n;
  for (;;) {
    const proposal = integerLaplace(sigma + 1, 1, random);
    const magnitude = proposal < 0n ? -proposal : proposal;
    const numerator = (magnitude * scale - square) ** 2n;
    const denominator = 2n * square * scale ** 2n;
    if (bernoulliExp({ numerator, denominator }, random)) return Number(proposal);
  }
}
