/** Activation functions and their slopes, over the rows of a batch. */
import type { Activation } from "../../model/model-spec.ts";
import type { Machine } from "./arena.ts";
import type { LayerRows, Placed, Rows } from "./layer.ts";

/** Over whole rows, with what fills them up to four: nothing reads that. */
export function activateRows(
  { kernel }: Machine,
  activation: Activation,
  { at, stride }: Rows,
  rows: number,
): void {
  const count = (rows * stride) / 4;
  if (activation === "tanh") kernel.tanhAll(at, count);
  else if (activation === "relu") kernel.reluAll(at, count);
  else if (activation === "sigmoid") kernel.sigmoidAll(at, count);
}

/** Multiplies each delta by the slope, read off what the function gave. */
export function multiplySlopesOf(
  { kernel }: Machine,
  activation: Activation,
  { output, deltas }: Pick<LayerRows, "output" | "deltas">,
  rows: number,
): void {
  const count = (rows * output.stride) / 4;
  if (activation === "tanh") kernel.tanhSlopes(output.at, deltas.at, count);
  else if (activation === "relu") kernel.reluSlopes(output.at, deltas.at, count);
  else if (activation === "sigmoid") kernel.sigmoidSlopes(output.at, deltas.at, count);
}

/** An activation that is a layer of its own. */
export function placeActivation(activation: Activation, io: LayerRows): Placed {
  const { input, output, deltas, below } = io;
  return (machine) => ({
    trained: null,
    forward(rows) {
      machine.floats.copyWithin(output.at / 4, input.at / 4, (input.at + rows * input.stride) / 4);
      activateRows(machine, activation, output, rows);
    },
    backward(rows) {
      multiplySlopesOf(machine, activation, io, rows);
      if (below === null) return;
      const [start, end] = [deltas.at / 4, (deltas.at + rows * deltas.stride) / 4];
      machine.floats.copyWithin(below.at / 4, start, end);
    },
  });
}
