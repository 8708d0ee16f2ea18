import { describe, expect, it } from "vitest";
import { FFT_ERROR } from "../../../../shared/accounting/numeric/fft.ts";
import { halfTurns, moments, spectrum } from "../../../../shared/accounting/pld/spectrum.ts";
import type { LossMasses } from "../../../../shared/accounting/pld/step.ts";
import { mulberry32 } from "../../../support/mulberry32.ts";

const UNIT = 2 ** -53;
const none = { infinite: 0 };

/** Masses that fall off on both sides of a largest one, none of them equal. */
function hill(first: number, size: number, top: number, fall: number): LossMasses {
  const random = mulberry32(size + top);
  const mass = Float64Array.from(
    { length: size },
    (_, k) => (0.9 + 0.1 * random()) * fall ** Math.abs(k - top),
  );
  const sum = mass.reduce((a, b) => a + b, 0);
  return { first, mass: mass.map((p) => p / sum), ...none };
}

/** All mass but `rare` at one dot, the others around it, and on to 40 dots away. */
function peak(first: number, size: number, top: number, rare: number): LossMasses {
  const mass = new Float64Array(size).fill(rare / (size - 1));
  mass[top] = 1 - rare;
  return { first, mass, ...none };
}

/** What the file's head says of one direction, summed term by term. */
function direct({ first, mass }: LossMasses, tilt: number, length: number) {
  const carried = Array.from(mass, (p, k) => p * Math.exp(tilt * (first + k)));
  const mgf = carried.reduce((a, b) => a + b, 0);
  const top = carried.indexOf(Math.max(...carried));
  const away = (k: number) => Math.abs(k - top);
  const share = carried.map((c) => c / mgf);
  const sumOf = (which: (k: number) => boolean) =>
    share.reduce((sum, c, k) => sum + (which(k) ? c : 0), 0);
  // Those within 16 dots stay out of the transform if all others are less than a 64th.
  const width = sumOf((k) => away(k) > 16) < 1 / 64 ? 16 : 0;
  const far = sumOf((k) => away(k) > width);
  const at = (frequency: number) => {
    let [re, im, moved] = [0, 0, 0];
    share.forEach((c, k) => {
      const half = (Math.PI * ((frequency * (k - top)) % length)) / length;
      re -= 2 * c * Math.sin(half) ** 2;
      im -= 2 * c * Math.sin(half) * Math.cos(half);
      if (away(k) <= width) moved += 2 * c * Math.abs(Math.sin(half));
    });
    return { re, im, moved };
  };
  return { mgf, centre: (((first + top) % length) + length) % length, share: share[top], far, at };
}

const CASES = [
  ["a wide hill", hill(-50, 120, 70, 0.97), hill(-69, 120, 40, 0.95), 256],
  [
    "hills folded into fewer dots than they have",
    hill(-50, 120, 70, 0.97),
    hill(3, 90, 9, 0.9),
    32,
  ],
  ["peaks with rare losses near and far", peak(-20, 80, 35, 0.01), peak(-60, 80, 44, 0.012), 128],
  ["a peak near the first dot", peak(-3, 50, 4, 0.001), peak(-46, 50, 45, 0.001), 64],
  ["a peak and a hill", peak(5, 60, 30, 1e-9), hill(-64, 60, 30, 0.9), 128],
] as const;

describe.each(CASES)("the spectrum of %s", (_, removal, addition, length) => {
  describe.each([0, 0.01])("under a tilt of %d a dot", (tilt) => {
    const got = spectrum({ removal, addition }, tilt, length);
    const want = {
      removal: direct(removal, tilt, length),
      addition: direct(addition, tilt, length),
    };
    // Both go through one transform, so each has the error of both: log2 n stages, and the sums.
    const rest =
      1.01 * (Math.log2(length) * FFT_ERROR + 40 * UNIT) * (want.removal.far + want.addition.far);

    it.each(["removal", "addition"] as const)("is that of a direct sum: %s", (direction) => {
      const { mgf, centre, share = 0, at } = want[direction];
      const logs = got.logs[direction];
      expect(got.length).toBe(length);
      expect(got.logMgf[direction]).toBeCloseTo(Math.log(mgf), 13);
      expect(logs.centre).toBe(centre);
      expect(logs.centreError / ((8 * UNIT) / share)).toBeCloseTo(1, 9);
      for (const list of [logs.logModulus, logs.phase, logs.logMost, logs.error])
        expect(list).toHaveLength(length / 2 + 1);
      for (let k = 0; k <= length / 2; k++) {
        const { re, im, moved } = at(k);
        const modulus = Math.hypot(1 + re, im);
        const most = Math.exp(logs.logMost[k] ?? Number.NaN);
        const off = (logs.error[k] ?? Number.NaN) * most;
        // Half the bound: it holds for all that rounds, most of which is less.
        const found = Math.exp(logs.logModulus[k] ?? Number.NaN);
        const turned = logs.phase[k] ?? Number.NaN;
        const [x, y] = [found * Math.cos(turned) - 1 - re, found * Math.sin(turned) - im];
        expect(Math.hypot(x, y), `at ${k}`).toBeLessThan(off + 4 * UNIT);
        const excess = Math.hypot(re, im);
        const bound = rest + UNIT * (32 * moved + 24 * excess);
        expect(Math.abs(off - bound), `error at ${k}`).toBeLessThan(1e-6 * bound + 1e-30);
        expect(Math.abs(most - modulus - off)).toBeLessThan(1e-14);
      }
    });
  });
});

it("keeps what is next to 1 relative to its distance from 1, not to 1", () => {
  // 1 - 1e-12 at one dot, and what is left at three and at forty dots from it.
  const mass = new Float64Array(64);
  [mass[20], mass[23], mass[60]] = [1 - 1e-12, 7e-13, 3e-13];
  const step = { first: -9, mass, ...none };
  const { removal } = spectrum({ removal: step, addition: step }, 0, 128).logs;
  for (let k = 1; k <= 64; k++) {
    const angle = (d: number) => (Math.PI * d * k) / 128;
    const term = (d: number, p: number) => -2 * p * Math.sin(angle(d)) ** 2;
    const turn = (d: number, p: number) => -p * Math.sin(2 * angle(d));
    const re = term(3, 7e-13) + term(40, 3e-13);
    const im = turn(3, 7e-13) + turn(40, 3e-13);
    expect(Math.abs((removal.logModulus[k] ?? 0) - re)).toBeLessThan(1e-14 * 1e-12 + 1e-23);
    expect(Math.abs((removal.phase[k] ?? 0) - im)).toBeLessThan(1e-14 * 1e-12 + 1e-23);
  }
  expect(removal.logModulus[0]).toBeCloseTo(0, 28);
});

it.each([
  ["a 64th, 17 dots up", 57, 2 ** -6, true],
  ["less, 17 dots up", 57, 2 ** -6 - 2 ** -30, false],
  ["a 64th, 17 dots down", 23, 2 ** -6, true],
  ["a fourth, 16 dots up", 56, 0.25, false],
  ["a fourth, 16 dots down", 24, 0.25, false],
])("leaves the masses to the transform where far ones are a 64th: %s", (_, at, far, all) => {
  const mass = new Float64Array(80);
  [mass[40], mass[42], mass[at]] = [0.75 - far, 0.25, far];
  const step = { first: 0, mass, ...none };
  const { removal } = spectrum({ removal: step, addition: step }, 0, 128).logs;
  // At frequency 0 nothing is moved: the error is the transform's, of both directions.
  const off = (removal.error[0] ?? 0) * Math.exp(removal.logMost[0] ?? 0);
  const left = off / (1.01 * (7 * FFT_ERROR + 40 * UNIT)) / 2;
  const away = at === 57 || at === 23 ? far : 0;
  expect(left).toBeCloseTo(all ? 0.25 + away : away, 6);
});

it("says an error of all there is where nothing is left", () => {
  // Two equal masses a dot apart cancel at the highest frequency.
  const step = { first: 0, mass: Float64Array.of(0.5, 0.5), ...none };
  const { removal } = spectrum({ removal: step, addition: step }, 0, 16).logs;
  expect(removal.error[8]).toBeGreaterThan(0.5);
  expect(removal.error[8]).toBeLessThanOrEqual(1);
});

it("loses nothing of what comes before the largest mass", () => {
  // 0.4 and 0.7 of half the distance from 1 to the next double: together they reach it.
  const step = { first: 0, mass: Float64Array.of(0.4 * UNIT, 1, 0.7 * UNIT), ...none };
  expect(spectrum({ removal: step, addition: step }, 0, 16).logMgf.removal).toBeGreaterThan(UNIT);
});

it("measures from the first of the largest masses", () => {
  const step = { first: 5, mass: Float64Array.of(0.1, 0.4, 0.1, 0.4), ...none };
  expect(spectrum({ removal: step, addition: step }, 0, 16).logs.removal.centre).toBe(6);
});

it("sums what is tiny beside the largest mass, before it and after it", () => {
  const mass = new Float64Array(2001).fill(1e-17);
  const step = (at: number) => {
    const some = mass.slice();
    some[at] = 1;
    return { first: 0, mass: some, ...none };
  };
  for (const at of [0, 1000, 2000]) {
    const all = spectrum({ removal: step(at), addition: step(at) }, 0, 4096);
    expect(all.logMgf.removal / 2e-14).toBeCloseTo(1, 1);
    const off = (all.logs.removal.error[0] ?? 0) * Math.exp(all.logs.removal.logMost[0] ?? 0);
    // What is farther than 16 dots, of both directions.
    const far = 2 * 1e-17 * (at === 1000 ? 1968 : 1984);
    expect(off / (1.01 * (12 * FFT_ERROR + 40 * UNIT) * far)).toBeCloseTo(1, 6);
  }
});

describe("moments", () => {
  it("are those of the carried losses", () => {
    const step = hill(-7, 30, 12, 0.8);
    const carried = Array.from(step.mass, (p, k) => p * Math.exp(0.2 * (k - 7)));
    const mgf = carried.reduce((a, b) => a + b, 0);
    const mean = carried.reduce((sum, c, k) => sum + (c / mgf) * (k - 7), 0);
    const variance = carried.reduce((sum, c, k) => sum + (c / mgf) * (k - 7 - mean) ** 2, 0);
    const got = moments(step, 0.2);
    expect(got.logMgf).toBeCloseTo(Math.log(mgf), 12);
    expect(got.mean).toBeCloseTo(mean, 11);
    expect(got.variance).toBeCloseTo(variance, 10);
  });

  it("have no variance below 0, whatever is rounded", () => {
    const random = mulberry32(7);
    const variances = Array.from({ length: 500 }, () => {
      const mass = new Float64Array(900);
      mass[899] = random();
      return moments({ first: 0, mass, ...none }, 0).variance;
    });
    expect(Math.min(...variances)).toBe(0);
    expect(Math.max(...variances)).toBeLessThan(1e-9);
  });
});

it.each([2, 8, 64])("halfTurns(%d) are the sines of half turns", (length) => {
  const sines = halfTurns(length);
  expect(sines).toHaveLength(2.5 * length);
  sines.forEach((sine, m) => {
    expect(Math.abs(sine - Math.sin((Math.PI * m) / length))).toBeLessThan(2e-15);
  });
  expect(Math.abs(sines[length] ?? 1)).toBe(0);
  expect(sines[length / 2]).toBe(1);
});
