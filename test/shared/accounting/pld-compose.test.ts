import { describe, expect, it } from "vitest";
import { composed, moments, spectrum } from "../../../shared/accounting/pld-compose.ts";
import { type LossMasses, stepLosses } from "../../../shared/accounting/pld-step.ts";

const SPACING = 2 ** -4;
const one = stepLosses(0.2, 1.1, SPACING, 1e-6);
const other = stepLosses(0.6, 3, SPACING, 1e-6);

/** Convolved term by term: mass by index. */
function convolved(all: readonly LossMasses[]): Map<number, number> {
  let total = new Map([[0, 1]]);
  for (const { first, mass } of all) {
    const next = new Map<number, number>();
    for (const [i, p] of total) {
      mass.forEach((q, k) => {
        next.set(i + first + k, (next.get(i + first + k) ?? 0) + p * q);
      });
    }
    total = next;
  }
  return total;
}

describe.each([0, 0.05, 0.4])("under a tilt of %d a dot", (tilt) => {
  it("is the direct convolution of both directions, within its own error bound", () => {
    const length = 512;
    const [a, b] = [spectrum(one, tilt, length), spectrum(other, tilt, length)];
    const { mass, error } = composed([
      { spectrum: a, count: 3 },
      { spectrum: b, count: 2 },
    ]);
    for (const direction of ["removal", "addition"] as const) {
      const parts = [one, one, one, other, other].map((step) => step[direction]);
      const logMgf = 3 * a.logMgf[direction] + 2 * b.logMgf[direction];
      const off = new Float64Array(length);
      for (const [i, p] of convolved(parts)) {
        off[((i % length) + length) % length] = p * Math.exp(tilt * i - logMgf);
      }
      const squares = off.reduce((sum, x, i) => sum + (x - (mass[direction][i] ?? 0)) ** 2, 0);
      // The direct sum's own error is 1e-15 of a carried mass of 1.
      expect(Math.sqrt(squares)).toBeLessThanOrEqual(error + 1e-15);
      expect(error).toBeLessThan(1e-12);
      expect(off.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
    }
  });

  it("takes indices modulo the length, whatever comes together there", () => {
    const [long, short] = [512, 64].map((length) => spectrum(one, tilt, length));
    if (!long || !short) throw new Error("two spectra");
    const whole = composed([{ spectrum: long, count: 7 }]).mass.removal;
    const folded = composed([{ spectrum: short, count: 7 }]).mass.removal;
    folded.forEach((mass, i) => {
      const all = Array.from({ length: 8 }, (_, turn) => whole[i + 64 * turn] ?? 0);
      expect(mass).toBeCloseTo(
        all.reduce((sum, x) => sum + x, 0),
        13,
      );
    });
  });
});

it("bounds what rounding makes of thousands of steps, and not by millions", () => {
  // A loss of 0 or 1 dot: count of them lose a binomial number of dots.
  const [count, length, chance] = [3000, 4096, 0.3];
  const step = { first: 0, mass: Float64Array.of(1 - chance, chance), infinite: 0 };
  const { mass, error } = composed([
    { spectrum: spectrum({ removal: step, addition: step }, 0, length), count },
  ]);
  // Off by 1e-16 a factor, in a relative sense: far below the transform's.
  let log = count * Math.log1p(-chance);
  let squares = 0;
  for (let i = 0; i <= count; i++) {
    squares += ((mass.removal[i] ?? 0) - Math.exp(log)) ** 2;
    log += Math.log((count - i) / (i + 1)) + Math.log(chance / (1 - chance));
  }
  expect(Math.sqrt(squares)).toBeLessThan(error);
  expect(Math.sqrt(squares)).toBeGreaterThan(error / 1e5);
});

it("counts high powers whose spectrum is next to nothing as nothing", () => {
  const count = 100_000;
  const { mass } = composed([{ spectrum: spectrum(other, 0, 4096), count }]);
  expect(mass.removal.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9);
});

it("moments are those of the carried losses, summed directly", () => {
  const tilt = 0.3;
  const { first, mass } = one.removal;
  const carried = Array.from(mass, (p, k) => p * Math.exp(tilt * (first + k)));
  const mgf = carried.reduce((a, b) => a + b, 0);
  const mean = carried.reduce((sum, c, k) => sum + (c / mgf) * (first + k), 0);
  const variance = carried.reduce((sum, c, k) => sum + (c / mgf) * (first + k - mean) ** 2, 0);
  const got = moments(one.removal, tilt);
  expect(got.logMgf).toBeCloseTo(Math.log(mgf), 12);
  expect(got.mean).toBeCloseTo(mean, 9);
  expect(got.variance).toBeCloseTo(variance, 8);
});
