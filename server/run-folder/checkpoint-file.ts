/**
 * IO: the bytes of a checkpoint: a header line of canonical JSON, the arrays that it names as they lie
 * in memory (little-endian), and the SHA-256 of all that. Written whole or not at all.
 */
import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../../shared/canonical.ts";
import { syncFolder } from "../../shared/disk/sync-folder.ts";
import { armed, killpoint } from "../../shared/failpoint.ts";

const HASH_BYTES = 32;
/** One call moves no more: neither a write nor a hash takes 2 GiB. */
const PIECE_BYTES = 1 << 26;
const MOST_HEADER_BYTES = 1 << 26;
const NEWLINE = 0x0a;

/** What a checkpoint's arrays may be. */
export type FloatArray = Float32Array | Float64Array;

const shapeSchema = z.strictObject({
  name: z.string(),
  type: z.enum(["float32", "float64"]),
  length: z.number().int().min(0),
});
const headerSchema = z.strictObject({ arrays: z.array(shapeSchema), facts: z.unknown() });

export interface CheckpointBytes {
  /** Plain JSON. */
  readonly facts: unknown;
  readonly arrays: ReadonlyMap<string, FloatArray>;
}

/**
 * Beside its place first, then renamed to it.
 *
 * @param durable false: it need not outlast the machine's power
 * @throws whatever the disk says; what was there before stays
 */
export function writeCheckpointFile(
  path: string,
  { facts, arrays }: CheckpointBytes,
  durable: boolean,
  key: number,
): void {
  const fresh = `${path}.tmp-${process.pid}`;
  const shapes = [...arrays].map(([name, array]) => ({
    name,
    type: array instanceof Float32Array ? "float32" : "float64",
    length: array.length,
  }));
  const header = Buffer.from(`${canonicalJson({ arrays: shapes, facts })}\n`);
  const hash = createHash("sha256");
  const file = openSync(fresh, "wx", 0o600);
  try {
    killpoint("checkpoint-before-write", key);
    if (armed("checkpoint-mid-write", key)) writeSync(file, header, 0, header.length >> 1);
    killpoint("checkpoint-mid-write", key);
    for (const part of [header, ...[...arrays.values()].map(bytesOf)]) writeAll(file, part, hash);
    writeAll(file, hash.digest());
    if (durable) fsyncSync(file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  killpoint("checkpoint-before-rename", key);
  renameSync(fresh, path);
  killpoint("checkpoint-after-rename", key);
  if (durable) syncFolder(dirname(path));
}

/** undefined for bytes that are not as they were written: cut, longer, or changed anywhere. */
export function readCheckpointFile(path: string): CheckpointBytes | undefined {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const header = readHeader(file, size);
    if (!header) return undefined;
    const hash = createHash("sha256").update(header.bytes);
    const due = header.bytes.length + dataBytes(header.arrays) + HASH_BYTES;
    if (due !== size) return undefined;
    let at = header.bytes.length;
    const arrays = new Map<string, FloatArray>();
    for (const { name, type, length } of header.arrays) {
      const array = type === "float32" ? new Float32Array(length) : new Float64Array(length);
      at = readAll(file, bytesOf(array), at, hash);
      arrays.set(name, array);
    }
    const kept = Buffer.alloc(HASH_BYTES);
    readAll(file, kept, at);
    return hash.digest().equals(kept) ? { facts: header.facts, arrays } : undefined;
  } finally {
    closeSync(file);
  }
}

function readHeader(file: number, size: number) {
  const most = Buffer.alloc(Math.min(size, 1 << 16));
  let bytes = Buffer.alloc(0);
  // Long only where there are very many clients.
  while (bytes.length < Math.min(size, MOST_HEADER_BYTES)) {
    const count = readSync(file, most, 0, most.length, bytes.length);
    bytes = Buffer.concat([bytes, most.subarray(0, count)]);
    const end = bytes.indexOf(NEWLINE);
    if (end >= 0) return parseHeader(bytes.subarray(0, end + 1));
    if (count === 0) return undefined;
  }
  return undefined;
}

function parseHeader(bytes: Buffer) {
  try {
    const header = headerSchema.parse(JSON.parse(bytes.toString("utf8")));
    return { ...header, bytes };
  } catch {
    return undefined;
  }
}

function dataBytes(shapes: readonly z.infer<typeof shapeSchema>[]): number {
  return shapes.reduce((sum, { type, length }) => sum + length * (type === "float32" ? 4 : 8), 0);
}

function bytesOf(array: FloatArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function writeAll(file: number, bytes: Uint8Array, hash?: Hash): void {
  for (let done = 0; done < bytes.length; ) {
    const piece = bytes.subarray(done, done + PIECE_BYTES);
    const count = writeSync(file, piece);
    hash?.update(piece.subarray(0, count));
    done += count;
  }
}

/** @returns the place behind it. A file that ends before leaves zeros, which no hash is of. */
function readAll(file: number, bytes: Uint8Array, at: number, hash?: Hash): number {
  for (let done = 0; done < bytes.length; ) {
    const piece = bytes.subarray(done, done + PIECE_BYTES);
    const count = readSync(file, piece, 0, piece.length, at + done);
    if (count === 0) break;
    hash?.update(piece.subarray(0, count));
    done += count;
  }
  return at + bytes.length;
}
