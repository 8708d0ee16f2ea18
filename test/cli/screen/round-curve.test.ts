import { expect, it } from "vitest";
import { roundCurve } from "../../../cli/screen/round-curve.ts";
import type { RoundTrace } from "../../../shared/events/trace.ts";

const rounds = (
  accuracies: readonly (number | null)[],
  epsilon: number | null = 0.5,
): RoundTrace[] =>
  accuracies.map((accuracy, round) => ({
    ...{ round, attempts: 1, lost: undefined, loss: accuracy === null ? null : 0.5, accuracy },
    ...{ modelHash: "", federated: undefined, clipping: undefined, averagedHash: undefined },
    epsilon: { modelRecipients: epsilon, otherClients: epsilon, coordinator: null },
  }));

it("goes from the lowest bar to the highest", () => {
  expect(roundCurve({ loss: 1, accuracy: 0.5 }, rounds([0.6, 0.7, 0.85]))).toEqual([
    "    accuracy 0.500 ▁▃▅█ 0.850, as ε goes to 0.500",
  ]);
});

it("is flat where nothing is learned", () => {
  expect(roundCurve({ loss: 1, accuracy: 0.7 }, rounds([0.7, 0.7], null))).toEqual([
    "    accuracy 0.700 ███ 0.700, without a bound",
  ]);
});

it("leaves out what was not evaluated, and says nothing of nothing", () => {
  expect(roundCurve({ loss: 1, accuracy: 0.5 }, rounds([null, 0.6]))[0]).toContain("▁█ 0.600");
  expect(roundCurve({ loss: 1, accuracy: 0.5 }, rounds([null]))).toEqual([]);
});

it("has forty columns of a thousand rounds, and ends where the run does", () => {
  const climbing = Array.from({ length: 1_000 }, (_, i) => 0.5 + i / 2_000);
  const [line = ""] = roundCurve({ loss: 1, accuracy: 0.5 }, rounds(climbing));
  const [, bars = ""] = /0\.500 (\S+) /.exec(line) ?? [];
  expect([...bars]).toHaveLength(40);
  expect([...bars].toSorted().join("")).toBe(bars);
  expect(bars.endsWith("█")).toBe(true);
});
