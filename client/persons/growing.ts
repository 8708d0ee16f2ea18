/** Typed arrays that grow while rows stream in: a column takes what its numbers take, and no more. */

type TypedArray = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const FIRST_LENGTH = 64;
/** Parts double until they are so long: what is not yet filled is then small beside what is. */
const LAST_LENGTH = 65_536;

export class Growing<A extends TypedArray> {
  #full: A[] = [];
  #part: A;
  #used = 0;
  readonly #make: (length: number) => A;

  /** @param make an array of zeros, of that length */
  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#part = make(FIRST_LENGTH);
  }

  push(value: number): void {
    if (this.#used === this.#part.length) this.#grow();
    this.#part[this.#used++] = value;
  }

  pushAll(values: Float64Array | Int32Array | Uint8Array): void {
    for (let taken = 0; taken < values.length; ) {
      if (this.#used === this.#part.length) this.#grow();
      const more = values.subarray(taken, taken + this.#part.length - this.#used);
      this.#part.set(more, this.#used);
      this.#used += more.length;
      taken += more.length;
    }
  }

  get length(): number {
    return this.#full.reduce((sum, { length }) => sum + length, this.#used);
  }

  /** 0 where nothing was pushed. */
  get last(): number {
    const part = this.#used > 0 ? this.#part.subarray(0, this.#used) : this.#full.at(-1);
    return part?.at(-1) ?? 0;
  }

  /** Forgets what was pushed beyond the first `length`. */
  cut(length: number): void {
    for (let beyond = this.length - length; beyond > 0; ) {
      const dropped = Math.min(beyond, this.#used);
      this.#used -= dropped;
      beyond -= dropped;
      // What is left is in a part that was full.
      const before = this.#used === 0 ? this.#full.pop() : undefined;
      if (before) [this.#part, this.#used] = [before, before.length];
    }
  }

  #grow(): void {
    this.#full.push(this.#part);
    this.#part = this.#make(Math.min(2 * this.#used, LAST_LENGTH));
    this.#used = 0;
  }

  /** All that has been pushed, and forgotten here: a column is never held twice for long. */
  take(): A {
    const parts = [...this.#full, this.#part.subarray(0, this.#used)];
    const all = this.#make(parts.reduce((sum, { length }) => sum + length, 0));
    this.#full = [];
    // From the end, so that a part may be forgotten as soon as it is copied.
    for (let end = all.length, part = parts.pop(); part; part = parts.pop()) {
      all.set(part, end - part.length);
      end -= part.length;
    }
    this.#part = this.#make(FIRST_LENGTH);
    this.#used = 0;
    return all;
  }
}
