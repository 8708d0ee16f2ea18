import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const pair = z.tuple([z.number(), z.number()]);
const numbers = z.array(z.number());

/** Golden numbers of statistics over seeds, from scipy and mpmath; the file says which. */
export const STATISTICS = z
  .strictObject({
    source: z.string(),
    tails: z.array(z.strictObject({ t: z.number(), freedom: z.number(), tail: z.number() })),
    quantiles: z.array(z.strictObject({ t: z.number(), freedom: z.number(), tail: z.number() })),
    samples: z.array(
      z.strictObject({
        a: numbers,
        b: numbers,
        mean: z.number(),
        sd: z.number(),
        interval: pair,
        paired: z.strictObject({ mean: z.number(), p: z.number(), interval: pair }),
      }),
    ),
    bootstrapOfMean: z.strictObject({
      values: numbers,
      interval: pair,
      standardError: z.number(),
    }),
    enoughEpsilon: z.strictObject({
      epsilons: numbers,
      twin: numbers,
      accuracies: z.array(numbers),
      counts: z.record(z.string(), z.number()),
    }),
    holm: z.strictObject({ p: numbers, adjusted: numbers }),
  })
  .parse(vectorFile("statistics.json"));
