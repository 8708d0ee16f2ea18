/** Tables that a program has in memory, read like files of JSON lines: the same rows, refusals and bytes. */
import { isRefusal, ScenarioError } from "../../shared/errors.ts";
import { CHUNK_BYTES } from "./file-chunks.ts";

/** By the name that stands in a file's place: JSON lines in UTF-8. They are on no disk, and in no message. */
export type MemoryFiles = ReadonlyMap<string, Buffer>;

/**
 * One row a line. A cell that is undefined is missing; what else JSON has no word for is refused here, and what
 * is no cell by the reader of JSON lines.
 *
 * @param name for the messages, which say the line, from 1
 * @throws ScenarioError `data.nonFiniteNumber` or `data.format`
 */
export function jsonLines(rows: readonly unknown[], name: string): Buffer {
  const lines = Array.from(rows, (row, i) => {
    const written = (_: string, value: unknown) => writable(value, `${name}, line ${i + 1}`);
    return `${lineOf(row, written, name, i + 1)}\n`;
  });
  return Buffer.from(lines.join(""));
}

function lineOf(
  row: unknown,
  written: (key: string, value: unknown) => unknown,
  name: string,
  line: number,
): string {
  try {
    return JSON.stringify(row, written);
  } catch (error) {
    if (isRefusal(error)) throw error;
    const expected = "text, numbers, truth values or null";
    return refuse("data.format", `${name}, line ${line}`, "what JSON cannot hold", expected);
  }
}

function writable(value: unknown, where: string): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    return refuse("data.nonFiniteNumber", where, "NaN or Infinity", "a finite number");
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol")
    return refuse("data.format", where, `a ${typeof value}`, "text, a number, true or false");
  return value ?? null;
}

function refuse(what: string, where: string, got: string, expected: string): never {
  const fix = "Give null, or leave the cell out, where there is none.";
  throw new ScenarioError({ what, where, got, expected, fix });
}

/** As a file's chunks come. */
export async function* memoryChunks(file: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += CHUNK_BYTES) yield file.subarray(at, at + CHUNK_BYTES);
}
