/**
 * A CSV file (RFC 4180) as parts of a table: header, rows as long as it, blank lines left out.
 * Streamed; messages name lines and never quote a cell.
 */
import { type CsvRow, csvRows } from "./csv-rows.ts";
import { BATCH_ROWS } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { checkedHeader, rowOrFault, type TableOptions, type TablePart } from "./table-part.ts";
import type { SourceRow } from "./table-source.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * Commas only, as the RFC has it. Where a header is given, the file is read as UCI's archive writes
 * them: spaces before a cell are dropped; and if its first line is a remark, which begins with `|`,
 * that line is passed over and each row ends in a full stop that is no part of it (C4.5's form).
 *
 * @throws ScenarioError `data.*`
 */
export async function* csvParts(
  chunks: AsyncIterable<Buffer>,
  path: string,
  options: TableOptions,
): AsyncGenerator<TablePart> {
  const { header: given, limits, keepsFaulty } = options;
  let header = given && checkedHeader(given, path, limits);
  let pending: SourceRow[] = [];
  let none = true;
  let remarked = false;
  for await (const found of csvRows(textChunks(chunks, path), Boolean(given), path, limits)) {
    for (const row of found) {
      if (isBlank(row)) continue;
      if (given && row.line === 1 && row.cells[0]?.startsWith("|")) remarked = true;
      else if (header) {
        const { line, cells } = remarked ? unstopped(row) : row;
        const columns = header.length;
        pending.push(rowOrFault(line, columns, options, () => checked(cells, line, columns, path)));
      } else header = firstLineHeader(checkedHeader(row.cells, path, limits), path);
    }
    for (; header && pending.length >= BATCH_ROWS; pending = pending.slice(BATCH_ROWS)) {
      none = false;
      yield { header, typed: false, rows: pending.slice(0, BATCH_ROWS) };
    }
  }
  if (!header && keepsFaulty) return yield { header: [], typed: false, rows: [] };
  if (!header) return refuseFile("data.empty", path, "an empty file", "a header line, then rows");
  if (pending.length > 0) yield { header, typed: false, rows: pending };
  else if (none && keepsFaulty) yield { header, typed: false, rows: [] };
  else if (none) refuseFile("data.noRows", path, "a header without rows", "rows");
}

function isBlank({ cells }: CsvRow): boolean {
  return cells.length === 1 && cells[0] === "";
}

function unstopped({ line, cells }: CsvRow): CsvRow {
  return { line, cells: [...cells.slice(0, -1), (cells.at(-1) ?? "").replace(/\.$/, "")] };
}

/** One column whose name is several: the file separates cells by something else. */
function firstLineHeader(header: readonly string[], path: string): readonly string[] {
  const separator = header.length === 1 ? /[;\t|]/.exec(header[0] ?? "")?.[0] : undefined;
  if (separator === undefined) return header;
  const found = separator === "\t" ? "tabs" : separator;
  return refuseFile("data.delimiter", `${path}, line 1`, found, "commas between the cells");
}

function checked(
  cells: readonly string[],
  line: number,
  columns: number,
  path: string,
): readonly string[] {
  if (cells.length === columns) return cells;
  const expected = `${columns}, as the header has`;
  return refuseFile("data.ragged", `${path}, line ${line}`, `${cells.length} cells`, expected);
}
