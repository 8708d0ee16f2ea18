/**
 * IDX, the format of the MNIST images and labels: a magic number (two zeros, the type, the count of
 * dimensions), the dimensions as big-endian 32-bit integers, then the data in C order
 * (LeCun, Cortes & Burges, "The MNIST database"). Only unsigned bytes, type 0x08, are taken.
 */
import type { SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";

export interface Idx {
  /** One to four; records, then the shape of one. */
  readonly dims: readonly number[];
  /** uint8[product of dims] */
  readonly data: Uint8Array;
}

export interface IdxShape {
  readonly dims: readonly number[];
  readonly records: number;
  /** Of one record: 784 for 28 × 28 pixels. */
  readonly recordBytes: number;
  /** Where the data begins. */
  readonly offset: number;
}

const UNSIGNED_BYTE = 0x08;
const MOST_DIMENSIONS = 4;
/** All that the format knows: it tells an IDX file from text, which holds no NUL. */
const TYPES: readonly number[] = [UNSIGNED_BYTE, 0x09, 0x0b, 0x0c, 0x0d, 0x0e];

/** By the first bytes of a file, unpacked. */
export function isIdx(start: Uint8Array): boolean {
  return start[0] === 0 && start[1] === 0 && TYPES.includes(start[2] ?? 0);
}

/**
 * @param bytes a whole file, unpacked
 * @throws ScenarioError `data.format` or `data.size`
 */
export function readIdx(bytes: Uint8Array, path: string, limits: SourceLimits): Idx {
  const { dims, records, recordBytes, offset } = idxShape(bytes, path, limits);
  const size = records * recordBytes;
  if (bytes.length - offset !== size) refuseIdxLength(path);
  return { dims, data: bytes.subarray(offset) };
}

/**
 * @param start of the file, at least as far as the dimensions go
 * @throws ScenarioError `data.format` or `data.size`
 */
export function idxShape(start: Uint8Array, path: string, limits: SourceLimits): IdxShape {
  if (!isIdx(start)) refuseFile("data.format", path, "another magic number", "an IDX file");
  const count = start[3] ?? 0;
  if (start[2] !== UNSIGNED_BYTE)
    refuseFile("data.format", path, `IDX values of type ${start[2]}`, "unsigned bytes, type 8");
  if (!(count >= 1 && count <= MOST_DIMENSIONS))
    refuseFile("data.format", path, `${count} dimensions`, `1 to ${MOST_DIMENSIONS}`);
  const offset = 4 + 4 * count;
  if (!holdsDimensions(start)) refuseFile("data.format", path, "a file cut off", "its dimensions");
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  // Signed, as the format has them: a negative dimension is refused, not read as two thousand million.
  const dims = Array.from({ length: count }, (_, i) => view.getInt32(4 + 4 * i));
  if (!dims.every((dim) => dim >= 1))
    refuseFile("data.format", path, "a dimension below 1", "dimensions of at least 1");
  const [records = 0, ...record] = dims;
  const recordBytes = record.reduce((size, dim) => size * dim, 1);
  if (!(records * recordBytes <= limits.fileBytes))
    refuseFile("data.size", path, "more data", `at most ${limits.fileBytes} bytes`);
  return { dims, records, recordBytes, offset };
}

/** Whether so many bytes are enough for `idxShape`. */
export function holdsDimensions(start: Uint8Array): boolean {
  const count = Math.min(start[3] ?? Infinity, MOST_DIMENSIONS);
  return start.length >= 4 + 4 * count;
}

/** Without the numbers, which are those of the rows. */
export function refuseIdxLength(path: string): never {
  return refuseFile("data.format", path, "another number of bytes", "as its dimensions say");
}
