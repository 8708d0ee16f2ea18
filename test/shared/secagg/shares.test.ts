import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  combineShares,
  leadingWeights,
  splitSecret,
  weightsAtZero,
} from "../../../shared/secagg/shares.ts";
import { interpolated, inverse, product, valueAt } from "../../support/shamir-oracle.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Distinct places, and how many of them open a secret. */
const sharing = fc
  .uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 12 })
  .chain((places) => fc.tuple(fc.constant(places), fc.integer({ min: 1, max: places.length })));

describe("splitSecret", () => {
  it("gives values of a polynomial whose constant is the secret", () => {
    fc.assert(
      fc.property(bytes32, sharing, (secret, [places, threshold]) => {
        const coefficients = Buffer.from(randomBytes(32 * (threshold - 1)));
        const drawn = Buffer.from(coefficients);
        const shares = splitSecret(secret, threshold, places, () => drawn);
        for (const share of shares) {
          const x = share[32] ?? 0;
          for (const i of [0, 1, 31]) {
            const rest = Array.from({ length: threshold - 1 }, (_, k) => coefficients[32 * k + i]);
            const polynomial = [secret[i], ...rest].map((c) => c ?? 0);
            expect(share[i]).toBe(valueAt(polynomial, x));
          }
        }
        expect(shares.map((share) => share[32])).toEqual(places);
        expect(drawn.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("is opened by any that are enough, and by no fewer", () => {
    fc.assert(
      fc.property(bytes32, sharing, fc.integer(), (secret, [places, threshold], turn) => {
        const shares = splitSecret(secret, threshold, places, randomBytes);
        const at = Math.abs(turn) % places.length;
        const turned = [...shares.slice(at), ...shares.slice(0, at)];
        const open = (some: readonly Buffer[]) =>
          combineShares(some, weightsAtZero(some.map((share) => share[32] ?? 0)));
        expect(open(turned.slice(0, threshold))).toEqual(Buffer.from(secret));
        expect(open(turned)).toEqual(Buffer.from(secret));
        // One too few are right by chance with 2^-256.
        if (threshold > 1)
          expect(open(turned.slice(1, threshold))).not.toEqual(Buffer.from(secret));
      }),
      { numRuns: 100 },
    );
  });

  it("tells nothing of a 16-bit secret by one share too few: each of all 65,536 explains it", () => {
    const [x, seen] = [7, [0xa5, 0x3c]] as const;
    const [secret, slope] = [Buffer.alloc(32), Buffer.alloc(32)];
    const byX = inverse(x);
    let explained = 0;
    for (let high = 0; high < 256; high++) {
      for (let low = 0; low < 256; low++) {
        // The one line through (0, secret) and (x, seen).
        secret.set([high, low]);
        slope.set([product(seen[0] ^ high, byX), product(seen[1] ^ low, byX)]);
        const [share] = splitSecret(secret, 2, [x], () => Buffer.from(slope));
        explained += share?.[0] === seen[0] && share[1] === seen[1] ? 1 : 0;
      }
    }
    expect(explained).toBe(65_536);
  });

  it.each([[[0]], [[256]], [[1, 1]], [[1.5]]])("refuses the places %j", (places) => {
    expect(() => splitSecret(Buffer.alloc(32), 1, places, randomBytes)).toThrow(RangeError);
  });

  it("refuses a secret of another length, and a threshold of none", () => {
    expect(() => splitSecret(Buffer.alloc(31), 1, [1], randomBytes)).toThrow(RangeError);
    expect(() => splitSecret(Buffer.alloc(32), 0, [1], randomBytes)).toThrow(RangeError);
  });
});

describe("leadingWeights", () => {
  const places = [3, 9, 27, 200];

  it("are the highest coefficients of the basis polynomials", () => {
    const bases = places.map((x) => interpolated(places.map((at) => [at, at === x ? 1 : 0])));
    expect([...leadingWeights(places)]).toEqual(bases.map((basis) => basis.at(-1)));
  });

  it("show any one share that is bent, wherever there are more than enough", () => {
    const ten = Array.from({ length: 10 }, (_, i) => i + 1);
    const shares = splitSecret(Buffer.alloc(32, 7), 7, ten, randomBytes);
    for (let many = 8; many <= 10; many++) {
      const some = shares.slice(0, many).map((share) => Buffer.from(share));
      const top = () => combineShares(some, leadingWeights(ten.slice(0, many)));
      expect(top()).toEqual(Buffer.alloc(32));
      for (const share of some) {
        share[5] = (share[5] ?? 0) ^ 0x40;
        expect(top()).not.toEqual(Buffer.alloc(32));
        share[5] = (share[5] ?? 0) ^ 0x40;
      }
    }
  });
});

it("weightsAtZero are the constants of the basis polynomials", () => {
  const places = [3, 9, 27, 200];
  const bases = places.map((x) => interpolated(places.map((at) => [at, at === x ? 1 : 0])));
  expect([...weightsAtZero(places)]).toEqual(bases.map(([constant]) => constant));
});
