/**
 * Derivatives without a formula for them: every sum and product of numbers is written down, and the
 * chain rule goes through them from the end (reverse accumulation; Linnainmaa 1976).
 */

/** A number that was written down: its place on the tape. */
export type Entry = number;

export class Tape {
  readonly #values: number[] = [];
  /** What each entry was made of, and its derivatives by these. */
  readonly #from: (readonly (readonly [entry: Entry, slope: number])[])[] = [];

  value(entry: Entry): number {
    return this.#values[entry] ?? NaN;
  }

  write(value: number, from: readonly (readonly [entry: Entry, slope: number])[] = []): Entry {
    this.#from.push(from);
    return this.#values.push(value) - 1;
  }

  plus(a: Entry, b: Entry): Entry {
    return this.write(this.value(a) + this.value(b), [
      [a, 1],
      [b, 1],
    ]);
  }

  times(a: Entry, b: Entry): Entry {
    return this.write(this.value(a) * this.value(b), [
      [a, this.value(b)],
      [b, this.value(a)],
    ]);
  }

  /** A number times an entry. */
  scale(factor: number, a: Entry): Entry {
    return this.write(factor * this.value(a), [[a, factor]]);
  }

  sum(entries: readonly Entry[]): Entry {
    return entries.reduce((all, entry) => this.plus(all, entry), this.write(0));
  }

  exp(a: Entry): Entry {
    const value = Math.exp(this.value(a));
    return this.write(value, [[a, value]]);
  }

  log(a: Entry): Entry {
    return this.write(Math.log(this.value(a)), [[a, 1 / this.value(a)]]);
  }

  /** a^power, of a > 0. */
  power(a: Entry, power: number): Entry {
    const x = this.value(a);
    return this.write(x ** power, [[a, power * x ** (power - 1)]]);
  }

  /** Derivatives of one entry by others. */
  gradient(of: Entry, by: readonly Entry[]): number[] {
    const slopes = new Float64Array(this.#values.length);
    slopes[of] = 1;
    for (let entry = of; entry >= 0; entry--) {
      const own = slopes[entry] ?? NaN;
      if (own === 0) continue;
      for (const [from, slope] of this.#from[entry] ?? []) {
        slopes[from] = (slopes[from] ?? NaN) + own * slope;
      }
    }
    return by.map((entry) => slopes[entry] ?? NaN);
  }
}
