import { describe, expect, it } from "vitest";
import { Scattering } from "../../../../client/features/scatter/scattering.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";
import { coefficient, GRID } from "../../../support/scatter-oracle.ts";

const scattering = new Scattering();
const random = stream(seededRoot(8), "partition");
/** Not smooth: all frequencies count. */
const image = Float64Array.from({ length: GRID * GRID }, () => random.uniform());

describe("scattering coefficients", () => {
  it.each([
    ["order 0", [0]],
    ["order 1, fine", [1, 4, 8]],
    ["order 1, coarse", [9, 13, 16]],
    ["order 2", [17, 17 + 8 * 2 + 5, 17 + 8 * 7, 80]],
  ])("are what their definition gives, of %s", (_, channels) => {
    const own = scattering.coefficients(image);
    for (const channel of channels) {
      for (const [a, b] of [
        [0, 0],
        [6, 2],
        [3, 6],
      ] as const) {
        const due = coefficient(image, channel, [a, b]);
        expect(own[(7 * a + b) * 81 + channel], `channel ${channel}`).toBeCloseTo(due, 6);
      }
    }
  });

  it("depend on their image alone, not on the one before", () => {
    const before = scattering.coefficients(image).slice();
    scattering.coefficients(image.map((pixel) => 1 - pixel * pixel));
    expect(scattering.coefficients(image)).toEqual(before);
  });

  it("see of a constant image its brightness, and nothing else", () => {
    const own = scattering.coefficients(new Float64Array(GRID * GRID).fill(0.7));
    for (const [i, value] of own.entries()) expect(value).toBeCloseTo(i % 81 === 0 ? 0.7 : 0, 6);
  });
});
