/** A WebSocket connection's bytes, one direction of it, cut into whole messages (RFC 6455, section 5.2). */

/** Gives what has become whole: the HTTP head first, then frame after frame, each as it came. */
export class MessageCutter {
  #rest: Buffer = Buffer.alloc(0);
  #isHead = true;

  /** @returns `isHead` for all up to the end of the HTTP head, which counts as one */
  *take(bytes: Buffer): Generator<{ readonly isHead: boolean; readonly bytes: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let length = this.#whole(); length > 0; length = this.#whole()) {
      const whole = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield { isHead: this.#isHead, bytes: whole };
      this.#isHead = false;
    }
  }

  /** Length of the first whole piece; 0: none is. */
  #whole(): number {
    if (this.#isHead) {
      const end = this.#rest.indexOf("\r\n\r\n");
      return end < 0 ? 0 : end + 4;
    }
    if (this.#rest.length < 2) return 0;
    const second = this.#rest[1] ?? 0;
    const mask = (second & 0x80) === 0 ? 0 : 4;
    const short = second & 0x7f;
    const header = 2 + mask + (short === 126 ? 2 : short === 127 ? 8 : 0);
    if (this.#rest.length < header) return 0;
    const payload =
      short === 126
        ? this.#rest.readUInt16BE(2)
        : short === 127
          ? Number(this.#rest.readBigUInt64BE(2))
          : short;
    const length = header + payload;
    return this.#rest.length < length ? 0 : length;
  }
}
