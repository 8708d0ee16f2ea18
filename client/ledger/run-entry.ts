/** What stands in the ledger of a file before a run's first charge: by what its events are composed. */
import { z } from "zod";
import { ACCOUNTANTS, PLANNED_ADJACENCIES, UNITS } from "../../shared/accounting/event.ts";
import { modelPastSchema } from "../../shared/accounting/model-past.ts";

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const rows = z.number().int().min(1);
const distance = z.number().min(0);

export const runEntrySchema = z.strictObject({
  kind: z.literal("run"),
  runId: z.string().regex(/^[0-9a-f]{32}$/),
  planHash: hex,
  unit: z.enum(UNITS),
  adjacency: z.enum(PLANNED_ADJACENCIES),
  accountant: z.enum(ACCOUNTANTS),
  delta: z.number().gt(0).lt(1),
  chargedDelta: z.number().gt(0).lt(1),
  population: rows,
  /** Rows that one raw row moves; null: no bound. */
  rawFactor: rows.nullable(),
  /** Absent: a record is one row. */
  rowsPerPerson: rows.optional(),
  /** Total variation of all noise that one attempt draws, by what it asks for. */
  distances: z.strictObject({ train: distance, statistics: distance, evaluation: distance }),
  /** Of the weights that it started from. */
  past: modelPastSchema.optional(),
});
export type RunEntry = Readonly<z.infer<typeof runEntrySchema>>;
