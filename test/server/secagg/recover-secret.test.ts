import { describe, expect, it } from "vitest";
import { type HeldShare, recoverSecret } from "../../../server/secagg/recover-secret.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { times } from "../../../shared/secagg/galois-field.ts";
import { combineShares, leadingWeights, splitSecret } from "../../../shared/secagg/shares.ts";

const random = stream(seededRoot(7), "simulate", "recover-secret");
const WHERE = "shares of client 4";
/** Holders are no places, and may not be taken for them. */
const HOLDER = 1000;

/** A secret and its shares, those at some places bent: in one byte, or in all 32. */
function bentShares(count: number, threshold: number, liars: readonly number[], bytes: 1 | 32) {
  const secret = random.bytes(32);
  const places = Array.from({ length: count }, (_, i) => i + 1);
  const shares = splitSecret(secret, threshold, places, (many) => random.bytes(many));
  // The same byte of each: in bytes of their own, each would be found alone.
  const from = bytes === 32 ? 0 : random.below(32);
  for (const liar of liars) {
    for (let i = from; i < from + bytes; i++) {
      const share = shares[liar];
      if (share) share[i] = (share[i] ?? 0) ^ (1 + random.below(255));
    }
  }
  const held: HeldShare[] = shares.map((share, i) => ({ holder: HOLDER + i, share }));
  return { secret, held };
}

const liarsAmong = (count: number, many: number) => random.permutation(count).slice(0, many);
const ofHolders = (liars: readonly number[]) =>
  liars.map((liar) => HOLDER + liar).toSorted((a, b) => a - b);

/** What came out, or the fault's name. */
function outcome(held: readonly HeldShare[], threshold: number, secret?: Buffer) {
  try {
    const isRight = (found: Buffer) => found.equals(secret ?? found);
    const found = recoverSecret(held, { threshold, where: WHERE, ...(secret && { isRight }) });
    return { ...found, liars: found.liars.toSorted((a, b) => a - b) };
  } catch (error) {
    return String(error).match(/secagg\.[a-z-]+/)?.[0];
  }
}

describe("of r shares more than needed", () => {
  for (const bytes of [1, 32] as const)
    for (const [count, threshold] of [
      [9, 7],
      [10, 7],
      [40, 27],
      [100, 67],
      [255, 90],
    ] as const)
      it(`any r / 2 that are bent in ${bytes} byte(s) are named: ${threshold} of ${count}`, () => {
        const most = Math.floor((count - threshold) / 2);
        for (let many = 0; many <= most; many += Math.ceil(most / 4)) {
          const liars = liarsAmong(count, many);
          const { secret, held } = bentShares(count, threshold, liars, bytes);
          expect(outcome(held, threshold)).toEqual({ secret, liars: ofHolders(liars) });
        }
      });

  it("row 40: each two of 40 holders are named, whichever they are", () => {
    for (let one = 0; one < 39; one++)
      for (const other of [one + 1, 39]) {
        if (one === other) continue;
        const { secret, held } = bentShares(40, 27, [one, other], 1);
        const found = outcome(held, 27);
        expect(found).toEqual({ secret, liars: ofHolders([one, other]) });
      }
  });

  it("two that bend so that the highest coefficient stays zero are named all the same", () => {
    const { secret, held } = bentShares(10, 5, [], 1);
    const weights = leadingWeights(held.map(({ share }) => share[32] ?? 0));
    // By each other's weight: what they add cancels.
    const [first, second] = [held[3]?.share, held[8]?.share];
    if (!first || !second) throw new Error("ten shares");
    first[5] = (first[5] ?? 0) ^ times(weights[8] ?? 0, 77);
    second[5] = (second[5] ?? 0) ^ times(weights[3] ?? 0, 77);
    const shares = held.map(({ share }) => share);
    expect(combineShares(shares, weights)).toEqual(Buffer.alloc(32));
    expect(outcome(held, 5)).toEqual({ secret, liars: ofHolders([3, 8]) });
  });
});

describe("with fewer to spare", () => {
  it("names one of 8 and two of 9 of a secret that is known when seen", () => {
    for (const liars of [[3], [0, 7], [6, 8]])
      for (const bytes of [1, 32] as const) {
        const count = 7 + liars.length;
        const own = liars.filter((liar) => liar < count);
        const { secret, held } = bentShares(count, 7, own, bytes);
        expect(outcome(held, 7, secret)).toEqual({ secret, liars: ofHolders(own) });
      }
  });

  it("names two of 10 wherever only one pair can have been it, and else nobody", () => {
    let named = 0;
    for (let at = 0; at < 200; at++) {
      const liars = liarsAmong(10, 2);
      const { secret, held } = bentShares(10, 7, liars, at % 2 === 0 ? 1 : 32);
      const found = outcome(held, 7);
      if (found === "secagg.share-mismatch") continue;
      // A single other holder can be blamed only if two bent bytes look like one of its own.
      expect(found).toEqual({ secret, liars: ofHolders(liars) });
      named += 1;
    }
    expect(named).toBeGreaterThan(150);
  });

  it("blames nobody where just enough shares are there", () => {
    const { secret, held } = bentShares(7, 7, [2], 1);
    expect(outcome(held, 7, secret)).toBe("secagg.share-mismatch");
    expect(outcome(held.slice(1), 7)).toBe("secagg.below-threshold");
  });
});
