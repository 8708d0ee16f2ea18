/** What a comparison says of runs that share a seed, and of tests that there can be none of. */
import { expect, it } from "vitest";
import { sharedSeedLines, testLines } from "../../../cli/screen/compare-lines.ts";
import { pairedDifference } from "../../../compare/seed-statistics.ts";

const own = (noise: "secure" | "seeded") => [{ privacy: { noise } }];

it("says of runs that share a seed whether one of them counts, or all, averaged", () => {
  const one = { runs: 2, counted: 1 };
  const settings = [
    { runs: own("secure"), shared: [{ seed: 9, runs: 2, counted: 2 }] },
    { runs: own("seeded"), shared: [] },
    { runs: own("seeded"), shared: [7, 8].map((seed) => ({ seed, ...one })) },
    { runs: own("seeded"), shared: [{ seed: 7, runs: 3, counted: 2 }] },
  ];
  expect(sharedSeedLines(settings)).toEqual([
    "    A: 2 runs share a seed (averaged): 9",
    "    C: 2 runs share a seed (the same model each time, so that one counts): 7, 8",
    "    D: 3 runs share a seed (2 of them different, averaged, though seeded: other rows, or another machine): 7",
  ]);
});

it("has a verdict where pairs spread, and none where they are one or all alike", () => {
  const first = { fromFirst: null, adjustedP: null };
  const bySeed = (values: number[]) => new Map(values.map((value, seed) => [seed, value]));
  const against = (others: number[], values: number[]) => {
    const fromFirst = pairedDifference(bySeed(values), bySeed(others));
    return testLines([first, { fromFirst, adjustedP: fromFirst?.p ?? null }]).join();
  };
  expect(against([0.91, 0.865], [0.915, 0.87])).toBe(
    "    B − A: +0.5 points, all 2 pairs alike: no test of that",
  );
  expect(against([0.9], [0.8])).toContain("−10.0 points, one pair: no test of that");
  expect(against([0.9, 0.8, 0.7], [0.6, 0.5, 0.41])).toMatch(/3 pairs, p .*: more than the noise/);
  expect(against([0.9, 0.8, 0.7], [0.8, 0.9, 0.7])).toMatch(/p 1.000: within the noise of seeds/);
});
