/**
 * IO: the bytes of a file in chunks, gzip (RFC 1952) undone where the file is one, under limits.
 * Nothing is read before it is asked for, so a slow consumer holds the file up and no memory.
 */
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isRefusal } from "../../shared/errors.ts";
import type { SourceLimits } from "./source-limits.ts";
import { fileProblem, refuseFile } from "./source-refusal.ts";

/** Large enough for the calls to cost nothing, small enough for a chunk to be a few batches. */
export const CHUNK_BYTES = 65_536;

/** How many bytes `fileStart` gives at most: as far as a tar archive's mark. */
const START_BYTES = 512;

/** The first bytes as they lie in the file. */
export async function fileStart(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

export function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * @param start of the file, by `fileStart`
 * @throws ScenarioError `data.ratio` or `data.format`, after the chunks that are sound
 */
export async function* fileChunks(
  handle: FileHandle,
  start: Buffer,
  path: string,
  limits: SourceLimits,
): AsyncGenerator<Buffer> {
  const { size } = await handle.stat();
  const progress = { packed: 0, unpacked: 0 };
  const chunks = rawChunks(handle, progress);
  for await (const chunk of isGzip(start) ? gunzipped(chunks, path, size) : chunks) {
    progress.unpacked += chunk.length;
    const ratio = progress.unpacked / Math.max(1, progress.packed);
    const bomb = progress.unpacked > limits.smallBytes && ratio > limits.ratio;
    if (bomb || progress.unpacked > limits.fileBytes)
      refuseFile("data.ratio", path, "an archive that unpacks to too much", `${limits.ratio} : 1`);
    yield chunk;
  }
  if (isGzip(start)) await checkLength(handle, size, progress.unpacked, path);
}

/** By position: two readers of one handle do not disturb each other. */
async function* rawChunks(handle: FileHandle, progress: { packed: number }) {
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, progress.packed);
    if (bytesRead === 0) return;
    progress.packed += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

async function* gunzipped(
  packed: AsyncIterable<Buffer>,
  path: string,
  size: number,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const fed = pipeline(packed, gunzip);
  // Its failure is the gunzip's own, which the loop below meets; nobody else may see it unhandled.
  fed.catch(() => {});
  try {
    for await (const chunk of gunzip) yield chunk;
    await fed;
    // zlib ends with the archive, and is silent about what follows it.
    if (gunzip.bytesWritten !== size) throw bytesAfter(path);
  } catch (error) {
    throw explained(error, path);
  } finally {
    gunzip.destroy();
    // The file may be closed only once nothing reads it any more.
    await fed.catch(() => {});
  }
}

/** An archive ends with its own length; zlib goes on to a second one without a word. */
async function checkLength(
  handle: FileHandle,
  size: number,
  unpacked: number,
  path: string,
): Promise<void> {
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
  if (buffer.readUInt32LE() !== unpacked % 2 ** 32)
    refuseFile("data.format", path, "a second archive after the first", "one gzip archive");
}

function explained(error: unknown, path: string): unknown {
  if (isRefusal(error) || !(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ABORT_ERR":
    case "ERR_STREAM_PREMATURE_CLOSE":
      return bytesAfter(path);
    case "Z_DATA_ERROR":
    case "Z_BUF_ERROR":
      return fileProblem("data.format", path, "a broken or truncated archive", "gzip");
    default:
      return error;
  }
}

function bytesAfter(path: string) {
  return fileProblem("data.format", path, "bytes after the archive", "gzip");
}
