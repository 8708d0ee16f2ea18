/** What a sweep says of the price of choosing among its runs. */
import { expect, it } from "vitest";
import { compositionLines } from "../../cli/curve-lines.ts";
import type { Composition } from "../../compare/composition.ts";

const spent: Composition = {
  ...{ runs: 3, delta: 1e-5, by: "composition" },
  epsilon: { modelRecipients: 1.5, otherClients: 1.5, coordinator: null },
};

it("is nothing on public rows, and nothing yet on private ones that no run was charged for", () => {
  expect(compositionLines(null).join()).toContain("public data");
  const nothing = { modelRecipients: 0, otherClients: 0, coordinator: 0 };
  const told = compositionLines({ ...spent, runs: 0, epsilon: nothing }).join();
  expect(told).toContain("no run was charged");
  expect(told).not.toContain("public");
});

it("is what all runs cost together, by adversary, and no bound for the chosen one alone", () => {
  const told = compositionLines(spent).join("\n");
  expect(told).toContain(
    "all 3 runs on these rows together: ε 1.500 against whoever gets the model",
  );
  expect(told).toContain("∞ against the coordinator");
  expect(told).toContain("no private-selection bound");
  expect(compositionLines({ ...spent, by: "units differ" }).join()).toContain("no bound");
});
