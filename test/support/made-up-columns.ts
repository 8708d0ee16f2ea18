/** Columns that bench/scan-columns.py made up, and what the scan finds in them, label by label. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { ColumnVerdict } from "../../client/scan/column-kind.ts";
import { columnTally } from "../../client/scan/scan-column.ts";

const file = z.object({
  columns: z.array(
    z.object({
      locale: z.string(),
      label: z.string().nullable(),
      what: z.string(),
      headed: z.enum(["none", "english", "own"]),
      header: z.string(),
      values: z.array(z.string()),
    }),
  ),
});
export type MadeUpColumn = z.infer<typeof file>["columns"][number];

/**
 * @param set `tuning`, on which the scan was tuned; `held-out`, measured once; `fresh`, measured after what was learned of
 *   that; `anew`, measured after whole columns were judged by their form, and with states' numbers that are valid
 */
export function madeUpColumns(
  set: "tuning" | "held-out" | "fresh" | "anew",
): readonly MadeUpColumn[] {
  const bytes = readFileSync(join(import.meta.dirname, `../vectors/scan-${set}.json.gz`));
  return file.parse(JSON.parse(gunzipSync(bytes).toString())).columns;
}

export function verdictOf({ header, values }: MadeUpColumn): ColumnVerdict {
  const tally = columnTally(header);
  for (const value of values) tally.add(value);
  return tally.verdict();
}

export interface LabelScore {
  readonly label: string;
  readonly columns: number;
  readonly recall: number;
  readonly precision: number;
  /** What was missed or wrongly found. */
  readonly wrong: readonly string[];
}

/** Of each label: columns found of those that hold it, and of those found how many hold it. */
export function scoreColumns(
  columns: readonly MadeUpColumn[],
  found: (column: MadeUpColumn) => string | null,
): readonly LabelScore[] {
  const judged = columns.map((column) => ({ column, got: found(column) }));
  const labels = new Set(columns.flatMap(({ label }) => (label === null ? [] : [label])));
  return [...labels].sort().map((label) => {
    const held = judged.filter(({ column }) => column.label === label);
    const said = judged.filter(({ got }) => got === label);
    const right = held.filter(({ got }) => got === label).length;
    const wrong = judged
      .filter(({ column, got }) => (column.label === label) !== (got === label))
      .map(({ column, got }) => `${column.locale} ${column.what} ${column.headed}: ${got}`);
    return {
      label,
      columns: held.length,
      recall: right / held.length,
      precision: said.length === 0 ? 1 : right / said.length,
      wrong,
    };
  });
}
