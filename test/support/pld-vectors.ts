/** The golden vectors of privacy loss distributions, parsed, with their own tolerance. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const number = z.number();

/** What a value may differ by from the golden one, and be below the true one. */
const neverBelow = { never_below_true_rel: number, never_below_true_abs: number };
const tolerance = z.object({ rel: number, abs: number, ...neverBelow });

const bracket = {
  epsilon_true_estimate: number,
  epsilon_lower_optimistic: number,
  epsilon_upper_pessimistic_buckets: number,
};

const digits = z.string().transform(Number);

export const { pld_poisson_gaussian, one_step, two_steps, mean_loss } = z
  .object({
    sections: z.object({
      pld_poisson_gaussian: z
        .array(
          z.object({
            id: z.string(),
            inputs: z.object({ q: number, sigma: number, steps: number, delta: number }),
            expected: z.object({
              ...bracket,
              epsilon: number,
              exact: number.nullable(),
              delta_at_epsilon: z
                .array(
                  z.object({
                    epsilon: number,
                    delta: number,
                    lower_optimistic: number,
                    upper_pessimistic_buckets: number,
                    exact: number.optional(),
                  }),
                )
                .min(1),
            }),
            tolerance: tolerance.extend({ delta_rel: number, delta_abs: number }),
          }),
        )
        .length(36),
      one_step: z.array(z.tuple([number, number, number, digits])).min(1),
      mean_loss: z.array(z.tuple([number, number, number, digits, digits])).min(1),
      two_steps: z.array(z.tuple([number, number, number, number, number, digits])).min(1),
    }),
  })
  .parse(vectorFile("accounting-pld.json")).sections;

/** The sections of accounting.json that other tests read for Rényi accounting. */
export const { heterogeneous_composition, calibration } = z
  .object({
    sections: z.object({
      heterogeneous_composition: z
        .array(
          z.object({
            id: z.string(),
            inputs: z.object({
              phases: z.array(z.object({ q: number, sigma: number, steps: number })),
              delta: number,
            }),
            expected: z.object({ ...bracket, epsilon_pld: number }),
            tolerance,
          }),
        )
        .length(10),
      calibration: z
        .array(
          z.object({
            id: z.string(),
            inputs: z.object({ epsilon: number, delta: number, q: number, steps: number }),
            expected: z.object({ sigma_pld: number }),
            tolerance: z.object({ rel: number }),
          }),
        )
        .length(18),
    }),
  })
  .parse(vectorFile("accounting.json")).sections;
