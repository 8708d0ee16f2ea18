/** The first bytes of a stream, looked at before it is read. */

export interface Peeked {
  /** As far as its first line feed and further, or `most` bytes and more, or all there is. */
  readonly start: Buffer;
  /** The whole stream, once through. */
  readonly chunks: AsyncIterable<Buffer>;
}

const LINE_FEED = 0x0a;

export async function peek(chunks: AsyncIterable<Buffer>, most: number): Promise<Peeked> {
  const rest = chunks[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  for (let bytes = 0; bytes < most; ) {
    const { done, value } = await rest.next();
    if (done) break;
    held.push(value);
    bytes += value.length;
    if (value.includes(LINE_FEED)) break;
  }
  return { start: Buffer.concat(held), chunks: resumed(held, rest) };
}

async function* resumed(
  held: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* held;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    // A reader that stops half-way closes what lies beneath.
    await rest.return?.();
  }
}
