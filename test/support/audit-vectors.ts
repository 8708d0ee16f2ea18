/** The golden vectors of test/vectors/accounting-audit.json, parsed, with their own tolerance. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const number = z.number();

export const { audit_one_run } = z
  .object({
    sections: z.object({
      audit_one_run: z
        .array(
          z.object({
            id: z.string(),
            inputs: z.object({
              m: number,
              guesses: number,
              correct: number,
              delta: number,
              confidence: number,
            }),
            expected: z.object({ epsilon_lower_bound: number, p_value_at_epsilon_1: number }),
            tolerance: z.object({ abs: number, rel: number, p_value_abs: number }),
          }),
        )
        .length(18),
    }),
  })
  .parse(vectorFile("accounting-audit.json")).sections;
