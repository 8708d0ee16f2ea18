import { describe, expect, it, vi } from "vitest";
import { fillDiscreteGaussian } from "../../../shared/noise/discrete-gaussian.ts";
import { Random } from "../../../shared/noise/random.ts";
import { selfSeed } from "../../../shared/secagg/derived-keys.ts";
import { addMasks } from "../../../shared/secagg/masks.ts";
import { combineShares, weightsAtZero } from "../../../shared/secagg/shares.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import type { TranscriptEntry } from "../../../shared/secagg/transcript.ts";
import { type Attempt, attemptOf, plainSum, play } from "../../support/masked-attempt.ts";
import { chiSquareBounds } from "../../support/statistics.ts";

/** Labels of the streams that are derived from a seed, and kinds of roots that streams come of. */
const derived = vi.hoisted(() => [] as string[]);
vi.mock("../../../shared/noise/random.ts", async (original) => {
  const real = await original<typeof import("../../../shared/noise/random.ts")>();
  return {
    ...real,
    deriveKey: (seed: Buffer, label: string) => {
      derived.push(label);
      return real.deriveKey(seed, label);
    },
  };
});

const WORDS = 1_000_000;
const CLIENTS = 3;
// Masks come from the operating system, so these bounds are luck's: beyond 5.7 deviations on either
// side it has 1.2e-8, and of some 30 such statistics below 1e-6.
const DEVIATIONS = 5.7;

/** Zeros at client 0; at the others small noised steps, as updates have them. */
const inputs = Array.from({ length: CLIENTS }, (_, client) => {
  const words = new Int32Array(WORDS);
  if (client > 0) fillDiscreteGaussian(words, 1_000, new Random(Buffer.alloc(32, client)));
  return words;
});
const attempt = attemptOf(secaggTerms(CLIENTS, { minCohort: 3, colluders: 1 }), inputs);

async function transcriptOf(one: Attempt): Promise<TranscriptEntry[]> {
  const transcript: TranscriptEntry[] = [];
  await play(one, { record: (entry) => transcript.push(structuredClone(entry)) });
  return transcript;
}

const transcript = await transcriptOf(attempt);
const derivedThen = [...derived];

function maskedOf(entries: readonly TranscriptEntry[], client: number): Uint32Array {
  for (const entry of entries) {
    if (entry.step === "masked" && entry.client === client) return entry.masked;
  }
  throw new Error(`no vector of client ${client}`);
}

/** b of a client, from the shares that everybody gave. */
function selfMaskOf(owner: number): Buffer {
  const shares = transcript.flatMap((entry) =>
    entry.step === "unmask" ? entry.shares.filter((share) => share.owner === owner) : [],
  );
  const places = shares.map(({ share }) => share[32] ?? 0);
  return combineShares(
    shares.map(({ share }) => Buffer.from(share)),
    weightsAtZero(places),
  );
}

/** The client's vector without its own mask: all that the transcript alone can take off it. */
function withoutSelfMask(client: number): Uint32Array {
  const words = Uint32Array.from(maskedOf(transcript, client));
  addMasks(words, [], [selfSeed(selfMaskOf(client), attempt.setup.context, client)]);
  return words;
}

/** Pearson's statistic of one byte of each word against 256 equal chances. */
function byteStatistic(words: ArrayLike<number>, shift: number): number {
  const counts = new Float64Array(256);
  for (let i = 0; i < words.length; i++) {
    const byte = ((words[i] ?? 0) >>> shift) & 0xff;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const due = words.length / 256;
  return counts.reduce((sum, count) => sum + (count - due) ** 2 / due, 0);
}

/** Pearson's statistic of independence of two sequences of sixteen kinds each; 225 degrees of freedom. */
function dependence(a: Uint8Array, b: Uint8Array): number {
  const [table, rows, columns] = [256, 16, 16].map((n) => new Float64Array(n));
  if (!table || !rows || !columns) throw new Error("no tables");
  for (let i = 0; i < WORDS; i++) {
    const row = a[i] ?? 0;
    const column = b[i] ?? 0;
    table[16 * row + column] = (table[16 * row + column] ?? 0) + 1;
    rows[row] = (rows[row] ?? 0) + 1;
    columns[column] = (columns[column] ?? 0) + 1;
  }
  return table.reduce((sum, count, cell) => {
    const due = ((rows[Math.floor(cell / 16)] ?? 0) * (columns[cell % 16] ?? 0)) / WORDS;
    return sum + (count - due) ** 2 / due;
  }, 0);
}

function expectLuck(statistic: number, dof: number): void {
  const [low, high] = chiSquareBounds(dof, DEVIATIONS);
  expect(statistic).toBeGreaterThan(low);
  expect(statistic).toBeLessThan(high);
}

describe("a transcript", () => {
  it("holds each answer of each client, in order of arrival", () => {
    const steps = ["keys", "packets", "masked", "confirm", "unmask"];
    const expected = steps.flatMap((step) => [0, 1, 2].map((client) => [step, client]));
    const seen = transcript.map((entry) => [
      entry.step,
      entry.step === "keys" ? entry.keys.client : entry.client,
    ]);
    expect(seen).toEqual(expected);
  });

  it("opens to the plain sum", () => {
    const sum = new Int32Array(WORDS);
    for (const client of [0, 1, 2]) {
      const words = withoutSelfMask(client);
      for (let i = 0; i < WORDS; i++) sum[i] = (sum[i] ?? 0) + (words[i] ?? 0);
    }
    // toEqual takes seconds for so many words.
    expect(Buffer.from(sum.buffer).equals(Buffer.from(plainSum(inputs).buffer))).toBe(true);
  });
});

describe.each([
  ["as it was sent", (client: number) => maskedOf(transcript, client)],
  ["without its own mask, which the transcript opens", withoutSelfMask],
])("one client's update, %s,", (_, wordsOf) => {
  it.each([0, 8, 16, 24])("is uniform in the bits from %d on, even of zeros", (shift) => {
    for (const client of [0, 1]) expectLuck(byteStatistic(wordsOf(client), shift), 255);
  });

  it("has nothing of the update in it, no more than of the update shuffled", () => {
    const update = inputs[1] ?? new Int32Array();
    const words = wordsOf(1);
    const order = new Random(Buffer.alloc(32, 9)).permutation(WORDS);
    // The update's low bits, and its size and sign: sixteen kinds, of which none is rare.
    const kinds = [
      (x: number) => x & 15,
      (x: number) => Math.min(15, Math.max(0, Math.floor(x / 250) + 8)),
    ];
    for (const kind of kinds) {
      const own = Uint8Array.from(update, kind);
      const shuffled = Uint8Array.from(order, (i) => own[i] ?? 0);
      for (const shift of [0, 28]) {
        const seen = Uint8Array.from(words, (word) => (word >>> shift) & 15);
        expectLuck(dependence(own, seen), 225);
        expectLuck(dependence(shuffled, seen), 225);
      }
    }
    // The same statistic sees an update that has no mask on it.
    const bare = Uint8Array.from(update, (x) => x & 15);
    expect(dependence(bare, bare)).toBeGreaterThan(WORDS);
  });
});

describe("secrets of an attempt", () => {
  it("come from no seed: nobody who holds scenario and seed can draw them again", () => {
    expect(derivedThen).toEqual([]);
  });

  it("are others in a second run of the same scenario, with the same keys of identity", async () => {
    const again = await transcriptOf(attempt);
    const keysOf = (entries: readonly TranscriptEntry[]) =>
      entries.flatMap((entry) =>
        entry.step === "keys" ? [entry.keys.cipherKey, entry.keys.maskKey] : [],
      );
    const texts = [...keysOf(transcript), ...keysOf(again)].map((key) =>
      Buffer.from(key).toString("hex"),
    );
    expect(new Set(texts).size).toBe(2 * 2 * CLIENTS);
    for (const client of [0, 1, 2]) {
      const [one, other] = [maskedOf(transcript, client), maskedOf(again, client)];
      // By chance two words agree somewhere in one run of 4,000; four of them never.
      expect(one.filter((word, i) => word === other[i]).length).toBeLessThan(4);
    }
  });
});
