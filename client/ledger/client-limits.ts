/** IO: what the clients of one folder of ledgers may spend, as their owner wrote it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";

export const limitsSchema = z.strictObject({
  /** Of all participations together, over all runs and coordinators. */
  epsilon: z.number().positive(),
  delta: z.number().gt(0).lt(1),
});
export type ClientLimits = Readonly<z.infer<typeof limitsSchema>>;

/** In the folder of a ledger. */
export const LIMITS_FILE = "limits.json";

/** null where there is no such file: what is spent is counted, and not limited. */
export function readLimits(folder: string): ClientLimits | null {
  const path = join(folder, LIMITS_FILE);
  return existsSync(path) ? readLimitsFile(path) : null;
}

/** @throws ScenarioError for a file that is not there, or says anything else */
export function readLimitsFile(path: string): ClientLimits {
  try {
    return limitsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    throw new ScenarioError(
      {
        what: "clientLedger.limits",
        where: [path, ...(issue?.path ?? [])].join(", "),
        got: issue?.message ?? reasonOf(cause),
        expected: '{"epsilon": above 0, "delta": between 0 and 1}',
        fix: "Mend the file, or take it away to set no limit.",
      },
      { cause },
    );
  }
}
