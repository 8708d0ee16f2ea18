import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMasks } from "../../../shared/secagg/masks.ts";

/** A mask whole and at once, word by word. */
function oracle(seed: Buffer, words: number): number[] {
  const cipher = createCipheriv("aes-256-ctr", seed, Buffer.alloc(16));
  const bytes = cipher.update(Buffer.alloc(4 * words));
  return Array.from({ length: words }, (_, i) => bytes.readUInt32LE(4 * i));
}

const seedOf = (n: number) => Buffer.alloc(32, n);
const seedsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => seedOf(first + i));

function expected(start: Uint32Array, plus: readonly Buffer[], minus: readonly Buffer[]) {
  const sums = [...start].map(BigInt);
  for (const [seeds, sign] of [
    [plus, 1n],
    [minus, -1n],
  ] as const) {
    for (const seed of seeds) {
      for (const [i, word] of oracle(seed, start.length).entries()) {
        sums[i] = (sums[i] ?? 0n) + sign * BigInt(word);
      }
    }
  }
  return sums.map((sum) => Number(BigInt.asUintN(32, sum)));
}

describe("addMasks", () => {
  it("adds and takes away whole streams, mod 2^32, whatever their number and length", () => {
    const length = fc.constantFrom(1, 2, 3, 7, 100, 16_383, 16_384, 16_385, 33_000);
    const count = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(length, count, count, (words, added, taken) => {
        const start = Uint32Array.from({ length: words }, (_, i) => 0xfffffff0 + i * 77);
        const [plus, minus] = [seedsFrom(1, added), seedsFrom(100, taken)];
        const vector = Uint32Array.from(start);
        addMasks(vector, plus, minus);
        expect([...vector]).toEqual(expected(start, plus, minus));
      }),
      { numRuns: 15 },
    );
  });

  it("takes back what it added, in signed words too", () => {
    const start = Int32Array.from({ length: 20_000 }, (_, i) => i - 10_000);
    const vector = Int32Array.from(start);
    addMasks(vector, seedsFrom(1, 5), []);
    expect(vector).not.toEqual(start);
    addMasks(vector, [], seedsFrom(1, 5));
    expect(vector).toEqual(start);
  });

  it("touches nothing outside a view", () => {
    const whole = new Int32Array(12);
    addMasks(whole.subarray(4, 8), seedsFrom(1, 1), []);
    expect([...whole.subarray(0, 4), ...whole.subarray(8)]).toEqual(new Array(8).fill(0));
    expect([...new Uint32Array(whole.buffer, 16, 4)]).toEqual(oracle(seedOf(1), 4));
  });
});
