/**
 * A Parquet file (Apache Parquet format) as parts of a table, decoded by hyparquet: a row group at a
 * time, of each column so many rows that a bounded number of cells is held. A line is the row's
 * number, from 1.
 */
import type { FileHandle } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Compressors, DecodedArray } from "hyparquet";
import { ScenarioError } from "../../shared/errors.ts";
import { type ParquetColumn, soundText } from "./parquet-columns.ts";
import { type ParquetChunk, parquetLayout, readExactly, refuseParquet } from "./parquet-footer.ts";
import { pagesFit } from "./parquet-pages.ts";
import { BATCH_ROWS, type SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { checkedHeader, type TableOptions, type TablePart } from "./table-part.ts";
import type { Cell, SourceRow } from "./table-source.ts";

/** @throws ScenarioError `data.*` */
export async function* parquetParts(
  handle: FileHandle,
  path: string,
  { header: given, limits, mayBeEmpty }: TableOptions,
): AsyncGenerator<TablePart> {
  if (given)
    refuseFile("data.header", path, "a header of its own", "no header beside one in the scenario");
  const { columns, groups } = await parquetLayout(handle, path, limits);
  const names = columns.map(({ name }) => name);
  const header = checkedHeader(names, path, limits);
  yield { header, typed: true, rows: [] };
  const atOnce = Math.max(BATCH_ROWS, Math.floor(limits.heldCells / columns.length));
  let line = 1;
  for (const { rows, chunks } of groups) {
    for (let from = 0; from < rows; from += atOnce) {
      const to = Math.min(rows, from + atOnce);
      const cells: Cell[][] = [];
      for (const [i, column] of columns.entries()) {
        const chunk = { chunk: chunks[i], rows, from, to };
        const raw = await rawValues(handle, column, chunk, path);
        cells.push(cellsOf(raw, column, line, path, limits));
      }
      for (let at = 0; at < to - from; at += BATCH_ROWS)
        yield { header, typed: true, rows: rowsOf(cells, at, to - from, line) };
      line += to - from;
    }
  }
  if (line === 1 && !mayBeEmpty) refuseFile("data.noRows", path, "a schema without rows", "rows");
}

interface ChunkRows {
  readonly chunk: ParquetChunk | undefined;
  /** Of the whole group. */
  readonly rows: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Rows of one column chunk, as stored (`parquet-columns.ts`).
 *
 * Footer and page headers bound what a page may claim. What remains is a page whose values lie within
 * its bytes but not within its count, such as one run that repeats a value two thousand million
 * times: it costs memory and time that nothing here bounds. A client reads its own files, and would
 * stop itself alone.
 */
async function rawValues(
  handle: FileHandle,
  { name, element }: ParquetColumn,
  { chunk, rows, from, to }: ChunkRows,
  path: string,
): Promise<DecodedArray> {
  if (!chunk) return refuseParquet(path);
  const { start, packed, unpacked, metadata } = chunk;
  const bytes = await readExactly(handle, start, packed, path);
  if (!pagesFit(bytes, rows, unpacked)) return refuseParquet(path);
  const { parquetScan } = await import("hyparquet");
  const values = await sound(path, async () => {
    const scan = await parquetScan({
      file: {
        byteLength: start + packed,
        slice: (from, to) => bytes.buffer.slice(from - start, (to ?? start + packed) - start),
      },
      // A table of this column and group alone, so that no other can be read by mistake.
      metadata: {
        version: 2,
        schema: [{ name: "schema", num_children: 1 }, element],
        num_rows: BigInt(rows),
        row_groups: [{ columns: [metadata], num_rows: BigInt(rows), total_byte_size: 0n }],
        metadata_length: 0,
      },
      compressors: await pageCodecs(),
      parsers: { stringFromBytes: soundText },
      utf8: false,
      useOffsetIndex: false,
    });
    return scan.readColumn({ column: name, rowStart: from, rowEnd: to });
  });
  return values.length === to - from ? values : refuseParquet(path);
}

/** Each with a page of the size that its header claims, which is checked before. */
async function pageCodecs(): Promise<Compressors> {
  const { compressors, decompressZstd } = await import("hyparquet-compressors");
  return {
    ...compressors,
    SNAPPY: (bytes, size) => {
      // It would fill up with what lay in its memory before.
      if (snappyLength(bytes) !== size) throw new RangeError("another length than the header's");
      return compressors.SNAPPY?.(bytes, size) ?? new Uint8Array(0);
    },
    GZIP: (bytes, size) => gunzipSync(bytes, { maxOutputLength: Math.max(1, size) }),
    BROTLI: (bytes, size) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
    // Given no page, it would take as much memory as the compressed bytes ask for.
    ZSTD: (bytes, size) => decompressZstd(bytes, new Uint8Array(size)),
  };
}

/** What the bytes say that they unpack to: their first varint, of at most 32 bits. */
function snappyLength(bytes: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}

/** What hyparquet gives; whatever it throws is the fault of the file's bytes. */
async function sound<T>(path: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw error instanceof ScenarioError ? error : refuseParquet(path);
  }
}

function cellsOf(
  raw: DecodedArray,
  column: ParquetColumn,
  line: number,
  path: string,
  { rowBytes }: SourceLimits,
): Cell[] {
  const cells: Cell[] = [];
  try {
    for (const value of raw) {
      const cell = value === null ? null : column.cell(value);
      if (typeof cell === "string" && cell.length > rowBytes)
        refuseFile("data.fieldSize", path, "a longer cell", `at most ${rowBytes} bytes`);
      cells.push(cell);
    }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    // Only now is the place worth its text.
    const where = `${path}, row ${line + cells.length}, ${column.name}`;
    throw new ScenarioError({ ...error.problem, where });
  }
  return cells;
}

function rowsOf(
  cells: readonly (readonly Cell[])[],
  from: number,
  end: number,
  line: number,
): SourceRow[] {
  const count = Math.min(BATCH_ROWS, end - from);
  return Array.from({ length: count }, (_, i) => ({
    line: line + from + i,
    cells: cells.map((column) => column[from + i] ?? null),
  }));
}
