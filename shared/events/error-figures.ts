/** How far a model is from a target that is a number, as files of a run and of a sweep are read back: one shape. */
import { z } from "zod";
import type { ErrorFigures } from "./trace.ts";

/** In the order in which they are written: a run that goes on writes its rounds again, byte for byte. */
export const errorFiguresSchema = z.strictObject({
  rmse: z.number(),
  mae: z.number(),
  r2: z.number().nullable(),
}) satisfies z.ZodType<ErrorFigures>;

/** Of always giving the held-out rows' mean, whose R² is 0. */
export const meanErrorsSchema = errorFiguresSchema.omit({ r2: true }).extend({ mean: z.number() });
