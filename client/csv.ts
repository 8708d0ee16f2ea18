/**
 * IO: a CSV file (RFC 4180), plain or gzipped, as rows of text. Read as a stream under limits, so
 * that no file can take more memory than it is worth. Messages name lines and never quote a cell.
 */
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Parser } from "csv-parse";
import { isRefusal, ScenarioError } from "../shared/errors.ts";
import { openInside } from "./source-file.ts";

export interface CsvRow {
  /** Where the row ends in the file, from 1; for messages. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvTable {
  /** Distinct, none empty. */
  readonly header: readonly string[];
  /** At least one; each as long as the header. */
  readonly rows: readonly CsvRow[];
}

export interface CsvLimits {
  /** Of one row, and so of any field. */
  readonly rowBytes: number;
  readonly columns: number;
  /** Of the file once unpacked. */
  readonly fileBytes: number;
  /** Unpacked ÷ packed; counted once more than `smallBytes` have come out. */
  readonly ratio: number;
  readonly smallBytes: number;
}

export const CSV_LIMITS: CsvLimits = {
  rowBytes: 1_048_576,
  columns: 10_000,
  fileBytes: 4_294_967_296,
  ratio: 200,
  smallBytes: 1_048_576,
};

/**
 * @param path relative to `folder`, the scenario's
 * @throws ScenarioError `path.*` or `data.*`
 */
export async function readCsv(
  folder: string,
  path: string,
  limits = CSV_LIMITS,
): Promise<CsvTable> {
  const handle = await openInside(folder, path, "data.source.file");
  try {
    const rows = await parsedRows(handle, path, limits);
    return checkedTable(rows, path, limits);
  } catch (error) {
    throw isRefusal(error) ? error : explained(error, path, limits);
  } finally {
    await handle.close();
  }
}

async function parsedRows(handle: FileHandle, path: string, limits: CsvLimits): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  const parser = await rowParser(rows, limits);
  const source = handle.createReadStream({ start: 0, autoClose: false });
  const decode = checkedBytes(() => source.bytesRead, path, limits);
  if (!(await isGzip(handle, path))) {
    await pipeline(source, decode, parser);
    return rows;
  }
  const gunzip = createGunzip();
  let unpacked = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      yield chunk;
    }
  };
  await pipeline(source, gunzip, count, decode, parser);
  // zlib ends with the archive and is silent about zeros after it, or aborts a source that goes on.
  const { size } = await handle.stat();
  if (gunzip.bytesWritten !== size) refuse("data.format", path, "bytes after the archive", "gzip");
  // An archive ends with its own length (RFC 1952); zlib goes on to a second one without a word.
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
  if (buffer.readUInt32LE() !== unpacked % 2 ** 32)
    refuse("data.format", path, "a second archive after the first", "one gzip archive");
  return rows;
}

/**
 * A parser that hands its rows on at once. Their lines are counted here: the parser's own account
 * of each row takes longer than the row. Lengths are checked once all are in.
 */
async function rowParser(rows: CsvRow[], { rowBytes }: CsvLimits): Promise<Parser> {
  const { parse } = await import("csv-parse");
  let line = 0;
  const parser = parse({
    bom: true,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    max_record_size: rowBytes,
  });
  return parser.on("data", (cells: readonly string[]) => {
    line += 1 + cells.reduce((lines, cell) => lines + lineEnds(cell), 0);
    rows.push({ line, cells });
  });
}

function lineEnds(cell: string): number {
  return cell.includes("\n") ? cell.split("\n").length - 1 : 0;
}

/** Passes bytes on that are strict UTF-8 without NUL, as long as they stay within the limits. */
function checkedBytes(bytesRead: () => number, path: string, limits: CsvLimits) {
  return async function* (chunks: AsyncIterable<Buffer>) {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const ratio = bytes / Math.max(1, bytesRead());
      if (bytes > limits.fileBytes || (bytes > limits.smallBytes && ratio > limits.ratio))
        refuse("data.ratio", path, "an archive that unpacks to too much", `${limits.ratio} : 1`);
      decoder.decode(chunk, { stream: true });
      if (chunk.includes(0)) refuse("data.nul", path, "a NUL byte", "text");
      yield chunk;
    }
    decoder.decode();
  };
}

const MAGIC_BYTES = 512;

/** By its first bytes, whatever its name; other archives are named as such. */
async function isGzip(handle: FileHandle, path: string): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
  const start = buffer.subarray(0, bytesRead).toString("latin1");
  if (start.startsWith("PK\x03\x04") || start.slice(257, 262) === "ustar")
    refuse("data.format", path, "a zip or tar archive", "CSV, plain or gzipped");
  const gzip = start.startsWith("\x1f\x8b");
  if (path.endsWith(".gz") && !gzip && bytesRead > 0)
    refuse("data.format", path, "no gzip archive", "gzip, as the name says");
  return gzip;
}

function checkedTable(all: readonly CsvRow[], path: string, limits: CsvLimits): CsvTable {
  const [first, ...rows] = all.filter(({ cells }) => cells.length > 1 || cells[0] !== "");
  if (!first) return refuse("data.empty", path, "an empty file", "a header line, then rows");
  const header = first.cells;
  if (header.length > limits.columns)
    refuse("data.columns", path, `${header.length} columns`, `at most ${limits.columns}`);
  if (header.includes("")) refuse("data.header", path, "a column without a name", "names");
  const twice = new Set(header).size !== header.length;
  const repeated = header.find((name, i) => header.indexOf(name) !== i);
  if (twice) refuse("data.duplicateColumn", path, `${repeated} twice`, "each column once");
  if (rows.length === 0) refuse("data.noRows", path, "a header without rows", "rows");
  const ragged = rows.find(({ cells }) => cells.length !== header.length);
  if (ragged) {
    const got = `${ragged.cells.length} cells on line ${ragged.line}`;
    refuse("data.ragged", path, got, `${header.length}, as the header has`);
  }
  return { header, rows };
}

/** What the parser, zlib or the decoder found, without what they quote of the rows. */
function explained(error: unknown, path: string, { rowBytes }: CsvLimits): unknown {
  const code = property(error, "code");
  const line = `line ${property(error, "lines")}`;
  const problem = (what: string, got: string, expected: string) =>
    new ScenarioError({ what, where: path, got, expected, fix: "Mend the file." });
  switch (code) {
    case "CSV_MAX_RECORD_SIZE":
      return problem("data.fieldSize", `${line} or its end`, `rows of at most ${rowBytes} bytes`);
    case "CSV_QUOTE_NOT_CLOSED":
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE":
      return problem("data.quote", `an odd quote at ${line}`, 'quotes around a cell, "" inside');
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return problem("data.encoding", "other bytes", "UTF-8");
    case "ABORT_ERR":
      return problem("data.format", "bytes after the archive", "gzip");
    case "Z_DATA_ERROR":
    case "Z_BUF_ERROR":
      return problem("data.format", "a broken or truncated archive", "gzip");
    default:
      return error;
  }
}

function refuse(what: string, path: string, got: string, expected: string): never {
  throw new ScenarioError({ what, where: path, got, expected, fix: "Mend the file." });
}

function property(error: unknown, key: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, key) : undefined;
}
