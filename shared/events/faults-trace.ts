/** What went amiss in a run, as it is read back: from its trace, or from a checkpoint. */
import { z } from "zod";
import type { FaultsTrace } from "./trace.ts";

const whole = z.number().int().min(0);
const fault = { fault: z.string().nullable(), became: z.string() };

export const faultsSchema = z.strictObject({
  counts: z.array(z.strictObject({ ...fault, count: whole })),
  events: z.array(z.strictObject({ ...fault, round: whole, attempt: whole, client: z.string() })),
  aborted: z.array(z.strictObject({ round: whole, attempt: whole, charged: z.boolean() })),
}) satisfies z.ZodType<FaultsTrace>;
