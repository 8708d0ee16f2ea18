import { describe, expect, it } from "vitest";
import { privatize } from "../../../client/training/privatize.ts";
import { initialState, stepModel } from "../../../server/rounds/server-round.ts";
import { canonicalJson, sha256 } from "../../../shared/canonical.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { Random } from "../../../shared/noise/random.ts";
import {
  rotate,
  rotateBack,
  rotatedLength,
  unitsInOneEntry,
} from "../../../shared/noise/rotation.ts";
import { openPlan } from "../../../shared/plan/plan.ts";
import { noisePerClip } from "../../../shared/privacy/noise-per-clip.ts";
import { planWith, sealedWith } from "../../support/plans.ts";

const DISTRIBUTED = {
  trust: "distributed",
  accountant: "zcdp",
  minCohort: 4,
  colluders: 1,
} as const;
const terms = { parameters: 64, rotatedFrom: 50 };
const random = new Random(Buffer.alloc(32, 3));
const vector = (length: number) => Float64Array.from({ length }, () => random.normal());
const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
const unit = (length: number, at: number) =>
  Float64Array.from({ length }, (_, i) => Number(i === at));

/** By the definition: entry (i, j) of Hadamard's matrix is -1 to the number of bits that i and j share. */
function slowly(x: Float64Array, signs: readonly number[]): number[] {
  const shared = (i: number, j: number) =>
    [...(i & j).toString(2)].filter((bit) => bit === "1").length;
  return signs.map(
    (_, i) =>
      x.reduce((sum, value, j) => sum + (-1) ** shared(i, j) * (signs[j] ?? 0) * value, 0) /
      Math.sqrt(signs.length),
  );
}

describe("a rotation", () => {
  // What becomes of entry j of a vector that has nothing else, in its first entry, is j's sign.
  const signs = Array.from({ length: 64 }, (_, j) =>
    Math.sign(rotate(unit(64, j), { parameters: 64, rotatedFrom: 64 })[0] ?? 0),
  );

  it("is Hadamard's matrix times signs, of which each is as likely as the other", () => {
    const x = vector(50);
    const due = slowly(x, signs);
    const turned = rotate(x, terms);
    for (const [i, value] of turned.entries()) expect(value).toBeCloseTo(due[i] ?? NaN, 12);
    const many = rotate(unit(2 ** 16, 0), { parameters: 2 ** 16, rotatedFrom: 2 ** 16 });
    expect(many.every((value) => Math.abs(value) === 2 ** -8)).toBe(true);
    // The stream is the same for all: beyond 5 deviations is luck once in 10^6.
    const all = Array.from(
      { length: 2 ** 10 },
      (_, j) => rotate(unit(2 ** 10, j), { parameters: 2 ** 10, rotatedFrom: 2 ** 10 })[0] ?? 0,
    );
    const minus = all.filter((value) => value < 0).length;
    expect(Math.abs(minus - 2 ** 9)).toBeLessThan(5 * 2 ** 4);
  });

  it("keeps length, and is undone by its inverse", () => {
    const x = vector(50);
    const turned = rotate(x, terms);
    expect(turned).toHaveLength(64);
    expect(norm(turned) / norm(x)).toBeCloseTo(1, 13);
    const back = rotateBack(turned, terms);
    expect(back).toHaveLength(50);
    for (const [i, value] of x.entries()) expect(back[i]).toBeCloseTo(value, 13);
  });

  it("leaves alone what is not to be rotated", () => {
    const x = vector(50);
    expect(rotate(x, { parameters: 50 })).toBe(x);
    expect(rotateBack(x, { parameters: 50 })).toBe(x);
    expect([1, 2, 3, 64, 65].map(rotatedLength)).toEqual([1, 2, 4, 64, 128]);
  });

  it("keeps every entry of a sum of equal spikes within what it says can meet there", () => {
    const size = 2 ** 14;
    const turned = { parameters: size, rotatedFrom: size };
    const most = unitsInOneEntry({ ...turned, population: 1_000, clients: 0, sensitivity: 4096 });
    // √(2 (ln 2d + 40 ln 2) / d) of them: 68 of a thousand.
    expect(most).toBeCloseTo(
      1_000 * Math.sqrt((2 * (Math.log(2 ** 15) + 40 * Math.LN2)) / size),
      9,
    );
    for (const at of [0, 1, 777]) {
      // The worst that records can do without a rotation: all of their length in one entry.
      const sum = rotate(unit(size, at), turned).map((value) => 1_000 * value);
      expect(Math.max(...sum.map(Math.abs))).toBeLessThan(most);
    }
    const dense = rotate(
      Float64Array.from({ length: size }, () => 1_000 / Math.sqrt(size)),
      turned,
    );
    const largest = Math.max(...dense.map(Math.abs));
    expect(largest).toBeLessThan(most);
    expect(largest).toBeGreaterThan(0.3 * most);
  });
});

describe("a plan with a rotation", () => {
  const wide = { ...DISTRIBUTED, clients: 5, population: 30_000, delta: 1e-6 } as const;

  it("holds units that would wrap without one", () => {
    expect(() => planWith({ ...wide, parameters: 2 ** 20 })).toThrow("secagg.range");
    const rotated = planWith({ ...wide, parameters: 2 ** 20, rotatedFrom: 1_000_000 });
    expect(rotated.sensitivity).toBeGreaterThan(4096);
    // The same noise against the same distance: nothing of the claim changes.
    expect(rotated.epsilon).toBeLessThanOrEqual(1.5);
  });

  it("is refused where a coordinator sees updates whole", () => {
    const central = () => planWith({ parameters: 16, rotatedFrom: 11 });
    expect(central).toThrow(ScenarioError);
    expect(central).toThrow("privacy.rotation");
  });

  it("takes float error of the transform off the scale", () => {
    const [plain, turned] = [{}, { rotatedFrom: 16 }].map((more) =>
      planWith({ ...DISTRIBUTED, population: 400_000, delta: 1e-7, parameters: 16, ...more }),
    );
    expect(turned?.sensitivity).toBe(plain?.sensitivity);
    const lost = 1 - (turned?.scale ?? 0) / (plain?.scale ?? 0);
    // 2 (log2 d + 3) N 2^-53, twice what a careful count gives at most.
    expect(lost / (2 * 7 * 400_000 * 2 ** -53)).toBeCloseTo(1, 2);
  });

  it("moves a sum by at most the sensitivity, whichever record is gone", () => {
    const plan = planWith({ ...DISTRIBUTED, parameters: 64, rotatedFrom: 50, population: 400 });
    const rounded = (sum: Float64Array) => {
      const still = { ...plan, trust: "central" as const };
      return privatize({ sum, bits: 0 }, still, plan.clipNorm, random);
    };
    const records = Array.from({ length: 40 }, () => {
      const x = vector(50);
      return x.map((value) => (value * plan.clipNorm) / norm(x));
    });
    const sumOf = (some: readonly Float64Array[]) =>
      Float64Array.from({ length: 50 }, (_, i) => some.reduce((sum, x) => sum + (x[i] ?? 0), 0));
    const whole = rounded(sumOf(records));
    for (const gone of records) {
      const without = rounded(sumOf(records.filter((one) => one !== gone)));
      const square = whole.reduce((sum, q, i) => sum + (q - (without[i] ?? NaN)) ** 2, 0);
      expect(square).toBeLessThanOrEqual(plan.sensitivity ** 2);
      expect(square).toBeGreaterThan((0.95 * plan.sensitivity) ** 2);
    }
  });

  it("steps the model where the sum without a rotation would, to the lattice's half steps", () => {
    const sealed = sealedWith({ ...DISTRIBUTED, parameters: 2 });
    const privacy = planWith({ ...DISTRIBUTED, parameters: 2, rotatedFrom: 2 });
    const plan = { ...sealed.plan, privacy };
    const state = initialState({ ...sealed, plan }, 7);
    const sum = Float64Array.of(0.3, -0.2);
    const update = privatize({ sum, bits: 0 }, { ...privacy, trust: "central" }, 0.5, random);
    const { next } = stepModel(plan, state, 0, update);
    for (const [i, x] of sum.entries()) {
      const due = (state.parameters[i] ?? 0) - x / privacy.expectedUnits;
      const [now] = [next.parameters[i] ?? 0];
      expect(Math.abs(now - due)).toBeLessThan(2 / privacy.scale / privacy.expectedUnits);
    }
  });

  it("tells in a lint the noise on the model, not on what the rotation adds to it", () => {
    const [plain, turned] = [{}, { parameters: 2 ** 15, rotatedFrom: 17_000 }].map((more) =>
      planWith({
        ...DISTRIBUTED,
        statedNoise: 1,
        targetEpsilon: null,
        parameters: 17_000,
        ...more,
      }),
    );
    if (!plain || !turned) throw new Error("no plans");
    // Of the same multiplier, but for what rounding takes.
    expect(noisePerClip(turned) / noisePerClip(plain)).toBeCloseTo(1, 1);
  });

  it("is opened by a client as it was made, and with no other lengths", () => {
    const made = sealedWith({ ...DISTRIBUTED, parameters: 2, rotatedFrom: 2 });
    expect(made.plan.privacy.rotatedFrom).toBe(2);
    for (const lie of [{ rotatedFrom: 1 }, { parameters: 4 }]) {
      const plan = { ...made.plan, privacy: { ...made.plan.privacy, ...lie } };
      const bytes = Buffer.from(canonicalJson(plan));
      expect(() => openPlan(bytes, sha256(bytes))).toThrow("plan.");
    }
  });
});
