/** A peer that masks every layer with one seed's numbers, so that they cancel. */
import { describe, expect, it } from "vitest";
import {
  type Purpose,
  type Random,
  secureRoot,
  seededRoot,
  stream,
} from "../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../shared/noise/rounded-gaussian.ts";

const PURPOSES: readonly Purpose[] = ["sample", "noise", "centralNoise"];
const [TENSOR, SIGMA] = [2_048, 4_097] as const;

/** Every (purpose, round, attempt, client) of a small run, and of another seed. */
const KEYS = [1, 2].flatMap((seed) =>
  PURPOSES.flatMap((purpose) =>
    [0, 1, 2, 12].flatMap((round) =>
      [0, 1].flatMap((attempt) =>
        ["c1", "c2", "c12"].map((client) => ({ seed, purpose, round, attempt, client })),
      ),
    ),
  ),
);

const streamOf = ({ seed, purpose, round, attempt, client }: (typeof KEYS)[number]): Random =>
  stream(seededRoot(seed), purpose, round, attempt, client);

/** Two tensors of noise from one stream, as a model of two layers gets them; standardised. */
function tensors(random: Random): Float64Array[] {
  const noise = new Int32Array(2 * TENSOR);
  fillRoundedGaussian(noise, SIGMA, random);
  const all = Float64Array.from(noise, (x) => x / SIGMA);
  return [all.subarray(0, TENSOR), all.subarray(TENSOR)];
}

/** Largest correlation of any two vectors, signs aside, and how many pairs there were. */
function strongest(vectors: readonly Float64Array[]): { correlation: number; pairs: number } {
  let [correlation, pairs] = [0, 0];
  vectors.forEach((a, i) => {
    for (const b of vectors.slice(i + 1)) {
      let product = 0;
      for (let k = 0; k < a.length; k++) product += (a[k] ?? Number.NaN) * (b[k] ?? Number.NaN);
      correlation = Math.max(correlation, Math.abs(product) / a.length);
      pairs += 1;
    }
  });
  return { correlation, pairs };
}

/** What no pair of so many passes but with a chance of 1e-6 in all: 2 e^(−z²/2) each, z / √n. */
function bound(pairs: number, length: number): number {
  return Math.sqrt((2 * Math.log((2 * pairs) / 1e-6)) / length);
}

describe("defect 12: Disco's masks, one seed for every layer", () => {
  it("never begins two streams alike, whatever differs in their keys", () => {
    const first = KEYS.map((key) => streamOf(key).bytes(16).toString("hex"));
    expect(KEYS).toHaveLength(144);
    expect(new Set(first).size).toBe(KEYS.length);
    const secure = KEYS.map(({ purpose, round, attempt, client }) =>
      stream(secureRoot, purpose, round, attempt, client).bytes(16).toString("hex"),
    );
    expect(new Set([...first, ...secure]).size).toBe(2 * KEYS.length);
  });

  it("does not read one key as another: numbers and names stay apart", () => {
    const keys = [
      [1, 23],
      [12, 3],
      [1, 2, 3],
      ["1", "2", "3x"],
      ["12", "3x"],
    ];
    const first = keys.map((key) =>
      stream(seededRoot(1), "noise", ...key)
        .bytes(16)
        .toString("hex"),
    );
    expect(new Set(first).size).toBe(keys.length);
  });

  it.each([
    ["seeded", (key: (typeof KEYS)[number]) => streamOf(key)],
    ["secure", ({ purpose }: (typeof KEYS)[number]) => stream(secureRoot, purpose)],
  ])("draws noise that no other tensor, round, client or purpose shares: %s", (_, draw) => {
    const vectors = KEYS.flatMap((key) => tensors(draw(key)));
    const { correlation, pairs } = strongest(vectors);
    expect(pairs).toBe((288 * 287) / 2);
    expect(correlation).toBeLessThan(bound(pairs, TENSOR));
    // A pair that shares a fifth of its numbers would be seen; the secure half errs once in a million
    // runs, the seeded one never once it has passed.
    expect(bound(pairs, TENSOR)).toBeLessThan(0.2);
  });
});
