/** The smallest ε that is enough, against every resample there is and scipy's bootstrap. */
import { expect, it } from "vitest";
import { bootstrapInterval, enoughEpsilon } from "../../compare/enough-epsilon.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { STATISTICS } from "../support/statistics-vectors.ts";

const random = () => stream(seededRoot(5), "bootstrap");
const bySeed = (values: readonly number[]) => new Map(values.map((value, i) => [7 + i, value]));

const { epsilons, twin: baseline, accuracies, counts } = STATISTICS.enoughEpsilon;
const runs = epsilons.map((epsilon, i) => ({ epsilon, bySeed: bySeed(accuracies[i] ?? []) }));

it("is what it was worked out to be, its interval that of all 3,125 resamples", () => {
  // All resamples, by the smallest ε: 612 × 0.3, 2,292 × 1, 221 × 3. Both 2.5 % points lie far inside.
  expect(counts).toEqual({ "0.3": 612, "1.0": 2292, "3.0": 221 });
  expect(enoughEpsilon(runs, bySeed(baseline), random())).toEqual({
    epsilon: 1,
    interval: [0.3, 3],
    seeds: 5,
  });
});

it("draws resamples at the rates of all there are, to five standard deviations", () => {
  const n = 20_000;
  const seen = new Map<number, number>();
  bootstrapInterval(
    5,
    (drawn) => {
      const means = accuracies.map(
        (row) => drawn.reduce((sum, i) => sum + (baseline[i] ?? 0) - (row[i] ?? 0), 0) / 5,
      );
      const last = means.findLastIndex((lost) => !(lost <= 0.01 + 1e-9));
      const epsilon = epsilons[last + 1] ?? Infinity;
      seen.set(epsilon, (seen.get(epsilon) ?? 0) + 1);
      return epsilon;
    },
    random(),
    n,
  );
  for (const [epsilon, count] of Object.entries(counts)) {
    const rate = count / 5 ** 5;
    const off = (seen.get(Number(epsilon)) ?? 0) - n * rate;
    expect(Math.abs(off), `ε ${epsilon}`).toBeLessThan(5 * Math.sqrt(n * rate * (1 - rate)));
  }
});

it("has scipy's percentile interval of a mean, as far as resampling can tell", () => {
  const { values, interval, standardError } = STATISTICS.bootstrapOfMean;
  const mean = (drawn: readonly number[]) =>
    drawn.reduce((sum, i) => sum + (values[i] ?? Number.NaN), 0) / drawn.length;
  const got = bootstrapInterval(values.length, mean, random(), 100_000);
  // A 2.5 % point of 100,000 draws: density there 0.058 / SE, so SE × 0.0085 is one deviation.
  for (const side of [0, 1] as const)
    expect(Math.abs(got[side] - interval[side])).toBeLessThan(0.05 * standardError + 0.00126);
});

it("counts no smaller ε that was lucky between two that were not enough", () => {
  const at = (epsilon: number, accuracy: number) => ({
    epsilon,
    bySeed: bySeed([accuracy, accuracy + 0.001]),
  });
  const baselineOf = bySeed([0.9, 0.901]);
  const lucky = [at(0.1, 0.895), at(0.3, 0.85), at(1, 0.897)];
  expect(enoughEpsilon(lucky, baselineOf, random())?.epsilon).toBe(1);
  expect(enoughEpsilon([at(0.1, 0.8)], baselineOf, random())).toEqual({
    epsilon: Infinity,
    interval: null,
    seeds: 2,
  });
});

it("takes a loss of exactly one point as within one point", () => {
  const exact = [{ epsilon: 2, bySeed: bySeed([0.86, 0.87]) }];
  expect(enoughEpsilon(exact, bySeed([0.87, 0.88]), random())?.epsilon).toBe(2);
});

it("has no interval of fewer than five seeds, and looks at those alone that all share", () => {
  const some = [{ epsilon: 1, bySeed: bySeed([0.9, 0.8]) }];
  expect(enoughEpsilon(some, bySeed([0.9, 0.8, 0.1]), random())?.seeds).toBe(2);
  expect(enoughEpsilon(some, new Map([[1, 0.9]]), random())).toBeNull();
  for (const seeds of [1, 2, 3, 4]) {
    const own = new Map([...bySeed(baseline)].slice(0, seeds));
    const enough = enoughEpsilon(runs, own, random());
    expect(enough?.seeds).toBe(seeds);
    expect(enough?.interval, `${seeds} seeds`).toBeNull();
  }
});

it("is the same again with the same coins", () => {
  const twice = [1, 2].map(() => enoughEpsilon(runs, bySeed(baseline), random()));
  expect(twice[0]).toEqual(twice[1]);
});
