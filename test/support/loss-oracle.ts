/**
 * Independent oracles for the privacy loss of Gaussian steps with Poisson sampling: the closed form of
 * one step, and a bound from below for several. They share no code with what they check.
 */
import { normalCdf, simpson } from "./statistics.ts";

export interface SampledStep {
  readonly rate: number;
  readonly noiseMultiplier: number;
}

/** delta of one step in each direction, exactly. Off by 1e-10 of it, or 1e-15. */
export function oneStepDeltas(
  { rate, noiseMultiplier }: SampledStep,
  epsilon: number,
): { removal: number; addition: number } {
  // The output at which the ratio of the densities is e^loss, or none.
  const outputAt = (loss: number) =>
    noiseMultiplier ** 2 * Math.log(Math.expm1(loss) / rate + 1) + 0.5;
  const below = (x: number, mean: number) => normalCdf((x - mean) / noiseMultiplier);
  const x = outputAt(epsilon);
  const removal = rate * below(-x, -1) - (Math.expm1(epsilon) + rate) * below(-x, 0);
  const y = outputAt(-epsilon);
  if (!(y > -Infinity)) return { removal, addition: 0 };
  const mixture = (1 - rate) * below(y, 0) + rate * below(y, 1);
  return { removal, addition: below(y, 0) - Math.exp(epsilon) * mixture };
}

/** Masses of the losses (first + k) × spacing. */
interface Masses {
  readonly first: number;
  readonly mass: readonly number[];
}

const NOTHING: Masses = { first: 0, mass: [1] };

/**
 * A delta that is never above the true one. Outputs are merged into groups, which nobody gains by, at
 * random where need be, until the loss of each group is on the grid; then the groups' losses are
 * convolved, term by term. It falls short as the square of the spacing, which must be well below the
 * losses' deviation, and by about 1e-12.
 */
export function mergedDelta(
  steps: readonly SampledStep[],
  epsilon: number,
  spacing: number,
): number {
  const grids = steps.map((step) => mergedLosses(step, spacing));
  const removal = grids.map((grid) => grid.removal).reduce(convolved, NOTHING);
  const addition = grids.map((grid) => grid.addition).reduce(convolved, NOTHING);
  const delta = ({ first, mass }: Masses) =>
    mass.reduce(
      (sum, p, k) => sum + p * Math.max(0, -Math.expm1(epsilon - (first + k) * spacing)),
      0,
    );
  return Math.max(delta(removal), delta(addition));
}

function mergedLosses({ rate, noiseMultiplier: z }: SampledStep, spacing: number) {
  const density = (x: number) => Math.exp(-((x / z) ** 2) / 2) / (z * Math.sqrt(2 * Math.PI));
  const withUnit = (x: number) => (1 - rate) * density(x) + rate * density(x - 1);
  // P's and Q's mass by the index of the group; group i collects until its ratio is e^(i spacing).
  const groups = new Map<number, { p: number; q: number }>();
  const cell = z / 400;
  let group = { p: 0, q: 0 };
  const start = -7 * z;
  let index = Math.ceil(Math.log(withUnit(start) / density(start)) / spacing);
  for (let x = start; x < 1 + 7 * z; x += cell) {
    let p = simpson(withUnit, x, x + cell, 2);
    let q = simpson(density, x, x + cell, 2);
    for (;;) {
      const ratio = Math.exp(index * spacing);
      const missing = ratio * group.q - group.p;
      const gain = p - ratio * q;
      if (gain <= missing) break;
      // The part of the cell, drawn at random, that fills the group; the rest is for the next ones.
      const part = Math.max(0, missing / gain);
      group = { p: group.p + part * p, q: group.q + part * q };
      groups.set(index, group);
      group = { p: 0, q: 0 };
      [p, q] = [(1 - part) * p, (1 - part) * q];
      index += 1;
    }
    group = { p: group.p + p, q: group.q + q };
  }
  // The last group is left out: less mass is less delta.
  const indices = [...groups.keys()];
  const [first, last] = [Math.min(...indices), Math.max(...indices)];
  const all = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  return {
    removal: { first, mass: all.map((i) => groups.get(i)?.p ?? 0) },
    addition: { first: -last, mass: all.map((i) => groups.get(i)?.q ?? 0).reverse() },
  };
}

function convolved(a: Masses, b: Masses): Masses {
  const mass = new Array<number>(a.mass.length + b.mass.length - 1).fill(0);
  for (const [i, p] of a.mass.entries()) {
    for (let j = 0; j < b.mass.length; j++) {
      mass[i + j] = (mass[i + j] ?? 0) + p * (b.mass[j] ?? 0);
    }
  }
  return { first: a.first + b.first, mass };
}
