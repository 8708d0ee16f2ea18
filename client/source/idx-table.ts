/**
 * IDX files as tables: an image is one cell, its bytes as they are; of labels there is one column.
 * Images under one of MNIST's names bring their labels along, of the file beside them that is named so.
 */
import { fileChunks, fileStart } from "./file-chunks.ts";
import { holdsDimensions, type IdxShape, idxShape, readIdx, refuseIdxLength } from "./idx.ts";
import { openInside } from "./source-file.ts";
import { BATCH_ROWS, type SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { checkedHeader, type TableOptions, type TablePart } from "./table-part.ts";
import type { Cell, SourceRow } from "./table-source.ts";

/**
 * @param labels one a record, for the last column; null: there is no such column
 * @throws ScenarioError `data.*`
 */
export async function* idxParts(
  chunks: AsyncIterable<Buffer>,
  path: string,
  { header: given, limits }: TableOptions,
  labels: Uint8Array | null,
): AsyncGenerator<TablePart> {
  let rest = Buffer.alloc(0);
  let shape: IdxShape | undefined;
  let header: readonly string[] = [];
  let line = 0;
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    if (!shape) {
      if (!holdsDimensions(rest)) continue;
      shape = idxShape(rest, path, limits);
      header = idxHeader(given, shape, labels, path, limits);
      rest = rest.subarray(shape.offset);
    }
    const { records, recordBytes } = shape;
    const whole = Math.floor(rest.length / recordBytes);
    if (line + whole > records) break;
    for (let from = 0; from < whole; from += BATCH_ROWS) {
      const bytes = rest.subarray(
        from * recordBytes,
        Math.min(whole, from + BATCH_ROWS) * recordBytes,
      );
      const rows = idxRows(bytes, shape, line, labels);
      yield { header, typed: true, imageShape: shape.dims.slice(1), rows };
      line += rows.length;
    }
    rest = rest.subarray(whole * recordBytes);
  }
  if (!shape) return refuseFile("data.format", path, "a file cut off", "its dimensions");
  if (line !== shape.records || rest.length > 0) refuseIdxLength(path);
}

function idxHeader(
  given: readonly string[] | undefined,
  { dims, records, recordBytes }: IdxShape,
  labels: Uint8Array | null,
  path: string,
  limits: SourceLimits,
): readonly string[] {
  if (labels && labels.length !== records)
    refuseFile("data.ragged", path, "another number of images", "as many as there are labels");
  if (recordBytes > limits.rowBytes)
    refuseFile("data.fieldSize", path, "a larger image", `at most ${limits.rowBytes} bytes`);
  const columns = dims.length === 1 ? ["label"] : labels ? ["image", "label"] : ["image"];
  if (!given) return columns;
  if (given.length !== columns.length)
    refuseFile("data.header", path, `${given.length} names`, columns.join(" and "));
  return checkedHeader(given, path, limits);
}

/** Images are views of the chunk that was read: nothing is copied. */
function idxRows(
  bytes: Uint8Array,
  { dims, recordBytes }: IdxShape,
  line: number,
  labels: Uint8Array | null,
): SourceRow[] {
  return Array.from({ length: bytes.length / recordBytes }, (_, i) => {
    const own = bytes.subarray(i * recordBytes, (i + 1) * recordBytes);
    const cell: Cell = dims.length === 1 ? (own[0] ?? null) : own;
    const label = labels?.[line + i];
    return { line: line + i + 1, cells: label === undefined ? [cell] : [cell, label] };
  });
}

const IMAGES_NAME = /images([-.])idx3(?=[^/]*$)/;

/**
 * IO: the labels of images named as MNIST's are: beside `train-images-idx3-ubyte.gz` lies
 * `train-labels-idx1-ubyte.gz`, or the same without `.gz`.
 *
 * @returns null for a file of another name, which has none
 * @throws ScenarioError `path.*` or `data.*`
 */
export async function labelsBeside(
  folder: string,
  path: string,
  limits: SourceLimits,
): Promise<Uint8Array | null> {
  if (!IMAGES_NAME.test(path)) return null;
  const name = path.replace(IMAGES_NAME, "labels$1idx1");
  const other = name.endsWith(".gz") ? name.slice(0, -3) : `${name}.gz`;
  const found = await openInside(folder, name, WHERE).catch(() => null);
  const handle = found ?? (await openInside(folder, other, WHERE));
  const labelsPath = found ? name : other;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of fileChunks(handle, await fileStart(handle), labelsPath, limits))
      chunks.push(chunk);
    const { dims, data } = readIdx(Buffer.concat(chunks), labelsPath, limits);
    if (dims.length === 1) return data;
    return refuseFile("data.format", labelsPath, `${dims.length} dimensions`, "1 of labels");
  } finally {
    await handle.close();
  }
}

const WHERE = "data.source.file, its labels";
