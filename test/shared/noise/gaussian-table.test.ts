import { describe, expect, it } from "vitest";
import { fillDiscreteGaussian } from "../../../shared/noise/discrete-gaussian.ts";
import { gaussianSumFloor } from "../../../shared/noise/exact-gaussian-sum.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { Random } from "../../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../../shared/noise/rounded-gaussian.ts";
import { discreteTableEntry } from "../../support/discrete-table.ts";
import { tableEntry } from "../../support/noise-table.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

const LAWS = [
  {
    name: "rounded",
    fill: fillRoundedGaussian,
    sigmas: [1, 25, 4097, 10_000_000, 134_217_728],
    below14: tableEntry,
  },
  {
    name: "discrete",
    fill: fillDiscreteGaussian,
    sigmas: [1, 4, 63, 64, 4097, 134_217_728],
    // Whole tables are sums of the definition; beyond, exact-gaussian-sum.test.ts has the oracle.
    below14: (a: number, sigma: number, places = 128n) =>
      sigma < 100 ? discreteTableEntry(a, sigma, places) : gaussianSumFloor(a, sigma, places),
  },
];
type Law = (typeof LAWS)[number];

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
function drawOnce(law: Law, sigma: number, next: () => number): { value: number; words: number[] } {
  const recorded = new Recorded(next);
  const out = new Int32Array(1);
  law.fill(out, sigma, recorded);
  return { value: out[0] ?? Number.NaN, words: recorded.words };
}

/** A draw from these 128 bits of 2^128 - 1 - U, sign bit 0. */
function drawFrom(law: Law, sigma: number, bits: bigint): { value: number; words: number[] } {
  const script = [0, ...wordsOf(bits)];
  return drawOnce(law, sigma, () => script.shift() ?? Number.NaN);
}

const ALL = 1n << 128n;
const entry = (law: Law, a: number, sigma: number) =>
  a < 0 ? 0n : a >= 14 * sigma ? ALL : law.below14(a, sigma);

/** Holds a draw to the full table: its words, however many were read, must leave no other value. */
function expectFromTable(law: Law, sigma: number, value: number, words: number[]): void {
  const [signs = 0, ...read] = words;
  const magnitude = Math.abs(value);
  if (magnitude > 0) expect(value < 0).toBe((signs & 1) === 1);
  const bits = read.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);
  const unread = 128n - 32n * BigInt(read.length);
  const largest = ALL - 1n - (bits << unread);
  const smallest = largest - ((1n << unread) - 1n);
  expect(largest < entry(law, magnitude, sigma)).toBe(true);
  expect(smallest >= entry(law, magnitude - 1, sigma)).toBe(true);
}

const CASES = LAWS.flatMap((law) => law.sigmas.map((sigma) => ({ law, sigma })));

describe.each(CASES)("$law.name at sigma $sigma", ({ law, sigma }) => {
  it("draws what the full table says, word for word", () => {
    const source = random(1);
    for (let i = 0; i < 200; i++) {
      const { value, words } = drawOnce(law, sigma, () => source.uint32());
      expectFromTable(law, sigma, value, words);
    }
  });

  it("turns exactly at the thresholds, in the middle and far out", () => {
    for (let i = 0; i < 40; i++) {
      // Much further out, neighbouring thresholds of the largest sigma are the same number.
      const a = Math.floor((i / 40) ** 2 * 11.5 * sigma);
      const turn = ALL - entry(law, a, sigma);
      expect(drawFrom(law, sigma, turn)).toMatchObject({ value: a, words: { length: 5 } });
      expect(drawFrom(law, sigma, turn - 1n)).toMatchObject({ value: a + 1, words: { length: 5 } });
    }
  });

  it("is right at every distance from a threshold, where float64 begins to tell too", () => {
    const source = random(2);
    let quick = 0;
    for (let i = 0; i < 250; i++) {
      const a = Math.floor(source.uniform() ** 2 * 5.5 * sigma);
      // From 2^60 to 2^118 away, on either side: the margin lies within.
      const away = BigInt(Math.floor(2 ** 52 * source.uniform())) << (8n + BigInt(i % 58));
      const bits = ALL - entry(law, a, sigma) + (i % 2 === 0 ? away : -away);
      if (bits < 0n || bits >= ALL) continue;
      const { value, words } = drawFrom(law, sigma, bits);
      expectFromTable(law, sigma, value, words);
      if (words.length === 3) quick++;
    }
    expect(quick).toBeGreaterThan(20);
  });

  it("is right where the leading words change their number of bits", () => {
    for (let zeros = 0n; zeros < 128n; zeros++) {
      for (const bits of [(ALL >> zeros) - 1n, ALL >> (zeros + 1n)]) {
        const { value, words } = drawFrom(law, sigma, bits);
        expectFromTable(law, sigma, value, words);
      }
    }
    expect(drawFrom(law, sigma, 0n).value).toBe(14 * sigma);
    expect(drawFrom(law, sigma, ALL - 1n).value).toBe(0);
  });
});

it("keeps the thresholds of two laws apart, drawn from in turn", () => {
  for (let a = 0; a < 20; a++) {
    for (const law of LAWS) {
      const turn = ALL - entry(law, a, 64);
      expect(drawFrom(law, 64, turn).value).toBe(a);
      expect(drawFrom(law, 64, turn - 1n).value).toBe(a + 1);
    }
  }
});

it.each(LAWS)(
  "$name reads one word of signs before every 32 draws, and two words a draw",
  (law) => {
    const source = random(3);
    const recorded = new Recorded(() => source.uint32());
    const out = new Int32Array(70).fill(99_999);
    law.fill(out, 4, recorded);
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
        expectFromTable(law, 4, value, [sign, ...recorded.words.slice(at, at + 2)]);
      }
    }
  },
);

describe("tableDistance", () => {
  it("is (14 sigma + 1) / 2^128", () => {
    expect(tableDistance(4)).toBe(57 / 2 ** 128);
    expect(tableDistance(34_000) * 2 ** 128).toBe(476_001);
  });

  it.each(CASES.filter(({ sigma }) => sigma <= 25))(
    "is no less than the $law.name table's own distance at sigma $sigma, nor 8 times it",
    ({ law, sigma }) => {
      // Masses of the table and of the distribution, in units of 2^-200.
      let distance = 0n;
      let [before, trueBefore] = [0n, 0n];
      for (let a = 0; a < 14 * sigma; a++) {
        const [table, truth] = [entry(law, a, sigma) << 72n, law.below14(a, sigma, 200n)];
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
