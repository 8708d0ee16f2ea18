/** Chunks of bytes that are text: strict UTF-8 (RFC 3629), without NUL. Checked, not decoded. */
import { isUtf8 } from "node:buffer";
import { refuseFile } from "./source-refusal.ts";

const UTF8 = 'Save it as UTF-8: Excel calls that "CSV UTF-8"; or iconv -f LATIN1 -t UTF-8 FILE.';

/**
 * @param lineEnd what ends a line, for messages
 * @throws ScenarioError `data.encoding` or `data.nul`, before the chunk that is at fault
 */
export async function* textChunks(
  chunks: AsyncIterable<Buffer>,
  path: string,
  lineEnd: "\n" | "\r" = "\n",
): AsyncGenerator<Buffer> {
  let cut: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of chunks) {
    // A chunk may end inside a character, which is then looked at with the next chunk.
    const bytes = cut.length > 0 ? Buffer.concat([cut, chunk]) : chunk;
    const whole = bytes.length - unfinished(bytes);
    if (!isUtf8(bytes.subarray(0, whole)))
      refuseEncoding(path, line + linesBefore(bytes.subarray(0, whole), lineEnd, isNotUtf8));
    if (chunk.includes(0))
      refuseFile(
        "data.nul",
        `${path}, line ${line + linesBefore(chunk, lineEnd, holdsNul)}`,
        NUL,
        "text",
      );
    cut = bytes.subarray(whole);
    line += lineEnds(chunk, lineEnd);
    yield chunk;
  }
  if (cut.length > 0) refuseEncoding(path, line);
}

const NUL = "a NUL byte";
function lineEnds(bytes: Buffer, lineEnd: string): number {
  let count = 0;
  for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd, at + 1)) count++;
  return count;
}

/** How many lines come before the first one at fault: a line end never lies inside a character. */
function linesBefore(bytes: Buffer, lineEnd: string, isAtFault: (line: Buffer) => boolean): number {
  for (let [count, start] = [0, 0]; ; count++) {
    const end = bytes.indexOf(lineEnd, start);
    if (end < 0 || isAtFault(bytes.subarray(start, end))) return count;
    start = end + 1;
  }
}

function isNotUtf8(line: Buffer): boolean {
  return !isUtf8(line);
}

function holdsNul(line: Buffer): boolean {
  return line.includes(0);
}

const MOST_CONTINUATIONS = 3;

/** How many bytes at the end begin a character whose rest is still to come: 0 to 3. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(MOST_CONTINUATIONS, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

function refuseEncoding(path: string, line: number): never {
  return refuseFile("data.encoding", `${path}, line ${line}`, "other bytes", "UTF-8", UTF8);
}
