/** Draws by kernels against draws one by one, and against the 128-bit table itself. */
import { describe, expect, it } from "vitest";
import { fillDiscreteGaussian } from "../../../shared/noise/discrete-gaussian.ts";
import type { Words } from "../../../shared/noise/quick-gaussians.ts";
import { Random } from "../../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../../shared/noise/rounded-gaussian.ts";
import { discreteTableEntry } from "../../support/discrete-table.ts";
import { tableEntry } from "../../support/noise-table.ts";

const LAWS = { rounded: fillRoundedGaussian, discrete: fillDiscreteGaussian };
type Fill = (typeof LAWS)["rounded"];
const CASES = Object.entries(LAWS).flatMap(([name, fill]) =>
  [1, 4, 63, 64, 1_000, 10_000_000, 2 ** 27].map((sigma) => ({ name, fill, sigma })),
);

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

/** Words of a script, then those of a stream; read one by one, or as bytes too. */
class Script {
  taken = 0;
  readonly #words: readonly number[];
  readonly #rest = random(11);

  constructor(words: readonly number[]) {
    this.#words = words;
  }

  uint32(): number {
    const word = this.#words[this.taken] ?? this.#rest.uint32();
    this.taken += 1;
    return word;
  }

  bytes(count: number): Buffer {
    const out = Buffer.alloc(count);
    for (let at = 0; at < count; at += 4) out.writeUInt32LE(this.uint32(), at);
    return out;
  }

  /** The same words, one by one alone. */
  get slow(): Pick<Random, "uint32"> & { readonly script: Script } {
    const script = new Script(this.#words);
    return { uint32: () => script.uint32(), script };
  }
}

function drawn(fill: Fill, sigma: number, length: number, source: Words): number[] {
  const out = new Int32Array(length);
  fill(out, sigma, source);
  return [...out];
}

function expectSame(fill: Fill, sigma: number, length: number, words: readonly number[]): void {
  const quick = new Script(words);
  const { slow } = quick;
  expect(drawn(fill, sigma, length, quick)).toEqual(drawn(fill, sigma, length, slow));
  expect(quick.taken, "words read").toBe(slow.script.taken);
}

describe.each(CASES)("$name at sigma $sigma", ({ fill, sigma }) => {
  it.each([0, 1, 31, 32, 33, 2_047, 2_048, 2_049, 4_128])(
    "draws %i as one by one, and reads no word more",
    (length) => {
      const [quick, slow] = [random(length % 200), random(length % 200)];
      const one = { uint32: () => slow.uint32() };
      expect(drawn(fill, sigma, length, quick)).toEqual(drawn(fill, sigma, length, one));
      expect(quick.uint32()).toBe(slow.uint32());
    },
  );

  it("begins amid a stream's block, and leaves it where the next draw is to be", () => {
    const [quick, slow] = [random(3), random(3)];
    for (const length of [100, 7, 64, 3_000, 1]) {
      expect(quick.uint32()).toBe(slow.uint32());
      const one = { uint32: () => slow.uint32() };
      expect(drawn(fill, sigma, length, quick)).toEqual(drawn(fill, sigma, length, one));
      expect(quick.bytes(3)).toEqual(slow.bytes(3));
    }
  });

  it("takes four words where two do not tell, wherever in a group, at its ends and in all of it", () => {
    const length = 2_112;
    const source = random(12);
    const plain = Array.from({ length: 66 * 65 }, () => source.uint32());
    // A leading word of zero is beyond the quick path's reach.
    const places = [[0], [31], [0, 31], [5, 6, 7], Array.from({ length: 32 }, (_, i) => i)];
    for (const group of [0, 1, 63, 64, 65])
      for (const draws of places) {
        const words = [...plain];
        for (const draw of draws) words[65 * group + 1 + 2 * draw] = 0;
        expectSame(fill, sigma, length, words);
      }
  });

  it("agrees where words change their number of bits, and at the end of the quick path", () => {
    const edges = Array.from({ length: 32 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]);
    const highs = [0, 4_095, 4_096, 4_097, 2 ** 32 - 1, 2 ** 32 - 2, ...edges.flat()];
    const words = highs.flatMap((high, i) => [
      // One of signs before each group of 32.
      ...(i % 32 === 0 ? [0xaaaaaaaa] : []),
      high,
      i % 3 === 0 ? 0xffffffff : i % 3 === 1 ? 0 : 0x80000000,
    ]);
    expectSame(fill, sigma, 160, words);
  });
});

it.each([4_097, 10_000_000, 2 ** 27])("decides nothing next to a threshold, sigma %i", (sigma) => {
  const source = random(14);
  const draws = Array.from({ length: 96 }, (_, i) => {
    const a = Math.floor(source.uniform() ** 2 * 4.5 * sigma);
    // From 2^40 to 2^119 away, on either side: where float64 begins to tell lies in between.
    const away = (BigInt(Math.floor(2 ** 32 * source.uniform())) + 1n) << BigInt(40 + (i % 48));
    return 2n ** 128n - tableEntry(a, sigma, 128n) + (i % 2 === 0 ? away : -away);
  });
  const near = draws.map((bits) =>
    [96n, 64n].map((shift) => Number((bits >> shift) & 0xffffffffn)),
  );
  // Each amid 31 that are plain, and then all together.
  const plain = Array.from({ length: 32 }, () => [2 ** 31 + 5, 7]);
  const amid = near.flatMap((pair, i) => [0x5a5a5a5a, ...plain.with(i % 32, pair).flat()]);
  expectSame(fillRoundedGaussian, sigma, 96 * 32, amid);
  const [quick, next] = [new Script(amid), 96 * 65];
  drawn(fillRoundedGaussian, sigma, 96 * 32, quick);
  expect(quick.taken, "some need four words").toBeGreaterThan(next);
  const together = [0, 32, 64].flatMap((at) => [0x33333333, ...near.slice(at, at + 32).flat()]);
  expectSame(fillRoundedGaussian, sigma, 96, together);
});

const TABLES = [
  { name: "rounded", fill: fillRoundedGaussian, sigma: 25, entry: tableEntry },
  { name: "discrete", fill: fillDiscreteGaussian, sigma: 20, entry: discreteTableEntry },
];

it.each(TABLES)("a $name draw is where its words lie in the 128-bit table", (law) => {
  const { fill, sigma, entry } = law;
  const thresholds = Array.from({ length: 14 * sigma }, (_, a) => entry(a, sigma, 128n));
  const length = 640;
  const words: number[] = [];
  const source = random(5);
  const recorded = {
    uint32: () => source.uint32(),
    bytes(count: number) {
      const bytes = source.bytes(count);
      for (let at = 0; at < count; at += 4) words.push(bytes.readUInt32LE(at));
      return bytes;
    },
  };
  const out = drawn(fill, sigma, length, recorded);
  expect(words).toHaveLength((length / 32) * 65);
  out.forEach((value, i) => {
    const [group, draw] = [65 * Math.floor(i / 32), i % 32];
    const at = group + 1 + 2 * draw;
    const leading = (BigInt(words[at] ?? 0) << 32n) + BigInt(words[at + 1] ?? 0);
    const u = (1n << 128n) - 1n - (leading << 64n);
    expect(Math.abs(value)).toBe(thresholds.findIndex((c) => u < c));
    const negative = ((words[group] ?? 0) >>> draw) & 1;
    if (value !== 0) expect(value < 0).toBe(negative === 1);
  });
});
