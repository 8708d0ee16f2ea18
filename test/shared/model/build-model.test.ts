/** Models too large for what carries and computes them, told before anything runs. */
import { expect, it } from "vitest";
import { Arena } from "../../../shared/engine/fused/arena.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { buildModel } from "../../../shared/model/build-model.ts";

/** [1, 1, inputs] → units → 1, which has (inputs + 2) × units + 1 parameters. */
const dense = (inputs: number, units: number) =>
  buildModel({
    input: [1, 1, inputs],
    layers: [
      { kind: "dense", units, activation: "relu" },
      { kind: "dense", units: 1, activation: "linear" },
    ],
    loss: "binaryCrossEntropy",
    init: { kind: "zeros" },
  });

it("refuses more parameters than two float32 of each may travel in one update of 2^30 bytes", () => {
  expect(dense(2_046, 65_535).parameters).toBe(2_048 * 65_535 + 1);
  expect(() => dense(2_046, 65_536)).toThrow(
    "got 134217729 parameters, expected at most 134217728",
  );
});

it("an arena beyond WebAssembly's 4 GiB is a refusal, no bug", () => {
  const arena = new Arena();
  arena.floats(2 ** 30);
  expect(() => arena.build()).toThrow(ScenarioError);
  expect(() => arena.build()).toThrow("4097 MiB");
});
