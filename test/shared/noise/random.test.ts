import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { deriveKey, Random, secureRoot, seededRoot, stream } from "../../../shared/noise/random.ts";
import { chiSquareBounds, moments, pearson } from "../../support/statistics.ts";

const hex = z.string().transform((text) => Buffer.from(text, "hex"));
const vectors = z
  .object({
    seed: hex,
    label: z.string(),
    key: hex,
    first64: hex,
    below: z.object({
      drbg_label: z.string(),
      n: z.array(z.union([z.number(), z.string()]).transform(Number)),
      values: z.array(z.string().transform(Number)),
    }),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/drbg.json"), "utf8")));

const fresh = () => new Random(vectors.key);

describe("golden drbg", () => {
  it("derives the key of a label", () => {
    expect(deriveKey(vectors.seed, vectors.label)).toEqual(vectors.key);
  });

  it("begins the stream with the keystream of block 0", () => {
    expect(fresh().bytes(64)).toEqual(vectors.first64);
  });

  it("draws below(n) from one stream, n after n", () => {
    const random = new Random(deriveKey(vectors.seed, vectors.below.drbg_label));
    const n = vectors.below.n.filter((one) => one <= 2 ** 32);
    expect(n).toHaveLength(7);
    expect(n.map((one) => random.below(one))).toEqual(vectors.below.values.slice(0, 7));
  });
});

it("is one stream of bytes, however it is read", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 12 }), (sizes) => {
      const random = fresh();
      const whole = fresh().bytes(sizes.reduce((a, b) => a + b + 4, 0));
      let at = 0;
      for (const size of sizes) {
        expect(random.bytes(size).equals(whole.subarray(at, at + size))).toBe(true);
        // A word may begin anywhere, across the blocks of the cipher too.
        expect(random.uint32()).toBe(whole.readUInt32LE(at + size));
        at += size + 4;
      }
      expect(at).toBe(whole.length);
    }),
  );
});

it("gives a buffer of its own: writing into it changes nothing that follows", () => {
  const random = fresh();
  random.bytes(16).fill(0);
  expect(random.bytes(48)).toEqual(vectors.first64.subarray(16));
});

it("uniform is on [0, 1) with the spread of a uniform", () => {
  const random = fresh();
  const draws = Array.from({ length: 200_000 }, () => random.uniform());
  expect(Math.min(...draws.slice(0, 1000))).toBeGreaterThanOrEqual(0);
  expect(draws.every((x) => x < 1 && x * 2 ** 53 === Math.floor(x * 2 ** 53))).toBe(true);
  const { mean, variance } = moments(draws, 0.5);
  // Five deviations: those of x are sqrt(1/12), those of (x - 1/2)² sqrt(1/180).
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws.length));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / draws.length));
});

it("bernoulli is true at its rate, always at 1, never at 0", () => {
  const random = fresh();
  const share = (rate: number, n: number) =>
    Array.from({ length: n }, () => random.bernoulli(rate)).filter(Boolean).length / n;
  expect(Math.abs(share(0.03, 100_000) - 0.03)).toBeLessThan(
    5 * Math.sqrt((0.03 * 0.97) / 100_000),
  );
  expect([share(1, 100), share(0, 100)]).toEqual([1, 0]);
});

it("below is uniform where n is no power of 2", () => {
  const random = fresh();
  const draws = Array.from({ length: 60_000 }, () => random.below(11) - 5);
  const { statistic, dof } = pearson(draws, (x) => (Math.abs(x) <= 5 ? 1 / 11 : 0), 5);
  expect(statistic).toBeLessThan(chiSquareBounds(dof, 5)[1]);
  expect(() => random.below(2 ** 32 + 1)).toThrow(RangeError);
});

it("below reads the keystream on, whatever its draws and the ends of blocks cut it into", () => {
  const key = deriveKey(Buffer.alloc(32, 7), "below");
  const keystream = new Random(key).bytes(40_000);
  const random = new Random(key);
  let at = 0;
  /** The fewest bytes that hold n - 1, its low bits, again until below n: the slow way. */
  const slow = (n: number, bytes: number, bits: number): number => {
    const value = keystream.readUIntLE(at, bytes) % 2 ** bits;
    at += bytes;
    return value < n ? value : slow(n, bytes, bits);
  };
  const sizes = [
    [2 ** 24 + 1, 4, 25],
    [70_000, 3, 17],
    [1000, 2, 10],
    [200, 1, 8],
  ] as const;
  for (let i = 0; i < 8000; i++) {
    const [n, bytes, bits] = sizes[i % sizes.length] ?? sizes[0];
    expect(random.below(n)).toBe(slow(n, bytes, bits));
  }
  expect(at).toBeGreaterThan(3 * 4096);
});

it("permutation holds every index once, each as often in each place", () => {
  const random = fresh();
  const places = Array.from({ length: 30_000 }, () => {
    const order = random.permutation(5);
    expect(new Set(order).size).toBe(5);
    return order.indexOf(3) - 2;
  });
  const { statistic, dof } = pearson(places, (x) => (Math.abs(x) <= 2 ? 1 / 5 : 0), 2);
  expect(statistic).toBeLessThan(chiSquareBounds(dof, 5)[1]);
});

it.each([0, 1, 31, 32, 33, 255, 256, 900])("skips what %d normal draws read", (count) => {
  const [skipping, drawing] = [fresh(), fresh()];
  for (const random of [skipping, drawing]) random.bytes(24);
  skipping.skipNormals(count);
  for (let i = 0; i < count; i++) drawing.normal();
  expect([skipping.normal(), skipping.uint32()]).toEqual([drawing.normal(), drawing.uint32()]);
});

it("normal has mean 0 and variance 1", () => {
  const random = fresh();
  const draws = Array.from({ length: 100_000 }, () => random.normal());
  const { mean, variance } = moments(draws, 0);
  const [low, high] = chiSquareBounds(draws.length, 5);
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(draws.length));
  expect(variance * draws.length).toBeGreaterThan(low);
  expect(variance * draws.length).toBeLessThan(high);
});

describe("streams", () => {
  const first = (random: Random) => random.bytes(32).toString("hex");

  it("of one seed replay by purpose and key, and differ in any of the three", () => {
    const base = first(stream(seededRoot(7), "noise", 3, 0));
    expect(first(stream(seededRoot(7), "noise", 3, 0))).toBe(base);
    const others = [
      stream(seededRoot(8), "noise", 3, 0),
      stream(seededRoot(7), "sample", 3, 0),
      stream(seededRoot(7), "noise", 0, 3),
      stream(seededRoot(7), "noise", 3, 0, 25),
      // The seed is 32 bits, little-endian.
      stream(seededRoot(7 * 2 ** 24), "noise", 3, 0),
    ].map(first);
    expect(new Set([base, ...others]).size).toBe(6);
  });

  it("of the secure root never repeat", () => {
    const draws = [1, 2, 3].map(() => first(stream(secureRoot, "noise", 3, 0)));
    expect(new Set(draws).size).toBe(3);
  });
});
