import { describe, expect, it } from "vitest";
import { fillRoundedGaussian, tableDistance } from "../../shared/noise.ts";
import { Random } from "../../shared/random.ts";
import { tableEntry } from "../support/noise-table.ts";
import { chiSquareBounds, gaussianMass, moments, pearson } from "../support/statistics.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

/** A source of 32-bit words that keeps what was read. */
class Recorded {
  readonly words: number[] = [];
  readonly #next: () => number;
  constructor(next: () => number) {
    this.#next = next;
  }
  uint32(): number {
    const word = this.#next();
    this.words.push(word);
    return word;
  }
}

/** The four words of a 128-bit number, leading one first. */
function wordsOf(bits: bigint): number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number((bits >> shift) & 0xffffffffn));
}

/** One draw by `next`: the value, and all words that it read. */
function drawOnce(sigma: number, next: () => number): { value: number; words: number[] } {
  const recorded = new Recorded(next);
  const out = new Int32Array(1);
  fillRoundedGaussian(out, sigma, recorded);
  return { value: out[0] ?? Number.NaN, words: recorded.words };
}

/** A draw from these 128 bits of 2^128 - 1 - U, sign bit 0. */
function drawFrom(sigma: number, bits: bigint): { value: number; words: number[] } {
  const script = [0, ...wordsOf(bits)];
  return drawOnce(sigma, () => script.shift() ?? Number.NaN);
}

const ALL = 1n << 128n;
const entry = (a: number, sigma: number) =>
  a < 0 ? 0n : a >= 14 * sigma ? ALL : tableEntry(a, sigma);

/** Holds a draw to the full table: its words, however many were read, must leave no other value. */
function expectFromTable(sigma: number, value: number, words: number[]): void {
  const [signs = 0, ...read] = words;
  const magnitude = Math.abs(value);
  if (magnitude > 0) expect(value < 0).toBe((signs & 1) === 1);
  const bits = read.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);
  const unread = 128n - 32n * BigInt(read.length);
  const largest = ALL - 1n - (bits << unread);
  const smallest = largest - ((1n << unread) - 1n);
  expect(largest < entry(magnitude, sigma)).toBe(true);
  expect(smallest >= entry(magnitude - 1, sigma)).toBe(true);
}

describe.each([1, 4, 25, 4097, 34_000, 10_000_000, 134_217_728])("at sigma %d", (sigma) => {
  it("draws what the full table says, word for word", () => {
    const source = random(1);
    for (let i = 0; i < 300; i++) {
      const { value, words } = drawOnce(sigma, () => source.uint32());
      expectFromTable(sigma, value, words);
    }
  });

  it("turns exactly at the thresholds, in the middle and far out", () => {
    for (let i = 0; i < 40; i++) {
      // Much further out, neighbouring thresholds of the largest sigma are the same number.
      const a = Math.floor((i / 40) ** 2 * 11.5 * sigma);
      const turn = ALL - tableEntry(a, sigma);
      expect(drawFrom(sigma, turn)).toMatchObject({ value: a, words: { length: 5 } });
      expect(drawFrom(sigma, turn - 1n)).toMatchObject({ value: a + 1, words: { length: 5 } });
    }
  });

  it("is right at every distance from a threshold, where float64 begins to tell too", () => {
    const source = random(2);
    let quick = 0;
    for (let i = 0; i < 250; i++) {
      const a = Math.floor(source.uniform() ** 2 * 5.5 * sigma);
      // From 2^60 to 2^110 away, on either side: the margin lies within.
      const away = BigInt(Math.floor(2 ** 52 * source.uniform())) << (8n + BigInt(i % 50));
      const bits = ALL - tableEntry(a, sigma) + (i % 2 === 0 ? away : -away);
      if (bits < 0n || bits >= ALL) continue;
      const { value, words } = drawFrom(sigma, bits);
      expectFromTable(sigma, value, words);
      if (words.length === 3) quick++;
    }
    expect(quick).toBeGreaterThan(20);
  });

  it("is right where the leading words change their number of bits", () => {
    for (let zeros = 0n; zeros < 128n; zeros++) {
      for (const bits of [(ALL >> zeros) - 1n, ALL >> (zeros + 1n)]) {
        const { value, words } = drawFrom(sigma, bits);
        expectFromTable(sigma, value, words);
      }
    }
    expect(drawFrom(sigma, 0n).value).toBe(14 * sigma);
    expect(drawFrom(sigma, ALL - 1n).value).toBe(0);
  });
});

it("reads one word of signs before every 32 draws, and two words a draw", () => {
  const source = random(3);
  const recorded = new Recorded(() => source.uint32());
  const out = new Int32Array(70).fill(99_999);
  fillRoundedGaussian(out, 4, recorded);
  expect(recorded.words).toHaveLength(3 + 140);
  for (const [first, draws] of [
    [0, 32],
    [65, 32],
    [130, 6],
  ] as const) {
    for (let i = 0; i < draws; i++) {
      const value = out[(first / 65) * 32 + i] ?? Number.NaN;
      const sign = (recorded.words[first] ?? 0) >>> i;
      const at = first + 1 + 2 * i;
      expectFromTable(4, value, [sign, ...recorded.words.slice(at, at + 2)]);
    }
  }
});

it("is the same for the same stream, and overwrites what was there", () => {
  const [one, other, third] = [
    new Int32Array(500).fill(7),
    new Int32Array(500),
    new Int32Array(500),
  ];
  fillRoundedGaussian(one, 4097, random(4));
  fillRoundedGaussian(other, 4097, random(4));
  fillRoundedGaussian(third, 4097, random(5));
  expect(one).toEqual(other);
  expect(one).not.toEqual(third);
});

// Fixed seeds, and bounds that a right sampler breaks for one seed in two million: below the false
// alarms of 1e-6 a test, and none once it has passed.
describe("in bulk, within five deviations", () => {
  const SMALL = 4;
  const small = new Int32Array(400_000);
  fillRoundedGaussian(small, SMALL, random(6));

  /** Pearson's statistic against rounded N(0, sigma²), masses by Simpson's rule. */
  const against = (sigma: number) => {
    const mass = (a: number) => gaussianMass(a - 0.5, a + 0.5, sigma);
    const { statistic, dof } = pearson(small, mass, 14 * SMALL);
    return { statistic, low: chiSquareBounds(dof, 5)[0], high: chiSquareBounds(dof, 5)[1] };
  };

  it("has the rounded Gaussian's masses, neither too far off nor too close", () => {
    const { statistic, low, high } = against(SMALL);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });

  it.each([SMALL / 2, SMALL * 2, SMALL * 1.01])("does not fit sigma %d", (wrong) => {
    const { statistic, high } = against(wrong);
    expect(statistic).toBeGreaterThan(high);
  });

  it("is no Gaussian rounded down: the masses are symmetric about 0", () => {
    const floored = (a: number) => gaussianMass(a, a + 1, SMALL);
    const { statistic, dof } = pearson(small, floored, 14 * SMALL);
    expect(statistic).toBeGreaterThan(chiSquareBounds(dof, 5)[1]);
  });

  const LARGE = 34_000;
  const large = new Int32Array(1_000_000);
  fillRoundedGaussian(large, LARGE, random(7));

  it("has mean 0, and variance sigma² + 1/12 and neither a quarter nor four times that", () => {
    const { mean, variance } = moments(large, 0);
    expect(Math.abs(mean)).toBeLessThan((5 * LARGE) / Math.sqrt(large.length));
    const ratio = (sigma: number) => (variance / (sigma ** 2 + 1 / 12)) * large.length;
    const [low, high] = chiSquareBounds(large.length, 5);
    expect(ratio(LARGE)).toBeGreaterThan(low);
    expect(ratio(LARGE)).toBeLessThan(high);
    expect(ratio(LARGE * 2)).toBeLessThan(low);
    expect(ratio(LARGE / 2)).toBeGreaterThan(high);
  });

  it.each([1, 2, 3, 4])(
    "has a Gaussian's share beyond %d deviations, on each side",
    (deviations) => {
      const share = gaussianMass(deviations * LARGE, (deviations + 1) * LARGE, LARGE);
      const beyond =
        share + gaussianMass((deviations + 1) * LARGE, (deviations + 6) * LARGE, LARGE);
      const expected = large.length * beyond;
      for (const side of [1, -1]) {
        const seen = large.reduce((n, x) => n + (side * x > deviations * LARGE ? 1 : 0), 0);
        expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(expected));
      }
    },
  );

  it("has draws that know nothing of their neighbours, nor signs of magnitudes", () => {
    const deviation = 1 / Math.sqrt(large.length);
    const correlation = (f: (x: number) => number, g: (x: number) => number, lag: number) => {
      const [a, b] = [large.subarray(0, large.length - lag), large.subarray(lag)];
      let [product, squares, others] = [0, 0, 0];
      a.forEach((x, i) => {
        const [u, v] = [f(x), g(b[i] ?? 0)];
        product += u * v;
        squares += u * u;
        others += v * v;
      });
      return product / Math.sqrt(squares * others);
    };
    const self = (x: number) => x;
    // Centred on the mean magnitude, sqrt(2 / pi) sigma.
    const size = (x: number) => Math.abs(x) - Math.sqrt(2 / Math.PI) * LARGE;
    for (const lag of [1, 2, 32]) {
      expect(Math.abs(correlation(self, self, lag))).toBeLessThan(5 * deviation);
      expect(Math.abs(correlation(size, size, lag))).toBeLessThan(5 * deviation);
      expect(Math.abs(correlation(Math.sign, size, lag))).toBeLessThan(5 * deviation);
    }
    expect(Math.abs(correlation(Math.sign, size, 0))).toBeLessThan(5 * deviation);
  });
});

describe("tableDistance", () => {
  it("is (14 sigma + 1) / 2^128", () => {
    expect(tableDistance(4)).toBe(57 / 2 ** 128);
    expect(tableDistance(34_000) * 2 ** 128).toBe(476_001);
  });

  it.each([1, 4, 25])(
    "is no less than the table's own distance at sigma %d, nor 8 times it",
    (sigma) => {
      // Masses of the table and of the distribution, in units of 2^-200.
      let distance = 0n;
      let [before, trueBefore] = [0n, 0n];
      for (let a = 0; a < 14 * sigma; a++) {
        const [table, truth] = [entry(a, sigma) << 72n, tableEntry(a, sigma, 200n)];
        const lacks = truth - trueBefore - (table - before);
        if (lacks > 0n) distance += lacks;
        [before, trueBefore] = [table, truth];
      }
      const stated = BigInt(tableDistance(sigma) * 2 ** 128) << 72n;
      expect(stated >= distance).toBe(true);
      expect(stated <= 8n * distance).toBe(true);
    },
  );
});

it.each([0, -1, 0.5, 2 ** 27 + 1, Number.NaN, Infinity])("refuses sigma %d", (sigma) => {
  expect(() => fillRoundedGaussian(new Int32Array(1), sigma, random(8))).toThrow(RangeError);
  expect(() => tableDistance(sigma)).toThrow(RangeError);
});
