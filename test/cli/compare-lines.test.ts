/** What a comparison says of runs that share a seed. */
import { expect, it } from "vitest";
import { sharedSeedLines } from "../../cli/compare-lines.ts";

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
