import { expect, it } from "vitest";
import { fairness } from "../../../server/evaluation/fairness.ts";

it("averages the worst and the best tenth of the clients, rounded up, each counting once", () => {
  // Twelve clients with 0, 5, … 55 of 100 right; a tenth of them is two.
  const counts = Array.from({ length: 12 }, (_, i) => ({
    client: `c${String(i).padStart(2, "0")}`,
    right: 5 * i * (1 + (i % 2)),
    wrong: (100 - 5 * i) * (1 + (i % 2)),
  }));
  const told = fairness(counts.toReversed(), "simulation");
  expect(told?.mean).toBeCloseTo(0.275, 12);
  expect(told?.worstDecile).toBeCloseTo((0 + 0.05) / 2, 12);
  expect(told?.bestDecile).toBeCloseTo((0.5 + 0.55) / 2, 12);
  expect(told?.clients.map(({ accuracy }) => accuracy)).toEqual(
    counts.map(({ right, wrong }) => right / (right + wrong)),
  );
});

it("keeps noised shares within 0 and 1, and knows none of a client whose rows the noise has eaten", () => {
  const counts = [
    { client: "a", right: 12, wrong: -2 },
    { client: "b", right: -3, wrong: 9 },
    { client: "c", right: -4, wrong: 1 },
    { client: "d", right: 0, wrong: 0 },
  ];
  const told = fairness(counts, "charged");
  expect(told?.clients.map(({ accuracy }) => accuracy)).toEqual([1, 0, null, null]);
  expect([told?.mean, told?.worstDecile, told?.bestDecile]).toEqual([0.5, 0, 1]);
  expect(fairness(counts.slice(2), "charged")).toBeNull();
});
