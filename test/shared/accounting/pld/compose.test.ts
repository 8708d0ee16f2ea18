import { describe, expect, it } from "vitest";
import { FFT_ERROR } from "../../../../shared/accounting/numeric/fft.ts";
import { carriedMasses, composed } from "../../../../shared/accounting/pld/compose.ts";
import { moments, spectrum } from "../../../../shared/accounting/pld/spectrum.ts";
import { type LossMasses, stepLosses } from "../../../../shared/accounting/pld/step.ts";

const SPACING = 2 ** -4;
const one = stepLosses({ rate: 0.2, noiseMultiplier: 1.1 }, SPACING, 1e-6);
const other = stepLosses({ rate: 0.6, noiseMultiplier: 3 }, SPACING, 1e-6);

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
    const { mass, error } = carriedMasses(
      composed([
        { spectrum: a, count: 3 },
        { spectrum: b, count: 2 },
      ]),
    );
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
    const whole = carriedMasses(composed([{ spectrum: long, count: 7 }])).mass.removal;
    const folded = carriedMasses(composed([{ spectrum: short, count: 7 }])).mass.removal;
    folded.forEach((mass, i) => {
      const all = Array.from({ length: 8 }, (_, turn) => whole[i + 64 * turn] ?? 0);
      expect(mass).toBeCloseTo(
        all.reduce((sum, x) => sum + x, 0),
        13,
      );
    });
  });
});

it.each([
  [0.25, 3000],
  [2 ** -12, 100_000],
])(
  "bounds what rounding makes of many steps with a chance of %d, and not by millions",
  (chance, count) => {
    // A loss of 0 or 1 dot, its chance exact: `count` of them lose a binomial number of dots.
    const length = 4096;
    const step = { first: 0, mass: Float64Array.of(1 - chance, chance), infinite: 0 };
    const { mass, error } = carriedMasses(
      composed([{ spectrum: spectrum({ removal: step, addition: step }, 0, length), count }]),
    );
    // From the mode outwards, by ratios: each loses 3e-16 of itself, and what is far is small.
    const binomial = new Float64Array(length);
    const mode = Math.floor(chance * count);
    const odds = chance / (1 - chance);
    binomial[mode] = 1;
    for (let i = mode; i + 1 < length && i < count; i++) {
      binomial[i + 1] = (binomial[i] ?? 0) * odds * ((count - i) / (i + 1));
    }
    for (let i = mode; i > 0; i--) {
      binomial[i - 1] = ((binomial[i] ?? 0) * (i / (count - i + 1))) / odds;
    }
    const sum = binomial.reduce((sum, x) => sum + x, 0);
    const squares = binomial.reduce(
      (all, x, i) => all + ((mass.removal[i] ?? 0) - x / sum) ** 2,
      0,
    );
    expect(Math.sqrt(squares)).toBeLessThan(error + 2e-15);
    expect(error).toBeLessThan(2e-13);
  },
);

it("counts the error of one transform as often as there are steps", () => {
  // Losses spread over more dots than are told apart from the rest: all goes through the transform.
  const [count, length] = [500, 4096];
  const fine = stepLosses({ rate: 0.2, noiseMultiplier: 1.1 }, 2 ** -8, 1e-6);
  const all = composed([{ spectrum: spectrum(fine, 0, length), count }]);
  const { mass, error } = carriedMasses(all);
  const norm = Math.sqrt(mass.removal.reduce((sum, x) => sum + x * x, 0));
  // Higham 2002, theorem 24.2; both directions go through one transform.
  const once = Math.log2(length) * FFT_ERROR * norm;
  expect(all.removal.error).toBeGreaterThan(count * once);
  expect(all.removal.error).toBeLessThan(4 * count * once);
  const back = error - Math.max(all.removal.error, all.addition.error);
  expect(back).toBeGreaterThan(once);
  expect(back).toBeLessThan(4 * once);
});

it("adds the rounding of a power to the error of its transform, at every frequency", () => {
  const length = 512;
  const all = spectrum(other, 0, length);
  const { removal } = composed([{ spectrum: all, count: 1 }]);
  const { error, logMost } = all.logs.removal;
  // For each conjugate pair both; the exponential and its turn by an angle alone lose 4 u of it.
  const least = removal.frequencies.reduce((sum, k, i) => {
    const size = Math.hypot(removal.re[i] ?? 0, removal.im[i] ?? 0);
    return sum + 2 * ((error[k] ?? 0) * Math.exp(logMost[k] ?? 0) + 4 * 2 ** -53 * size) ** 2;
  }, 0);
  expect(removal.error).toBeGreaterThanOrEqual(Math.sqrt(least / length));
});

it("knows how far the largest mass is from what the others leave of 1", () => {
  const { removal } = spectrum(one, 0.4, 512).logs;
  const carried = one.removal.mass.map((p, k) => p * Math.exp(0.4 * (one.removal.first + k)));
  const share = Math.max(...carried) / carried.reduce((sum, x) => sum + x, 0);
  // A sum and its divisions err by 2^-53 each, and a few times that.
  expect(removal.centreError * share).toBeGreaterThanOrEqual(2 * 2 ** -53);
  expect(removal.centreError * share).toBeLessThan(16 * 2 ** -53);
});

it("counts high powers whose spectrum is next to nothing as nothing", () => {
  const count = 100_000;
  const { mass } = carriedMasses(composed([{ spectrum: spectrum(other, 0, 4096), count }]));
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
