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
    if (this.#used === this.#part.length) {
      this.#full.push(this.#part);
      this.#part = this.#make(Math.min(2 * this.#used, LAST_LENGTH));
      this.#used = 0;
    }
    this.#part[this.#used++] = value;
  }

  /** All that has been pushed, and forgotten here: a column is never held twice for long. */
  take(): A {
    const parts = [...this.#full, this.#part.subarray(0, this.#used)];
    const all = this.#make(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    this.#full = [];
    this.#part = this.#make(FIRST_LENGTH);
    this.#used = 0;
    return all;
  }
}
