import fc from "fast-check";
import { expect, it } from "vitest";
import { leadingBits, search, UNDECIDED } from "../../../shared/noise/leading-bits.ts";

const ALL = 1n << 128n;
const bits128 = fc.bigInt({ min: 0n, max: ALL - 1n });
/** Numbers of every length, so that tails are as crowded as a Gaussian's. */
const tail = fc
  .tuple(bits128, fc.integer({ min: 0, max: 127 }))
  .map(([bits, zeros]) => bits >> BigInt(zeros));

const find = (thresholds: readonly bigint[], v: bigint) =>
  search(leadingBits(thresholds), Number(v >> 96n), Number((v >> 64n) & 0xffffffffn));

it("finds what looking at each threshold finds, or says that the leading bits are a threshold's", () => {
  fc.assert(
    fc.property(fc.array(tail, { maxLength: 40 }), tail, (tails, v) => {
      const thresholds = tails.toSorted((a, b) => (a < b ? 1 : -1)).map((one) => ALL - one);
      const last = thresholds.length;
      const due = thresholds.findIndex((c) => ALL - 1n - v < c);
      const found = find(thresholds, v);
      const tie = thresholds.some((c) => (ALL - c) >> 76n === v >> 76n);
      expect(found).toBe(tie && found === UNDECIDED ? UNDECIDED : due < 0 ? last : due);
    }),
    { numRuns: 300 },
  );
});

it("is undecided at a threshold's own leading 52 bits, and only there", () => {
  const thresholds = [ALL >> 2n, ALL - (ALL >> 3n), ALL - (5n << 76n)];
  for (const [a, tailOf] of [3n << 126n, 1n << 125n, 5n << 76n].entries()) {
    expect(find(thresholds, tailOf)).toBe(UNDECIDED);
    expect(find(thresholds, tailOf + (1n << 76n) - 1n)).toBe(UNDECIDED);
    expect(find(thresholds, tailOf + (1n << 76n))).toBe(a);
    expect(find(thresholds, tailOf - 1n)).toBe(a + 1);
  }
  expect(find(thresholds, 0n)).toBe(3);
  expect(find(thresholds, ALL - 1n)).toBe(0);
});
