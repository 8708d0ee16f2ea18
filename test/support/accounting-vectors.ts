/** The golden accounting vectors (test/vectors/accounting*.json), parsed, with their own tolerance. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const number = z.number();
const tolerance = z.object({ rel: number.optional(), abs: number.optional() });
export type Tolerance = z.infer<typeof tolerance>;

function cases<Inputs extends z.ZodType, Expected extends z.ZodType>(
  inputs: Inputs,
  expected: Expected,
) {
  return z.array(z.object({ id: z.string(), inputs, expected, tolerance })).min(1);
}

const sensitivity = number;
const analytic = { id: z.string(), tolerance };

export const golden = z
  .object({
    standard_orders: z.array(number),
    sections: z.object({
      rdp_poisson_gaussian: cases(
        z.object({ q: number, sigma: number, alpha: number }),
        z.object({ epsilon_rdp: number }),
      ),
      rdp_to_epsilon: cases(
        z.object({ q: number, sigma: number, steps: number, delta: number }),
        z.object({ epsilon_improved: number, epsilon_classical_mironov: number }),
      ),
      analytic_gaussian: z
        .array(
          z.discriminatedUnion("kind", [
            z.object({
              ...analytic,
              kind: z.literal("sigma"),
              inputs: z.object({ epsilon: number, delta: number, sensitivity }),
              expected: z.object({ sigma: number }),
            }),
            z.object({
              ...analytic,
              kind: z.literal("epsilon"),
              inputs: z.object({ sigma: number, delta: number, sensitivity }),
              expected: z.object({ epsilon: number }),
            }),
            z.object({
              ...analytic,
              kind: z.literal("delta"),
              inputs: z.object({ sigma: number, epsilon: number, sensitivity }),
              expected: z.object({ delta: number }),
            }),
            z.object({
              ...analytic,
              kind: z.literal("gdp_composition"),
              inputs: z.object({ sigma: number, steps: number, delta: number, sensitivity }),
              expected: z.object({ mu: number, epsilon: number }),
            }),
          ]),
        )
        .min(1),
      heterogeneous_composition: z
        .array(
          z.object({
            id: z.string(),
            inputs: z.object({
              phases: z.array(z.object({ q: number, sigma: number, steps: number })),
              delta: number,
            }),
            expected: z.object({ epsilon_rdp_improved: number }),
            tolerance: z.object({ rdp_rel: number, rdp_abs: number }),
          }),
        )
        .min(1),
      calibration: cases(
        z.object({ epsilon: number, delta: number, q: number, steps: number }),
        z.object({
          sigma_pld: number,
          sigma_rdp: number,
          sigma_exact_gaussian: number.nullable(),
        }),
      ),
    }),
  })
  .parse(vectorFile("accounting.json"));

const digits = z.string().transform(Number);
const pairs = z.array(z.tuple([number, digits])).min(1);
const triples = z.array(z.tuple([number, number, digits])).min(1);

/** Values to 25 digits, each rounded to the nearest double. */
export const exactValues = z
  .object({
    erfc: pairs,
    erfcx: pairs,
    logNormalCdf: pairs,
    gaussianDelta: triples,
    gaussianEpsilon: triples,
    sampledGaussianRdp: z.array(z.tuple([number, number, number, digits])).min(1),
  })
  .parse(vectorFile("accounting-digits.json"));

/** Where the golden file's rule, |got - expected| ≤ abs + rel |expected|, lets `got` lie. */
export function allowed(expected: number, { rel = 0, abs = 0 }: Tolerance): [number, number] {
  const slack = abs + rel * Math.abs(expected);
  return [expected - slack, expected + slack];
}
