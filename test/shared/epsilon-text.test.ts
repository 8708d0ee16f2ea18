import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deltaAtMostText, deltaText, epsilonText } from "../../shared/epsilon-text.ts";

describe("epsilonText", () => {
  it("rounds up in the third decimal, and calls no bound infinite", () => {
    expect([1, 1.0001, 0.9999, 0, null].map(epsilonText)).toEqual([
      "1.000",
      "1.001",
      "1.000",
      "0.000",
      "∞",
    ]);
  });
});

describe("deltaText", () => {
  it("writes a small delta as people do", () => {
    expect([1e-5, 0.25, 8.6e-4].map(deltaText)).toEqual(["1e-5", "0.25", "8.6e-4"]);
  });
});

describe("deltaAtMostText", () => {
  it("never tells less than there is, nor more than one in the third digit above it", () => {
    const delta = fc
      .tuple(fc.integer({ min: -60, max: -1 }), fc.double({ min: 1, max: 9.999, noNaN: true }))
      .map(([exponent, digits]) => digits * 10 ** exponent);
    const written = fc
      .tuple(fc.integer({ min: -60, max: -4 }), fc.integer({ min: 100, max: 999 }))
      .map(([exponent, digits]) => Number(`${digits}e${exponent}`));
    fc.assert(
      fc.property(fc.oneof(delta, written), (of) => {
        const told = Number(deltaAtMostText(of));
        expect(told).toBeGreaterThanOrEqual(of);
        expect(told).toBeLessThanOrEqual(of * 1.0101);
      }),
      { numRuns: 2_000 },
    );
    expect(deltaAtMostText(8.591e-4)).toBe("8.6e-4");
  });
});
