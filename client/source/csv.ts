/**
 * A CSV file (RFC 4180) as parts of a table: header, rows as long as it, blank lines left out.
 * Streamed; messages name lines and never quote a cell.
 */
import { type CsvRow, csvRows } from "./csv-rows.ts";
import { CHUNK_BYTES } from "./file-chunks.ts";
import { BATCH_ROWS } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { checkedHeader, rowOrFault, type TableOptions, type TablePart } from "./table-part.ts";
import type { SourceRow } from "./table-source.ts";
import { pointed } from "./text/decimal-comma.ts";
import { DELIMITERS, type Dialect, dialectOf } from "./text/dialect.ts";
import { peek } from "./text/peek.ts";
import { utf8Of, utf16Of } from "./text/utf16.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * Commas, as the RFC has it, or what the first line has in their place; UTF-8, or UTF-16 where its first bytes
 * are. Where a header is given, the file is read as UCI's archive writes
 * them: spaces before a cell are dropped; and if its first line is a remark, which begins with `|`,
 * that line is passed over and each row ends in a full stop that is no part of it (C4.5's form). Numbers with decimal
 * commas, where `decimal` says so, come with points.
 *
 * @throws ScenarioError `data.*`
 */
export async function* csvParts(
  chunks: AsyncIterable<Buffer>,
  path: string,
  options: TableOptions,
): AsyncGenerator<TablePart> {
  const { header: given, limits } = options;
  const { text, dialect } = await opened(chunks, path, options);
  const lines = new CsvLines(path, options, dialect);
  let pending: SourceRow[] = [];
  let none = true;
  for await (const found of csvRows(text, Boolean(given), dialect, path, limits)) {
    for (const line of found) {
      const row = lines.rowOf(line);
      if (row) pending.push(row);
    }
    const { header } = lines;
    for (; header && pending.length >= BATCH_ROWS; pending = pending.slice(BATCH_ROWS)) {
      none = false;
      yield { header, typed: false, rows: pending.slice(0, BATCH_ROWS) };
    }
  }
  const { header } = lines;
  if (header && pending.length > 0) yield { header, typed: false, rows: pending };
  else if (none) yield rowless(header, path, options);
}

/** The file as UTF-8, and how it is written. */
async function opened(
  raw: AsyncIterable<Buffer>,
  path: string,
  { header, delimiter }: TableOptions,
): Promise<{ readonly text: AsyncIterable<Buffer>; readonly dialect: Dialect }> {
  const { start, chunks } = await peek(raw, CHUNK_BYTES);
  const encoding = utf16Of(start);
  const dialect = dialectOf(new TextDecoder(encoding ?? "utf-8").decode(start), {
    delimiter,
    columns: header?.length,
  });
  const refuse = () =>
    refuseFile("data.encoding", path, "half a character of UTF-16", "whole ones");
  const utf8 = encoding === null ? chunks : utf8Of(chunks, encoding, refuse);
  return { text: textChunks(utf8, path, dialect.lineEnd), dialect };
}

const RAGGED = "Correct that line; a cell with a comma in it stands in double quotes.";

/** Lines one after another: the header, unless it is given, and then rows. */
class CsvLines {
  header: readonly string[] | undefined;
  #remarked = false;
  readonly #path: string;
  readonly #options: TableOptions;
  readonly #dialect: Dialect;

  constructor(path: string, options: TableOptions, dialect: Dialect) {
    const { header, limits } = options;
    this.header = header && checkedHeader(header, path, limits);
    this.#path = path;
    this.#options = options;
    this.#dialect = dialect;
  }

  /** @returns undefined for a line that is no row */
  rowOf(line: CsvRow): SourceRow | undefined {
    const path = this.#path;
    const { header: given, limits, decimal } = this.#options;
    if (isBlank(line) || (this.#dialect.sepLine && line.line === 1)) return undefined;
    if (given && line.line === 1 && line.cells[0]?.startsWith("|")) {
      this.#remarked = true;
      return undefined;
    }
    if (!this.header) {
      const header = checkedHeader(line.cells, path, limits);
      this.header = firstLineHeader(header, this.#dialect, path);
      return undefined;
    }
    const { line: number, cells } = this.#remarked ? unstopped(line) : line;
    const columns = this.header.length;
    return rowOrFault(number, columns, this.#options, () => {
      const whole = checked(cells, number, columns, path);
      if (decimal !== ",") return whole;
      return pointed(whole, (cell) => refusePoint(`${path}, line ${number}, cell ${cell}`));
    });
  }
}

function refusePoint(where: string): never {
  return refuseFile(
    "data.decimal",
    where,
    "a number with a point",
    'numbers with commas, as decimal: "," has it',
    "Write all numbers of the file alike; or take decimal: . (--decimal .), and those with commas are text.",
  );
}

/** A file without a row. */
function rowless(
  header: readonly string[] | undefined,
  path: string,
  { mayBeEmpty }: TableOptions,
): TablePart {
  if (mayBeEmpty) return { header: header ?? [], typed: false, rows: [] };
  if (header) return refuseFile("data.noRows", path, "a header without rows", "rows");
  return refuseFile("data.empty", path, "an empty file", "a header line, then rows");
}

function isBlank({ cells }: CsvRow): boolean {
  return cells.length === 1 && cells[0] === "";
}

function unstopped({ line, cells }: CsvRow): CsvRow {
  return { line, cells: [...cells.slice(0, -1), (cells.at(-1) ?? "").replace(/\.$/, "")] };
}

/** One column whose name is several: the cells are parted by something else than the scenario says. */
function firstLineHeader(
  header: readonly string[],
  { delimiter }: Dialect,
  path: string,
): readonly string[] {
  const others = header.length === 1 ? DELIMITERS.filter((sign) => sign !== delimiter) : [];
  const separator = others.find((sign) => header[0]?.includes(sign));
  if (separator === undefined) return header;
  const expected = `${spoken(delimiter)} between the cells`;
  return refuseFile("data.delimiter", `${path}, line 1`, spoken(separator), expected);
}

function spoken(sign: string): string {
  return { ",": "commas", ";": "semicolons", "\t": "tabs" }[sign] ?? "bars";
}

function checked(
  cells: readonly string[],
  line: number,
  columns: number,
  path: string,
): readonly string[] {
  if (cells.length === columns) return cells;
  const expected = `${columns}, as the header has`;
  return refuseFile(
    "data.ragged",
    `${path}, line ${line}`,
    `${cells.length} cells`,
    expected,
    RAGGED,
  );
}
