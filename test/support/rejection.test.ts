import { expect, it } from "vitest";
import { deriveKey } from "../../shared/noise/random.ts";
import { CountedRandom } from "./counted-random.ts";
import { goldenDiscreteGaussian } from "./discrete-gaussian-vectors.ts";
import { discreteGaussianByRejection } from "./rejection.ts";

const { seed, discrete_gaussian } = goldenDiscreteGaussian;

it.each(discrete_gaussian)(
  "draws the golden samples of $drbg_label from as many bytes",
  ({ sigma, drbg_label, samples, bytes_used }) => {
    const random = new CountedRandom(deriveKey(seed, drbg_label));
    expect(samples.map(() => discreteGaussianByRejection(sigma, random))).toEqual(samples);
    expect(random.bytesRead).toBe(bytes_used);
  },
);
