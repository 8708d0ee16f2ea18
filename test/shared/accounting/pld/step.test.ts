import fc from "fast-check";
import { expect, it } from "vitest";
import { type LossMasses, lossRange, stepLosses } from "../../../../shared/accounting/pld/step.ts";
import { groupRatio } from "../../../support/coins-oracle.ts";
import { oneStepDeltas } from "../../../support/loss-oracle.ts";
import { mean_loss } from "../../../support/pld-vectors.ts";
import { logUniform } from "../../../support/properties.ts";

const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);

/** Mean of e^(factor × loss) over the finite losses. */
function mean(factor: number, { first, mass }: LossMasses, spacing: number): number {
  return sum(mass.map((p, k) => p * Math.exp(factor * (first + k) * spacing)));
}

function delta({ first, mass, infinite }: LossMasses, spacing: number, epsilon: number): number {
  const finite = mass.map((p, k) => p * Math.max(0, -Math.expm1(epsilon - (first + k) * spacing)));
  return infinite + sum(finite);
}

const grid = {
  rate: logUniform(1e-5, 1),
  noiseMultiplier: logUniform(0.3, 60),
  spacing: fc.integer({ min: 3, max: 11 }).map((k) => 2 ** -k),
};

it("holds all of P's mass and of Q's, each direction in the other's ratio", () => {
  fc.assert(
    fc.property(fc.record(grid), ({ rate, noiseMultiplier, spacing }) => {
      const { removal, addition } = stepLosses({ rate, noiseMultiplier }, spacing, 1e-15);
      expect(sum(removal.mass) + removal.infinite).toBeCloseTo(1, 12);
      expect(sum(addition.mass) + addition.infinite).toBeCloseTo(1, 12);
      // Dividing keeps the other's mass; 1e-9 is what 1e-15 of mass that was cut off can hold of it.
      expect(mean(-1, removal, spacing)).toBeCloseTo(1, 9);
      expect(mean(-1, addition, spacing)).toBeCloseTo(1, 9);
      expect(removal.mass.every((p) => p >= 0)).toBe(true);
      expect(addition.mass.every((p) => p >= 0)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

it("connects the dots: exact at each, above the truth and below the next dot's in between", () => {
  const where = {
    ...grid,
    dot: fc.integer({ min: 0, max: 40 }),
    part: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  };
  fc.assert(
    fc.property(fc.record(where), ({ rate, noiseMultiplier, spacing, dot, part }) => {
      const losses = stepLosses({ rate, noiseMultiplier }, spacing, 1e-15);
      const [on, between] = [dot * spacing, (dot + part) * spacing];
      for (const direction of ["removal", "addition"] as const) {
        const got = (epsilon: number) => delta(losses[direction], spacing, epsilon);
        const truth = (epsilon: number) =>
          oneStepDeltas({ rate, noiseMultiplier }, epsilon)[direction];
        expect(Math.abs(got(on) - truth(on))).toBeLessThanOrEqual(1e-9 * truth(on) + 1e-14);
        expect(got(between)).toBeGreaterThanOrEqual(truth(between) * (1 - 1e-9) - 1e-14);
        expect(got(between)).toBeLessThanOrEqual(truth(on) * (1 + 1e-9) + 1e-14);
      }
    }),
    { numRuns: 40 },
  );
});

/** Neumaier's sum, off by little more than its last rounding. */
function exactSum(numbers: Iterable<number>): number {
  let [total, lost] = [0, 0];
  for (const x of numbers) {
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + lost;
}

it.each(mean_loss)(
  "rounds losses up only: rate %d, noise %d, spacing 2^-%d",
  (rate, noise, k, removal, addition) => {
    const losses = stepLosses({ rate, noiseMultiplier: noise }, 2 ** -k, 1e-40);
    const mean = ({ first, mass }: LossMasses) =>
      exactSum(mass.map((p, i) => p * (first + i) * 2 ** -k));
    expect(mean(losses.removal)).toBeGreaterThanOrEqual(removal);
    expect(mean(losses.addition)).toBeGreaterThanOrEqual(addition);
    // A million steps of that are 1e-5.
    expect(mean(losses.removal)).toBeLessThan(removal + 1e-11);
    expect(mean(losses.addition)).toBeLessThan(addition + 1e-11);
  },
);

it("divides the lowest bucket like the rest: raised whole, a small rate would cost ten times as much", () => {
  const [rate, noiseMultiplier, spacing] = [5e-4, 1, 1e-4];
  const { removal } = stepLosses({ rate, noiseMultiplier }, 2 ** -13, 1e-15);
  // The loss's mean is rate² (e^(1 / z²) - 1) / 2, but for higher powers of the rate.
  const loss = sum(removal.mass.map((p, k) => p * (removal.first + k) * 2 ** -13));
  const truth = (rate ** 2 * Math.expm1(1 / noiseMultiplier ** 2)) / 2;
  expect(loss).toBeGreaterThan(truth * 0.99);
  expect(loss).toBeLessThan(truth + spacing ** 2 / 4);
});

it("cuts off about what it is told, of either direction", () => {
  for (const cut of [1e-6, 1e-12, 1e-40]) {
    const { removal, addition } = stepLosses({ rate: 0.02, noiseMultiplier: 0.8 }, 2 ** -9, cut);
    expect(removal.infinite).toBeGreaterThan(cut / 30);
    expect(removal.infinite).toBeLessThan(cut * 2);
    // The added unit's loss is at most -log(1 - rate).
    expect(addition.infinite).toBe(0);
    expect((addition.first + addition.mass.length - 1) * 2 ** -9).toBeGreaterThan(0.02);
    expect((addition.first + addition.mass.length - 1) * 2 ** -9).toBeLessThan(0.0225);
    // At rate 1 it has no end.
    const full = stepLosses({ rate: 1, noiseMultiplier: 0.8 }, 2 ** -9, cut);
    expect(full.addition.infinite / full.removal.infinite).toBeGreaterThan(0.5);
    expect(full.addition.infinite / full.removal.infinite).toBeLessThan(2);
  }
});

it.each([0.7, 9])(
  "ends a group's losses where about the cut's mass is left of P: noise %d",
  (z) => {
    const step = { rate: 0.1, noiseMultiplier: z, coins: 4 };
    const ratio = groupRatio(step);
    for (const cut of [1e-4, 1e-9]) {
      const { most } = lossRange(step, cut);
      // P's mass above that loss: its density is the ratio times Q's.
      let above = 0;
      const width = z * 1e-4;
      for (let x = 0; x < 4 + 12 * z; x += width)
        if (Math.log(ratio(x)) > most) above += ratio(x) * Math.exp(-(x * x) / (2 * z * z)) * width;
      above /= z * Math.sqrt(2 * Math.PI);
      expect(above).toBeGreaterThan(cut * 0.9);
      expect(above).toBeLessThan(cut * 1.1);
    }
  },
);
