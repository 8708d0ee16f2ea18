import { describe, expect, it } from "vitest";
import { lowPass, morletSpectrum } from "../../../../client/features/scatter/morlet.ts";
import { morlet } from "../../../support/scatter-oracle.ts";
import { SCATTER_VECTORS } from "../../../support/scatter-vectors.ts";

const SIZE = 32;

describe("a wavelet", () => {
  it.each([
    ["psi0_t0_row0", 0, 0, 0],
    ["psi1_t0_row0", 1, 0, 0],
    ["psi0_t3_row1", 0, 3, 1],
  ])("has the published spectrum, %s", (name, scale, direction, row) => {
    const published = SCATTER_VECTORS.filters[name] ?? [];
    expect(published).toHaveLength(SIZE);
    const own = morletSpectrum(SIZE, scale, direction).subarray(row * SIZE, (row + 1) * SIZE);
    for (const [i, value] of published.entries()) expect(own[i]).toBeCloseTo(value, 6);
  });

  it.each([0, 1])("of scale %i is, in any direction, what its definition says", (scale) => {
    for (const direction of [1, 3, 6]) {
      const own = morletSpectrum(SIZE, scale, direction);
      const { re } = morlet(scale, direction);
      // By Parseval: at pixel 0 a kernel is the mean of its spectrum, and all of it is frequency 0.
      expect(own.reduce((a, b) => a + b, 0) / own.length).toBeCloseTo(re[0] ?? 0, 12);
      expect(own[0]).toBeCloseTo(0, 12);
    }
  });
});

it("the low-pass is the published one, and keeps a constant", () => {
  const own = lowPass(SIZE);
  for (const [i, value] of (SCATTER_VECTORS.filters.lowpass1d ?? []).entries())
    expect(own[i]).toBeCloseTo(value, 7);
  expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 7);
});
