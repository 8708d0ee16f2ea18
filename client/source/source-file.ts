/** IO: the one way to a file that a scenario names: inside the scenario's folder, a plain file. */
import { constants } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ScenarioError } from "../../shared/errors.ts";
import { nearest } from "../../shared/scenario/refusal/nearest.ts";

/**
 * @param folder the scenario's, absolute
 * @param path as the scenario writes it, relative to the folder
 * @param where for messages: the key of the scenario
 * @throws ScenarioError `path.escape`, `path.missing` or `path.notFile`
 */
export async function openInside(folder: string, path: string, where: string): Promise<FileHandle> {
  if (isAbsolute(path) || path.includes("\0") || leaves(folder, resolve(folder, path)))
    return refuse("path.escape", path, where);
  const missing = () => missingInside(folder, path, where);
  const root = await realpath(folder).catch(missing);
  const real = await realpath(resolve(folder, path)).catch(missing);
  // Links are followed first: the text of a path says nothing about where it ends.
  if (leaves(root, real)) return refuse("path.escape", path, where);
  // Without O_NONBLOCK a named pipe would hold the program up until somebody writes to it.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const handle = await open(real, flags).catch(missing);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return refuse("path.notFile", path, where);
}

/** A scenario, a hierarchy: text that is read whole. */
const MAX_TEXT_BYTES = 1 << 24;

/** The text of a small file: a hierarchy, a schema. */
export async function readTextInside(folder: string, path: string, where: string): Promise<string> {
  const handle = await openInside(folder, path, where);
  try {
    const { size } = await handle.stat();
    if (size > MAX_TEXT_BYTES) return refuse("data.size", path, where);
    const bytes = await handle.readFile();
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    return refuse("data.encoding", path, where);
  } finally {
    await handle.close();
  }
}

/** A whole file of bytes: a shard of a model's weights. @param most bytes that it may have */
export async function readBytesInside(
  folder: string,
  path: string,
  where: string,
  most: number,
): Promise<Uint8Array> {
  const handle = await openInside(folder, path, where);
  try {
    // Before it is read, whatever its length; a file that grows meanwhile is not read on.
    const { size } = await handle.stat();
    if (size > most) return refuse("file.size", path, where);
    const bytes = new Uint8Array(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const EXPECTED = {
  "path.escape": "a path inside the scenario's folder",
  "path.missing": "a file that is there and may be read",
  "path.notFile": "a plain file",
  "data.encoding": "UTF-8 text",
  "data.size": "at most 16 MiB of text",
  "file.size": "no more bytes than it should have",
} as const;

const FIX = "Give the path of a file beside the scenario, relative to it.";

function refuse(what: keyof typeof EXPECTED, path: string, where: string, fix = FIX): never {
  throw new ScenarioError({ what, where, got: path, expected: EXPECTED[what], fix });
}

/** Of a path that leads nowhere: the file that is there under nearly that name, as a question; undefined: none is. */
export async function nearFile(folder: string, path: string): Promise<string | undefined> {
  const beside = await readdir(resolve(folder, dirname(path))).catch(() => []);
  const near = nearest(basename(path), beside);
  return near && `Did you mean ${join(dirname(path), near)}?`;
}

async function missingInside(folder: string, path: string, where: string): Promise<never> {
  return refuse("path.missing", path, where, await nearFile(folder, path));
}

function leaves(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}
