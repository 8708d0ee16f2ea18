import { expect, it } from "vitest";
import { scaffoldStep } from "../../../server/step/scaffold-step.ts";

const terms = { scale: 8, clients: 5, learningRate: 0.5, localEpochs: 4 };

it("adds the sum of what the clients' controls moved, by the number of all clients", () => {
  // 160 / 8 model units, by 0.5 · 4 units to one of a control, over five clients.
  expect(scaffoldStep(Float32Array.of(1, -1), Int32Array.of(160, 0), terms)).toEqual(
    Float32Array.of(3, -1),
  );
});

it("refuses a sum of another length", () => {
  expect(() => scaffoldStep(new Float32Array(2), new Int32Array(3), terms)).toThrow(RangeError);
});
