/** A stream of bytes → its lines, in memory that does not grow with them. */

/** Bytes of the longest line that is read. */
export const MAX_LINE_BYTES = 1 << 20;

const LINE_FEED = 10;

/** Lines without their ends; null for one that is too long, whose bytes are dropped as they come. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string | null> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= MAX_LINE_BYTES) parts.push(part);
  };
  const take = (): string | null => {
    const line = bytes <= MAX_LINE_BYTES ? Buffer.concat(parts).toString("utf8") : null;
    [parts, bytes] = [[], 0];
    return line;
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (bytes > 0) yield take();
}
