/**
 * IO: a Parquet file's footer (Apache Parquet format, README.md and parquet.thrift), checked before
 * a page is decoded: every offset inside the file, every count within what bytes allow.
 */
import type { FileHandle } from "node:fs/promises";
import { runInNewContext } from "node:vm";
import type { ColumnChunk, FileMetaData, RowGroup } from "hyparquet";
import { type ParquetColumn, parquetColumns } from "./parquet-columns.ts";
import type { SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";

export interface ParquetLayout {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
}

interface ParquetGroup {
  readonly rows: number;
  /** One a column, in their order. */
  readonly chunks: readonly ParquetChunk[];
}

/** The pages of one column in one row group, as they lie in the file. */
export interface ParquetChunk {
  readonly start: number;
  /** Bytes of them all, as stored and unpacked. */
  readonly packed: number;
  readonly unpacked: number;
  readonly metadata: ColumnChunk;
}

const MAGIC = "PAR1";
/** Length and magic at the end. */
const TAIL_BYTES = 8;
/** What a cell is taken to be worth as text: a character and a comma, for the ratio. */
const CELL_BYTES = 2;

export function isParquet(start: Buffer): boolean {
  return start.toString("latin1", 0, 4) === MAGIC;
}

/** @throws ScenarioError `data.format`, `data.size`, `data.ratio`, `data.nested`, … */
export async function parquetLayout(
  handle: FileHandle,
  path: string,
  limits: SourceLimits,
): Promise<ParquetLayout> {
  const { size } = await handle.stat();
  const footer = await footerBytes(handle, size, path, limits);
  const metadata = await parsedFooter(footer, path, limits);
  const columns = parquetColumns(metadata.schema, path);
  const dataEnd = size - footer.length;
  const groups = metadata.row_groups.map((group) => {
    return checkedGroup(group, columns, dataEnd, path, limits);
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== count(metadata.num_rows)) refuseParquet(path);
  checkRatio(CELL_BYTES * rows * columns.length, size, path, limits);
  return { columns, groups };
}

/** So many bytes from `start`, all of them, in memory of their own. */
export async function readExactly(
  handle: FileHandle,
  start: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  return bytesRead === length ? bytes : refuseParquet(path);
}

export function refuseParquet(path: string): never {
  return refuseFile("data.format", path, "a broken or truncated file", "a Parquet file");
}

async function footerBytes(
  handle: FileHandle,
  size: number,
  path: string,
  limits: SourceLimits,
): Promise<Uint8Array> {
  if (size < MAGIC.length + TAIL_BYTES) refuseParquet(path);
  const tail = Buffer.from(await readExactly(handle, size - TAIL_BYTES, TAIL_BYTES, path));
  if (tail.toString("latin1", 4) !== MAGIC) refuseParquet(path);
  const length = tail.readUInt32LE();
  if (length > size - MAGIC.length - TAIL_BYTES) refuseParquet(path);
  if (length > limits.footerBytes)
    refuseFile("data.size", path, "a longer footer", `at most ${limits.footerBytes} bytes`);
  return readExactly(handle, size - TAIL_BYTES - length, length + TAIL_BYTES, path);
}

/**
 * Under a deadline: an integer may be written with as many digits as the footer has bytes, and
 * reading it takes time that grows with their square (64 KiB: 0.3 s, 256 KiB: 26 s).
 */
async function parsedFooter(
  footer: Uint8Array,
  path: string,
  { footerMs }: SourceLimits,
): Promise<FileMetaData> {
  const { parquetMetadata } = await import("hyparquet");
  const found: FileMetaData[] = [];
  const parse = () => {
    found.push(
      parquetMetadata(footer, { geoparquet: false, parsers: { stringFromBytes: String } }),
    );
  };
  try {
    runInNewContext("parse()", { parse }, { timeout: footerMs });
  } catch {
    // Whatever it trips over, it is this file that made it.
  }
  return found[0] ?? refuseParquet(path);
}

function checkedGroup(
  group: RowGroup,
  columns: readonly ParquetColumn[],
  dataEnd: number,
  path: string,
  limits: SourceLimits,
): ParquetGroup {
  const rows = count(group.num_rows);
  if (!(rows >= 0) || group.columns.length !== columns.length) refuseParquet(path);
  const chunks = group.columns.map((chunk, i) => {
    return checkedChunk(chunk, columns[i], rows, dataEnd, path);
  });
  const packed = chunks.reduce((sum, chunk) => sum + chunk.packed, 0);
  const unpacked = chunks.reduce((sum, chunk) => sum + chunk.unpacked, 0);
  if (Math.max(packed, unpacked) > limits.groupBytes)
    refuseFile("data.size", path, "a larger row group", `at most ${limits.groupBytes} bytes`);
  checkRatio(unpacked, packed, path, limits);
  return { rows, chunks };
}

function checkedChunk(
  metadata: ColumnChunk,
  column: ParquetColumn | undefined,
  rows: number,
  dataEnd: number,
  path: string,
): ParquetChunk {
  const { file_path, meta_data, crypto_metadata } = metadata;
  if (!meta_data || !column) return refuseParquet(path);
  if (file_path !== undefined || crypto_metadata !== undefined)
    refuseFile("data.format", path, "data in another file, or encrypted", "all of it in this one");
  const { type, path_in_schema, num_values } = meta_data;
  const same = path_in_schema.length === 1 && path_in_schema[0] === column.name;
  if (!same || type !== column.element.type || count(num_values) !== rows) refuseParquet(path);
  const start = count(meta_data.dictionary_page_offset || meta_data.data_page_offset);
  const packed = count(meta_data.total_compressed_size);
  const unpacked = count(meta_data.total_uncompressed_size);
  if (!(start >= MAGIC.length && start + packed <= dataEnd && unpacked >= 0)) refuseParquet(path);
  return { start, packed, unpacked, metadata };
}

/** @param unpacked bytes that come of `packed` ones. @throws ScenarioError `data.ratio` */
function checkRatio(unpacked: number, packed: number, path: string, limits: SourceLimits): void {
  const bomb = unpacked > limits.smallBytes && unpacked / packed > limits.ratio;
  if (bomb || unpacked > limits.fileBytes)
    refuseFile("data.ratio", path, "a file that unpacks to too much", `${limits.ratio} : 1`);
}

/** What the footer says is a count, offset or size; NaN, which no comparison lets by, for another. */
function count(value: unknown): number {
  const number = typeof value === "bigint" || typeof value === "number" ? Number(value) : NaN;
  return Number.isSafeInteger(number) && number >= 0 ? number : NaN;
}
