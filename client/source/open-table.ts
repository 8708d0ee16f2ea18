/** IO: a file that a scenario names → a table in batches, whatever its format. */
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { csvParts } from "./csv.ts";
import { fileChunks, fileStart, isGzip } from "./file-chunks.ts";
import { isIdx } from "./idx.ts";
import { idxParts, labelsBeside } from "./idx-table.ts";
import { jsonLinesParts } from "./json-lines.ts";
import { memoryChunks } from "./memory-files.ts";
import { parquetParts } from "./parquet.ts";
import { isParquet } from "./parquet-footer.ts";
import { openInside } from "./source-file.ts";
import { SOURCE_LIMITS, type SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import type { CsvForm, TableOptions, TablePart } from "./table-part.ts";
import type { SourceRow, TableSource } from "./table-source.ts";

/**
 * The format is told by the first bytes (Parquet, IDX, gzip around the others) and, between the two
 * that are text, by the name: `.jsonl` and `.ndjson` are JSON lines, everything else is CSV; a
 * `.gz` after them is passed over. Images in IDX form under MNIST's names bring their labels along
 * (`labelsBeside`). `batches` opens the file anew, so that a table which nobody
 * iterates holds no file open; it refuses one whose header is not the first one any more.
 *
 * @param folder the scenario's, absolute
 * @param path relative to it
 * @param options `header`: the columns of a CSV file that has no header line of its own, read as
 *   csv.ts says; `delimiter`, `decimal`: how it is written; `keepsFaulty`, `mayBeEmpty`: rows that cannot be read, and files without rows, are not refused;
 *   `memory`: what is read in a file's place
 * @throws ScenarioError `path.*` or `data.*`; the iteration too, for what stands further down
 */
export async function openTable(
  folder: string,
  path: string,
  options: Omit<TableOptions, "limits"> & { readonly limits?: Partial<SourceLimits> } = {},
): Promise<TableSource> {
  const all = { ...options, limits: { ...SOURCE_LIMITS, ...options.limits } };
  const first = await firstPart(folder, path, all);
  return {
    header: first.header,
    typed: first.typed,
    ...(first.imageShape && { imageShape: first.imageShape }),
    batches: { [Symbol.asyncIterator]: () => batches(folder, path, all, first.header) },
  };
}

async function firstPart(folder: string, path: string, options: TableOptions): Promise<TablePart> {
  for await (const part of parts(folder, path, options)) return part;
  return refuseFile("data.noRows", path, "no rows", "rows");
}

async function* batches(
  folder: string,
  path: string,
  options: TableOptions,
  header: readonly string[],
): AsyncGenerator<readonly SourceRow[]> {
  for await (const part of parts(folder, path, options)) {
    if (part.header.join("\0") !== header.join("\0"))
      refuseFile("data.header", path, "another header than at first", "a file at rest");
    if (part.rows.length > 0) yield part.rows;
  }
}

async function* parts(
  folder: string,
  path: string,
  options: TableOptions,
): AsyncGenerator<TablePart> {
  const held = options.memory?.get(path);
  if (held) refuseCsvForm(path, "rows in memory", options);
  if (held) return yield* jsonLinesParts(memoryChunks(held), path, options);
  const handle = await openInside(folder, path, "data.source.file");
  try {
    yield* await partsOf(handle, folder, path, options);
  } finally {
    await handle.close();
  }
}

async function partsOf(
  handle: FileHandle,
  folder: string,
  path: string,
  options: TableOptions,
): Promise<AsyncGenerator<TablePart>> {
  const start = await fileStart(handle);
  const chunks = () => fileChunks(handle, start, path, options.limits);
  const name = path.toLowerCase();
  refuseWorkbook(start, name, path);
  if (isArchive(start))
    refuseFile(
      "data.format",
      path,
      "a zip or tar archive",
      "the table itself, plain or gzipped",
      UNPACK,
    );
  if (name.endsWith(".gz") && !isGzip(start) && start.length > 0)
    refuseFile("data.format", path, "no gzip archive", "gzip, as the name says");
  if (isParquet(start)) {
    refuseCsvForm(path, "a Parquet file", options);
    return parquetParts(handle, path, options);
  }
  const unpacked = isGzip(start) ? await firstChunk(chunks()) : start;
  if (isIdx(unpacked)) {
    refuseCsvForm(path, "an IDX file", options);
    return idxParts(chunks(), path, options, await labelsBeside(folder, path, options.limits));
  }
  if (isParquet(unpacked) || /\.parquet(\.gz)?$/.test(name))
    refuseFile("data.format", path, "no Parquet file as it stands", "PAR1 first, and not gzipped");
  if (/\.json(\.gz)?$/.test(name))
    refuseFile(
      "data.format",
      path,
      "JSON",
      "JSON lines, one object a line, named .jsonl",
      JSON_LINES,
    );
  if (/[-.]idx[13](?=[-.]|$)/.test(name))
    refuseFile(
      "data.format",
      path,
      "no IDX file",
      "one that begins as IDX files do, as the name says",
    );
  if (!/\.(jsonl|ndjson)(\.gz)?$/.test(name)) return csvParts(chunks(), path, options);
  refuseCsvForm(path, "JSON lines", options);
  return jsonLinesParts(chunks(), path, options);
}

/** Cells that no delimiter parts, and numbers that no decimal mark is in: a user who says one means another file. */
function refuseCsvForm(path: string, got: string, { delimiter, decimal }: CsvForm): void {
  const [key] =
    Object.entries({ delimiter, decimal }).find(([, value]) => value !== undefined) ?? [];
  if (key === undefined) return;
  refuseFile(
    `data.${key}`,
    path,
    got,
    `a CSV file, of which ${key} says how it is written`,
    `Remove ${key}.`,
  );
}

const UNPACK = "Unpack it.";
const JSON_LINES =
  'In Python: pandas.read_json(FILE).to_json("table.jsonl", orient="records", lines=True).';

async function firstChunk(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const chunk of chunks) return chunk;
  return Buffer.alloc(0);
}

/** Excel's and LibreOffice's, by their first bytes and their name or first entry. */
function refuseWorkbook(start: Buffer, name: string, path: string): void {
  const text = start.toString("latin1");
  const zip = text.startsWith("PK\x03\x04");
  const entry = zip ? text.slice(ZIP_NAME) : "";
  const named = /\.(xlsx|xlsm|xlsb|xls|ods)$/.test(name);
  const zipped = /^(\[Content_Types\]|_rels\/|xl\/|docProps\/|mimetype.*spreadsheet)/.test(entry);
  if (!(zipped || (named && (zip || text.startsWith(OLE))))) return;
  const csv = `${basename(path).replace(/\.[^.]*$/, "")}.csv`;
  const fix = `In Excel: File, Save as, "CSV UTF-8"; in Python: pandas.read_excel("${basename(path)}").to_csv("${csv}", index=False).`;
  refuseFile("data.format", path, "a workbook", "its sheet as CSV", fix);
}

/** Where the name of a zip archive's first entry begins. */
const ZIP_NAME = 30;
/** Workbooks from before 2007 begin so. */
const OLE = "\xd0\xcf\x11\xe0";

/** Archives of several files, by their first bytes, so that the message can say so. */
function isArchive(start: Buffer): boolean {
  const text = start.toString("latin1");
  return text.startsWith("PK\x03\x04") || text.slice(257, 262) === "ustar";
}
