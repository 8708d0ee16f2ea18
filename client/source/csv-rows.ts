/**
 * Chunks of text → rows of cells, by csv-parse (RFC 4180). Rows are taken where the parser hands
 * them over, within the call that writes a chunk: at an error, all rows before it have been seen.
 */
import type { Parser } from "csv-parse";
import { isRefusal } from "../../shared/errors.ts";
import type { SourceLimits } from "./source-limits.ts";
import { fileProblem, refuseFile } from "./source-refusal.ts";
import type { Dialect } from "./text/dialect.ts";

export interface CsvRow {
  /** Where the row ends in the file, from 1; for messages. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The rows of each chunk that end in it; blank lines are rows of one empty cell. A row is refused as
 * soon as it passes its limit, wherever it would have ended.
 *
 * @param trimmed drop the spaces before a cell
 * @throws ScenarioError `data.fieldSize` or `data.quote`
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
  trimmed: boolean,
  dialect: Dialect,
  path: string,
  limits: SourceLimits,
): AsyncGenerator<readonly CsvRow[]> {
  const taken = new TakenRows(dialect.lineEnd);
  const parser = await parserInto(taken, trimmed, dialect, limits);
  try {
    for await (const chunk of chunks) {
      taken.watch(chunk);
      await write(parser, chunk);
      // The parser counts the bytes of cells; a row of nothing but commas, or of quotes, has none.
      // A cell may be written at twice its length, every byte a doubled quote.
      if (taken.bytesSince > 4 * limits.rowBytes) refuseRow(path, taken.line, limits);
      yield taken.take();
    }
    await end(parser);
    yield taken.take();
  } catch (error) {
    throw isRefusal(error) ? error : explained(error, path, taken.line, limits);
  } finally {
    parser.destroy();
  }
}

async function parserInto(
  taken: TakenRows,
  trimmed: boolean,
  { delimiter, lineEnd }: Dialect,
  { rowBytes }: SourceLimits,
): Promise<Parser> {
  const { parse } = await import("csv-parse");
  const parser = parse({
    bom: true,
    delimiter,
    // A tab is a space too.
    ltrim: trimmed && delimiter !== "\t",
    record_delimiter: lineEnd === "\n" ? ["\r\n", lineEnd] : [lineEnd],
    relax_column_count: true,
    max_record_size: rowBytes,
  });
  // Not by events: rows that wait in the stream are lost where the parser fails.
  parser.push = (cells: readonly string[] | null) => {
    if (cells !== null) taken.add(cells);
    return true;
  };
  // A failure also comes back from the write that caused it.
  return parser.on("error", () => {});
}

function write(parser: Parser, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function end(parser: Parser): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject);
    parser.end(resolve);
  });
}

/** Rows between two takes. Lines are counted here: the parser's account of a row costs more than it. */
class TakenRows {
  /** The last line of the last row. */
  line = 0;
  /** Of the chunks since that row. */
  bytesSince = 0;
  #rows: CsvRow[] = [];
  #quoted = false;
  readonly #lineEnd: string;

  constructor(lineEnd: string) {
    this.#lineEnd = lineEnd;
  }

  /** Without a quote in the file no cell can hold a line end, and none is searched for one. */
  watch(chunk: Buffer): void {
    this.#quoted ||= chunk.includes('"');
    this.bytesSince += chunk.length;
  }

  add(cells: readonly string[]): void {
    this.line += 1;
    if (this.#quoted) for (const cell of cells) this.line += lineEnds(cell, this.#lineEnd);
    this.bytesSince = 0;
    this.#rows.push({ line: this.line, cells });
  }

  take(): readonly CsvRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }
}

function lineEnds(cell: string, lineEnd: string): number {
  return cell.includes(lineEnd) ? cell.split(lineEnd).length - 1 : 0;
}

/** What the parser found, without what it quotes of the row. */
function explained(error: unknown, path: string, line: number, limits: SourceLimits): unknown {
  const where = `${path}, line ${line + 1}`;
  switch (error instanceof Error && "code" in error && error.code) {
    case "CSV_MAX_RECORD_SIZE":
      return refuseRow(path, line, limits);
    case "CSV_QUOTE_NOT_CLOSED":
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE": {
      const expected = 'quotes around a cell, "" inside';
      return fileProblem(
        "data.quote",
        where,
        "an odd quote in the row that begins there",
        expected,
      );
    }
    default:
      return error;
  }
}

function refuseRow(path: string, line: number, { rowBytes }: SourceLimits): never {
  const where = `${path}, line ${line + 1}`;
  return refuseFile("data.fieldSize", where, "a longer row", `at most ${rowBytes} bytes`);
}
