import { describe, expect, it } from "vitest";
import { clipFactor, layerSquare } from "../../../../shared/engine/core/clip.ts";

describe("clipFactor", () => {
  it("leaves a gradient shorter than clipNorm as it is", () => {
    expect(clipFactor(0.24, 0.5)).toBe(1); // norm 0.49
    expect(clipFactor(0, 0.5)).toBe(1);
  });

  it("shortens a longer one to clipNorm, less a millionth", () => {
    expect(clipFactor(4, 0.5)).toBe(0.25 * (1 - 2 ** -20));
  });

  it("shortens one of exactly clipNorm too, by the margin", () => {
    expect(clipFactor(0.25, 0.5)).toBe(1 - 2 ** -20);
  });

  it.each([NaN, Infinity, 2 ** 120])("gives zero for a squared norm of %s", (square) => {
    expect(clipFactor(square, 0.5)).toBe(0);
  });

  it("is no smaller than float32 holds exactly, at the smallest clip norm and the longest gradient", () => {
    const smallest = clipFactor(2 ** 120 * (1 - 2 ** -52), 1e-12);
    expect(smallest).toBeGreaterThan(0);
    expect(Math.abs(Math.fround(smallest) / smallest - 1)).toBeLessThan(2 ** -23);
  });
});

describe("layerSquare", () => {
  it("counts the bias as one more input of 1", () => {
    expect(layerSquare(3, 5)).toBe(20);
  });

  it.each([NaN, Infinity, 1e76, 2 ** 120])(
    "is infinite for an input of squared norm %s",
    (square) => {
      expect(layerSquare(square, 0)).toBe(Infinity);
    },
  );

  it("is finite for the longest input below that", () => {
    expect(layerSquare(2 ** 120 - 2 ** 67, 2)).toBe(2 ** 121 - 2 ** 68);
  });
});
