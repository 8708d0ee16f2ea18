/** What stands in the ledger of a file before a run's first charge: by what its events are composed. */
import { z } from "zod";
import { rulesKeys, runKeys } from "../../shared/accounting/event-schema.ts";
import { modelPastSchema } from "../../shared/accounting/model-past.ts";

const rows = z.number().int().min(1);
const distance = z.number().min(0);

export const runEntrySchema = z.strictObject({
  kind: z.literal("run"),
  ...runKeys,
  ...rulesKeys,
  population: rows,
  /** Rows that one raw row moves; null: no bound. */
  rawFactor: rows.nullable(),
  /** Absent: a record is one row. */
  rowsPerPerson: rows.optional(),
  /** Total variation of all noise that one attempt draws, by what it asks for. */
  distances: z.strictObject({
    train: distance,
    /** Absent: no bounds are learned. */
    bounds: distance.optional(),
    statistics: distance,
    evaluation: distance,
  }),
  /** Of the weights that it started from. */
  past: modelPastSchema.optional(),
});
export type RunEntry = Readonly<z.infer<typeof runEntrySchema>>;
