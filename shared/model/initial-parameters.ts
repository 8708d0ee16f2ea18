/** The parameters before the first round. They tell nothing of rows: a seed alone decides, or a public file. */
import type { Random } from "../noise/random.ts";
import { patchesOf } from "./build-model.ts";
import type { Layer, Model } from "./model.ts";

/**
 * float32[parameters] by the model's init: kernels drawn, biases and shifts 0, a normalization's
 * gamma 1.
 *
 * @throws RangeError where the parameters are those of a file, which whoever has it brings along
 */
export function initialParameters(model: Model, random: Random): Float32Array {
  if (model.init.kind === "given") throw new RangeError("this model's parameters are given");
  const parameters = new Float32Array(model.parameters);
  for (const layer of model.layers) {
    if (layer.kind === "groupNorm")
      parameters.fill(1, layer.offset, layer.offset + layer.parameters / 2);
    const fans = fansOf(layer);
    if (fans === null || model.init.kind === "zeros") continue;
    const draw = drawer(model.init.kind, fans, random);
    for (let i = 0; i < fans.kernel; i++) parameters[layer.offset + i] = draw();
  }
  return parameters;
}

interface Fans {
  /** Entries of the kernel. */
  readonly kernel: number;
  /** Numbers that go into an output, and outputs that a number goes into. */
  readonly into: number;
  readonly out: number;
}

function fansOf(layer: Layer): Fans | null {
  if (layer.kind === "dense") {
    const { inputs, outputs } = layer;
    return { kernel: inputs * outputs, into: inputs, out: outputs };
  }
  if (layer.kind !== "conv") return null;
  const { width, filters } = patchesOf(layer);
  const [height, across] = layer.size;
  return { kernel: width * filters, into: width, out: height * across * filters };
}

function drawer(kind: "glorotUniform" | "heNormal", { into, out }: Fans, random: Random) {
  if (kind === "heNormal") {
    const stddev = Math.sqrt(2 / into);
    return () => stddev * random.normal();
  }
  const limit = Math.sqrt(6 / (into + out));
  return () => (2 * random.uniform() - 1) * limit;
}
