import { expect, it } from "vitest";
import { boundExamples } from "../../../shared/bounds/bound-rows.ts";
import type { LearnedFeature } from "../../../shared/bounds/learned-features.ts";

function learned(input: number, scale: "linear" | "log"): LearnedFeature {
  const bounds: [number, number] = [scale === "log" ? 0 : -1e6, 1e6];
  const postfix: LearnedFeature["feature"]["postfix"] = [["name", "x"]];
  const at = { name: `f${input}`, formula: "x", postfix, width: 1, labels: [`f${input}`] };
  return { feature: { ...at, kind: "number", scale, bounds, learned: true }, input, missing: null };
}

/** Four slots of a number as it is, one that is an input already, and one on a log. */
const VALUES = [...[10, 0.25, 0], ...[60, -0.5, 99], ...[-4_000, 0.75, -0.5], ...[1e6, 1, 1e6]];
const EXAMPLES = {
  count: 4,
  width: 3,
  inputs: Float32Array.from(VALUES),
  labels: new Float32Array(4),
};
const FEATURES = [learned(0, "linear"), learned(2, "log")];

it("takes what lies beyond the bounds to their ends, and leaves other inputs and the rows themselves alone", () => {
  const { inputs } = boundExamples(EXAMPLES, FEATURES, [
    [10, 110],
    [0, 99],
  ]);
  expect([...inputs]).toEqual([
    ...[-1, 0.25, -1],
    ...[0, -0.5, 1],
    ...[-1, 0.75, -1],
    ...[1, 1, 1],
  ]);
  expect([...EXAMPLES.inputs]).toEqual(VALUES);
});

it("keeps the zeros of a slot in which nobody is", () => {
  const empty = { ...EXAMPLES, inputs: new Float32Array(12) };
  const present = Uint8Array.of(0, 1, 0, 1);
  const { inputs } = boundExamples(
    empty,
    FEATURES,
    [
      [10, 110],
      [0, 99],
    ],
    present,
  );
  expect([...inputs]).toEqual([0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, -1]);
});
