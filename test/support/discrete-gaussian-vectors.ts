/** The golden vectors of test/vectors/discrete-gaussian.json, parsed. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const bits = z.string().transform((hex) => BigInt(`0x${hex}`));

export const goldenDiscreteGaussian = z
  .object({
    seed: z.string().transform((hex) => Buffer.from(hex, "hex")),
    discrete_gaussian: z
      .array(
        z.object({
          sigma: z.number(),
          drbg_label: z.string(),
          samples: z.array(z.number()).min(1),
          bytes_used: z.number(),
        }),
      )
      .min(1),
    cdt: z
      .array(
        z.object({
          sigma: z.number(),
          c_first8_hex: z.array(bits).length(8),
          tolerance_ulp: z.number().transform(BigInt),
        }),
      )
      .min(1),
  })
  .parse(vectorFile("discrete-gaussian.json"));
