import { describe, expect, it } from "vitest";
import { z } from "zod";
import { deriveKey, Random } from "../../shared/noise/random.ts";
import { bernoulli, bernoulliExp, geometricExp, uniformBelow } from "./exact-coins.ts";
import { chiSquareBounds, pearson } from "./statistics.ts";
import { vectorFile } from "./vector-file.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));

/** How often `coin` falls true, in deviations from what `rate` expects. */
function deviations(coin: () => boolean, rate: number, flips = 40_000): number {
  let seen = 0;
  for (let i = 0; i < flips; i++) if (coin()) seen++;
  return (seen - flips * rate) / Math.sqrt(flips * rate * (1 - rate));
}

describe("uniformBelow", () => {
  it("draws golden below(n) from one stream, n after n", () => {
    const { seed, below } = z
      .object({
        seed: z.string(),
        below: z.object({
          drbg_label: z.string(),
          n: z.array(z.union([z.number(), z.string()]).transform(BigInt)).length(8),
          values: z.array(z.string().transform(BigInt)).length(8),
        }),
      })
      .parse(vectorFile("drbg.json"));
    const source = new Random(deriveKey(Buffer.from(seed, "hex"), below.drbg_label));
    expect(below.n.map((n) => uniformBelow(n, source))).toEqual(below.values);
  });

  it("gives each third of 3 · 2^40 its share, and reaches all of it", () => {
    const source = random(1);
    const draws = Array.from({ length: 30_000 }, () => uniformBelow(3n << 40n, source));
    const thirds = draws.map((draw) => Number(draw >> 40n) - 1);
    const { statistic, dof } = pearson(thirds, () => 1 / 3, 1);
    expect(dof).toBe(2);
    expect(statistic).toBeLessThan(chiSquareBounds(dof, 5)[1]);
    expect(draws.some((draw) => (draw & 1n) === 1n)).toBe(true);
  });

  it("refuses to draw from nothing", () => {
    for (const n of [0n, -1n]) expect(() => uniformBelow(n, random(2))).toThrow(RangeError);
  });
});

// Fixed seeds and five deviations: a right coin fails for one seed in two million.
it.each([
  [1n, 3n],
  [5n, 7n],
  [1n, 1_000n],
  [1n << 70n, 3n << 70n],
])("bernoulli(%d / %d) falls true as often as that", (numerator, denominator) => {
  const source = random(3);
  const rate = Number(numerator) / Number(denominator);
  const coin = () => bernoulli({ numerator, denominator }, source);
  expect(Math.abs(deviations(coin, rate))).toBeLessThan(5);
});

it("bernoulli is certain at 0 and 1", () => {
  const source = random(4);
  for (let i = 0; i < 200; i++) {
    expect(bernoulli({ numerator: 0n, denominator: 3n }, source)).toBe(false);
    expect(bernoulli({ numerator: 3n, denominator: 3n }, source)).toBe(true);
  }
});

describe.each([
  [1n, 10n],
  [2n, 3n],
  [1n, 1n],
  [7n, 6n],
  [2n, 1n],
  [9n, 2n],
  [(1n << 80n) + 1n, 3n << 80n],
])("bernoulliExp(%d / %d)", (numerator, denominator) => {
  const x = Number(numerator) / Number(denominator);
  const coin = (source: Random) => () => bernoulliExp({ numerator, denominator }, source);

  it("falls true with probability e^-x", () => {
    expect(Math.abs(deviations(coin(random(5)), Math.exp(-x)))).toBeLessThan(5);
  });

  it("and not e^-x/2, e^-2x or one minus it", () => {
    for (const wrong of [Math.exp(-x / 2), Math.exp(-2 * x), -Math.expm1(-x)]) {
      if (Math.abs(wrong - Math.exp(-x)) < 0.03) continue;
      expect(Math.abs(deviations(coin(random(5)), wrong))).toBeGreaterThan(5);
    }
  });
});

it("bernoulliExp is certain at 0, and over soon where x is huge", () => {
  const source = random(6);
  for (let i = 0; i < 200; i++) {
    expect(bernoulliExp({ numerator: 0n, denominator: 5n }, source)).toBe(true);
    expect(bernoulliExp({ numerator: 10n ** 30n, denominator: 1n }, source)).toBe(false);
  }
  expect(() => bernoulliExp({ numerator: -1n, denominator: 5n }, source)).toThrow(RangeError);
});

it("geometricExp counts k with probability (1 - 1/e) e^-k", () => {
  const source = random(7);
  const draws = Array.from({ length: 40_000 }, () => Number(geometricExp(source)));
  const mass = (k: number) => (k < 0 ? 0 : (1 - Math.exp(-1)) * Math.exp(-k));
  const { statistic, dof } = pearson(draws, mass, 30);
  const [low, high] = chiSquareBounds(dof, 5);
  expect(statistic).toBeGreaterThan(low);
  expect(statistic).toBeLessThan(high);
});
