import fc from "fast-check";
import { expect, it } from "vitest";
import { logMass, mode, ratioAfter } from "../../../../shared/accounting/numeric/binomial.ts";

const binomial = (trials: number, success: number) => ({ trials, success, failure: 1 - success });

/** log C(n, k) p^k (1 - p)^(n - k), p = a / 2^b, from whole numbers: exact but for the last digits. */
function exactLogMass(n: number, k: number, a: bigint, b: number): number {
  let choose = 1n;
  for (let i = 0; i < k; i++) choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  const whole = choose * a ** BigInt(k) * (2n ** BigInt(b) - a) ** BigInt(n - k);
  // The leading 60 bits, and how many follow.
  const bits = Math.max(0, whole.toString(2).length - 60);
  return Math.log(Number(whole >> BigInt(bits))) + (bits - n * b) * Math.LN2;
}

it("is the binomial theorem's term, computed in whole numbers", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.nat(400),
      fc.integer({ min: 1, max: 1023 }),
      (n, part, a) => {
        const k = part % (n + 1);
        const exact = exactLogMass(n, k, BigInt(a), 10);
        const got = logMass(binomial(n, a / 1024), k);
        expect(Math.abs(got - exact)).toBeLessThan(2e-13 + 4e-15 * Math.abs(exact));
      },
    ),
    { numRuns: 200 },
  );
});

it("adds up to 1 over a hundred thousand trials, from the mode outwards", () => {
  const x = binomial(100_000, 0.3);
  const top = mode(x);
  let sum = 1;
  for (let k = top, part = 1; k < top + 3000; k++) sum += part *= ratioAfter(x, k);
  for (let k = top, part = 1; k > top - 3000; k--) sum += part /= ratioAfter(x, k - 1);
  expect(Math.exp(logMass(x, top)) * sum).toBeCloseTo(1, 12);
});

it("has its mode where the ratio of neighbours passes 1", () => {
  for (const [trials, success] of [
    [7, 0.31],
    [100, 0.999],
    [3, 0.01],
  ] as const) {
    const x = binomial(trials, success);
    const top = mode(x);
    if (top < trials) expect(ratioAfter(x, top)).toBeLessThanOrEqual(1);
    if (top > 0) expect(ratioAfter(x, top - 1)).toBeGreaterThanOrEqual(1);
  }
});
