/** Text in UTF-16 (RFC 2781), as Excel's "Unicode text" and PowerShell write it → UTF-8, chunk by chunk. */

export type Utf16 = "utf-16le" | "utf-16be";

/** Code units of the first line that are looked at where no mark says what the file is. */
const LOOKED_AT = 32;

/**
 * By its byte order mark; without one, by a header in ASCII, every second byte of which is zero. No text in UTF-8
 * begins so.
 *
 * @param start of the file
 * @returns null: it is no UTF-16
 */
export function utf16Of(start: Buffer): Utf16 | null {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  const lineEnd = start.indexOf("\n");
  const units = Math.min(LOOKED_AT, (lineEnd < 0 ? start.length : lineEnd) >> 1);
  if (units === 0) return null;
  const zeros = (parity: number) =>
    Array.from({ length: units }, (_, i) => start[2 * i + parity]).filter((b) => b === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  if (odd === units && even === 0) return "utf-16le";
  return even === units && odd === 0 ? "utf-16be" : null;
}

/** @param refuse throws, for what is no UTF-16: half a character, or half of a pair */
export async function* utf8Of(
  chunks: AsyncIterable<Buffer>,
  encoding: Utf16,
  refuse: () => never,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (chunk?: Buffer) => {
    try {
      return Buffer.from(chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode());
    } catch {
      return refuse();
    }
  };
  for await (const chunk of chunks) yield decoded(chunk);
  yield decoded();
}
