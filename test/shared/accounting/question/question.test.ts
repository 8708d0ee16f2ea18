/** A plain object → its question → the answer: against the exact Gaussian, and each key that cannot be meant. */
import { describe, expect, it } from "vitest";
import { answerOf, questionOf } from "../../../../shared/accounting/question/question.ts";
import { exactGaussianEpsilon } from "../../../support/statistics.ts";

const GAUSSIAN = { accountant: "gdp", mechanism: "gaussian", noiseMultiplier: 3 };
const answer = (raw: Record<string, unknown>) => answerOf(questionOf(raw, "line 1"));

it("is the exact Gaussian's, for one event and for several in a list", () => {
  const one = answer({ ...GAUSSIAN, steps: 4, delta: 1e-5 });
  expect(one.epsilon).toBeCloseTo(exactGaussianEpsilon(2 / 3, 1e-5), 8);
  const { accountant, ...event } = GAUSSIAN;
  const events = [
    { ...event, steps: 1 },
    { ...event, steps: 3 },
  ];
  expect(answer({ accountant, events, delta: 1e-5 }).epsilon).toBeCloseTo(one.epsilon ?? 0, 12);
});

it("asked for delta at that epsilon, gives back the delta", () => {
  const epsilon = exactGaussianEpsilon(2 / 3, 1e-5);
  expect(answer({ ...GAUSSIAN, steps: 4, epsilon }).delta).toBeCloseTo(1e-5, 10);
});

it("solves for the key that is left out, to the target", () => {
  const { noiseMultiplier: _, ...noiseless } = GAUSSIAN;
  const target = { epsilon: exactGaussianEpsilon(2 / 3, 1e-5), delta: 1e-5 };
  const solved = answer({ ...noiseless, ...target, steps: 4, solve: "noiseMultiplier" });
  expect(solved.noiseMultiplier).toBeCloseTo(3, 4);
});

describe("refuses, naming the key,", () => {
  it.each([
    ["neither epsilon nor delta", { ...GAUSSIAN, steps: 1 }, "delta, epsilon"],
    ["a key that is nobody's", { ...GAUSSIAN, steps: 1, delta: 1e-5, shoeSize: 9 }, "shoeSize"],
    ["delta 1", { ...GAUSSIAN, steps: 1, delta: 1 }, "delta"],
    ["a mechanism that is none", { ...GAUSSIAN, mechanism: "magic", delta: 1e-5 }, "mechanism"],
    [
      "a conversion but for rdp",
      { ...GAUSSIAN, conversion: "improved", delta: 1e-5 },
      "conversion",
    ],
    [
      "nothing left out to solve for",
      { ...GAUSSIAN, steps: 1, epsilon: 1, delta: 1e-5, solve: "steps" },
      "solve",
    ],
  ])("%s", (_, raw, said) => {
    expect(() => questionOf(raw, "line 1")).toThrow(said);
  });

  it("and whether neither or both were given", () => {
    const both = { ...GAUSSIAN, epsilon: 1, delta: 1e-5 };
    expect(() => questionOf({ ...GAUSSIAN, steps: 1 }, "line 1")).toThrow("got neither");
    expect(() => questionOf(both, "line 1")).toThrow("got both");
  });

  it("and in a list which event it is", () => {
    const { accountant, ...event } = GAUSSIAN;
    const events = [{ ...event }, { ...event, noiseMultiplier: "much" }];
    const listed = { accountant, events, delta: 1e-5 };
    expect(() => questionOf(listed, "line 1")).toThrow("(line 1, events.1)");
    expect(() =>
      questionOf({ ...GAUSSIAN, noiseMultiplier: "much", delta: 1e-5 }, "line 1"),
    ).toThrow("(line 1)");
  });
});
