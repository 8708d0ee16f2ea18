/**
 * The layout of the flat parameters, and their start. Layers are dense; each holds its kernel
 * (inputs × outputs, row by row: TensorFlow's order), then its bias.
 */
import { sha256 } from "./canonical.ts";
import type { Random } from "./random.ts";

export type Activation = "tanh" | "relu" | "sigmoid" | "linear";

export interface DenseLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  /** Where its kernel starts in the flat parameters; the bias follows at once. */
  readonly offset: number;
}

export interface Model {
  readonly kind: "logistic" | "mlp";
  readonly inputs: number;
  /** First to last; the last has one linear output, the logit. */
  readonly layers: readonly DenseLayer[];
  /** Length of the flat parameters. */
  readonly parameters: number;
}

/** What a scenario says of its model. */
export interface ModelSpec {
  readonly kind: "logistic" | "mlp";
  readonly hidden?: readonly number[] | undefined;
  readonly activation: Exclude<Activation, "linear">;
}

export function buildModel(spec: ModelSpec, inputs: number): Model {
  const widths = [inputs, ...(spec.hidden ?? []), 1];
  let offset = 0;
  const layers = widths.slice(1).map((outputs, i): DenseLayer => {
    const from = widths[i] ?? 0;
    const last = i === widths.length - 2;
    const layer: DenseLayer = {
      name: last ? "output" : `hidden${i + 1}`,
      inputs: from,
      outputs,
      activation: last ? "linear" : spec.activation,
      offset,
    };
    offset += from * outputs + outputs;
    return layer;
  });
  return { kind: spec.kind, inputs, layers, parameters: offset };
}

/** Where each layer's kernel and bias begin and end in the flat parameters. */
export function layerRanges({ layers }: Model): readonly (readonly [start: number, end: number])[] {
  return layers.map(({ inputs, outputs, offset }) => [offset, offset + (inputs + 1) * outputs]);
}

/**
 * Parameters before the first round, float32[parameters]: zeros for a logistic model; for an mlp
 * uniform kernels within ± sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010) and zero biases.
 */
export function initialParameters(model: Model, random: Random): Float32Array {
  const parameters = new Float32Array(model.parameters);
  if (model.kind === "logistic") return parameters;
  for (const { inputs, outputs, offset } of model.layers) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    for (let i = 0; i < inputs * outputs; i++) {
      parameters[offset + i] = (2 * random.uniform() - 1) * limit;
    }
  }
  return parameters;
}

/** SHA-256 of the flat parameters as little-endian float32, hexadecimal. */
export function parametersHash(parameters: Float32Array): string {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}
