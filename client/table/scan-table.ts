/** Which columns of a table hold people, and in what role each might be declared: counts and kinds, never a value. */

import { LOOKED_FOR } from "../scan/detect/finding.ts";
import { proposeRole } from "../scan/propose-role.ts";
import { type ColumnTally, columnTally } from "../scan/scan-column.ts";
import type { MemoryFiles } from "../source/memory-files.ts";
import { openTable } from "../source/open-table.ts";
import type { CsvForm } from "../source/table-part.ts";
import type { TableFile } from "./anonymize-table.ts";

export interface ScanReport {
  /** The file's name. */
  readonly table: string;
  readonly rows: number;
  /** An empty result is no proof: these labels were looked for, and no others. */
  readonly lookedFor: readonly string[];
  readonly columns: readonly ScannedLine[];
}

type ScannedLine = ReturnType<typeof scannedLine>;

/** @throws ScenarioError for a table that cannot be read */
export async function scanTable(
  { folder, path }: TableFile,
  options: CsvForm & { readonly memory?: MemoryFiles | undefined } = {},
): Promise<ScanReport> {
  const source = await openTable(folder, path, options);
  const tallies = source.header.map(columnTally);
  let rows = 0;
  for await (const batch of source.batches) {
    rows += batch.length;
    for (const { cells } of batch)
      for (const [i, tally] of tallies.entries()) tally.add(cells[i] ?? null);
  }
  const columns = tallies.map((tally, i) => scannedLine(source.header[i] ?? "", tally, rows));
  return { table: path, rows, lookedFor: LOOKED_FOR, columns };
}

function scannedLine(column: string, tally: ColumnTally, rows: number) {
  const verdict = tally.verdict();
  const { distinct, forms, images } = tally;
  const proposed = proposeRole({ name: column, verdict, forms, distinct, rows, images });
  return { column, ...verdict, distinct, ...proposed };
}
