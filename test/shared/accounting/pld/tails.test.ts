import { describe, expect, it } from "vitest";
import { carriedMasses, composed } from "../../../../shared/accounting/pld/compose.ts";
import { spectrum } from "../../../../shared/accounting/pld/spectrum.ts";
import { stepLosses } from "../../../../shared/accounting/pld/step.ts";
import { tailsOf } from "../../../../shared/accounting/pld/tails.ts";

const SPACING = 2 ** -6;
const TILT = 0.04;
const losses = stepLosses({ rate: 0.2, noiseMultiplier: 1.1 }, SPACING, 1e-12);

// Few frequencies are left of many steps; of one step all are.
describe.each([
  [1, 1024, "many"],
  [400, 65_536, "few"],
] as const)("of %d steps, in a window of %d losses", (count, length, frequencies) => {
  const all = composed([{ spectrum: spectrum(losses, TILT, length), count }]);
  const fading = { lowest: -100, tilt: TILT, spacing: SPACING };
  const { sum } = tailsOf(all, fading);
  const { mass, error } = carriedMasses(all);

  it(`is of ${frequencies} frequencies`, () => {
    expect(64 * all.removal.frequencies.length <= length).toBe(frequencies === "few");
  });

  it.each(["removal", "addition"] as const)(
    "%s: is the sum over the masses, or just above",
    (direction) => {
      const at = (index: number) => mass[direction][(index + 2 * length) % length] ?? Number.NaN;
      const centre = mass[direction].indexOf(Math.max(...mass[direction]));
      const middle = (centre - fading.lowest + 2 * length) % length;
      for (const k of [middle - 60, middle - 3, middle, middle + 10, middle + 200]) {
        for (const part of [0, 0.5, Math.exp(-SPACING / 3), 1]) {
          let direct = 0;
          // Further on all weights are below e^-40.
          for (let d = 0; d < Math.min(1000, length - k); d++) {
            const weight = Math.exp(-TILT * d) * (1 - part * Math.exp(-SPACING * d));
            direct += weight * at(fading.lowest + k + d);
          }
          const got = sum[direction](k, part);
          // The weights' 2-norm is below 6.
          expect(got).toBeGreaterThanOrEqual(direct - 6 * error);
          expect(got).toBeLessThanOrEqual(direct + 6 * error + 1e-10);
        }
      }
    },
  );
});

it("counts the highest frequency once, as the transform back does", () => {
  // 64 times as many losses as frequencies are few enough.
  const [length, re] = [128, [3, 2]];
  const product = {
    frequencies: Int32Array.of(0, length / 2),
    re: Float64Array.from(re),
    im: new Float64Array(2),
    ...{ atom: 0, centre: 0, error: 0 },
  };
  const all = { length, removal: product, addition: product };
  const { sum } = tailsOf(all, { lowest: 0, tilt: TILT, spacing: SPACING });
  // The masses are (3 + 2 (-1)^k) / length, again and again above the window.
  let direct = 0;
  for (let d = 0; d < 2_000; d++) direct += (Math.exp(-TILT * d) * (3 + 2 * (-1) ** d)) / length;
  expect(sum.removal(0, 0)).toBeCloseTo(direct, 12);
});
