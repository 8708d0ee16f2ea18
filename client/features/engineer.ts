/**
 * Stage 3: anonymized persons → model inputs, by the contract only. A person's inputs depend on that
 * person alone, and each lies in a known interval: [-1, 1] for a number, 0 or 1 for a category; those of
 * an image are as public constants scale them.
 */
import { setImmediate } from "node:timers/promises";
import { clip, scaler } from "../../shared/bounds/scaler.ts";
import { type Contract, modelInputs } from "../../shared/contract/contract.ts";
import {
  type Feature,
  type ImageFeature,
  isFormulaFeature,
} from "../../shared/contract/feature.ts";
import { compileFormula } from "../../shared/contract/formula/compile.ts";
import type { FormulaPerson } from "../../shared/contract/formula/formula.ts";
import { shapeText } from "../../shared/contract/recoding.ts";
import { scaledTarget, targetBounds } from "../../shared/contract/target-scale.ts";
import type { Examples } from "../../shared/engine/core/engine.ts";
import type { PreparedPerson } from "../../shared/events/host-report.ts";
import { type ImageWriter, scatterWriter } from "./scatter/scatter-inputs.ts";

/** What features read of a person. */
export interface FeaturePerson extends FormulaPerson {
  /** Column → its bytes; none where no feature is of an image. */
  readonly images?: ReadonlyMap<string, Uint8Array>;
}

/** Model inputs between two turns of the event loop: some 20 ms of the slowest features. */
const TURN_INPUTS = 131_072;

/**
 * float32[people × inputs], each row from its own person. The event loop turns on the way, so that
 * heartbeats go on.
 *
 * @param person the one in each slot; null: nobody is, and its inputs are zeros
 * @param labels [people], as of `labeller`, which only training and evaluation may read
 */
export async function engineer(
  person: (slot: number) => FeaturePerson | null,
  labels: ArrayLike<number>,
  contract: Pick<Contract, "features" | "target">,
): Promise<Examples> {
  const width = modelInputs(contract);
  const inputs = new Float32Array(labels.length * width);
  const write = inputWriter(contract);
  const rows = Math.ceil(TURN_INPUTS / width);
  for (let slot = 0; slot < labels.length; slot++) {
    const one = person(slot);
    if (one) write(one, inputs, slot * width);
    if (slot % rows === rows - 1) await setImmediate();
  }
  return { count: labels.length, width, inputs, labels: trainedLabels(labels, contract) };
}

/** As a loss reads them: numbers of classes as they are, a number in [-1, 1]. */
function trainedLabels(
  labels: ArrayLike<number>,
  { target }: Pick<Contract, "target">,
): Float32Array {
  const bounds = targetBounds(target);
  return Float32Array.from(labels, (label) => (bounds ? scaledTarget(label, bounds) : label));
}

/** One person as the forward pass gets it: every value on the way, for the trace. */
export function preparedPerson(
  person: FeaturePerson,
  columns: readonly string[],
  contract: Contract,
): PreparedPerson {
  const features = contract.features.map((feature) => {
    const { name } = feature;
    if (!isFormulaFeature(feature))
      return { name, value: `an image of ${shapeText(feature.shape)} pixels` };
    const value = compileFormula(feature.postfix)(person);
    // The labels of a oneHot are "feature=category".
    const label = feature.labels[value]?.slice(feature.name.length + 1) ?? "";
    return { name, value: feature.bounds ? clip(value, feature.bounds) : label };
  });
  const inputs = new Float32Array(modelInputs(contract));
  inputWriter(contract)(person, inputs, 0);
  return {
    columns,
    features,
    inputs,
    inputNames: contract.features.flatMap((feature) =>
      isFormulaFeature(feature) ? feature.labels : [feature.name],
    ),
  };
}

/** Values that clipping to a feature's bounds changes, by feature: for their owner's report. */
export function clippedValues(
  person: (slot: number) => FormulaPerson,
  kept: Uint8Array,
  { features }: Pick<Contract, "features">,
): Record<string, number> {
  const bounded = features.flatMap((feature) => {
    if (feature.kind !== "number") return [];
    const { name, postfix, bounds } = feature;
    return [{ name, value: compileFormula(postfix), bounds, clipped: 0 }];
  });
  for (let slot = 0; slot < kept.length; slot++) {
    if (kept[slot] === 0) continue;
    const own = person(slot);
    for (const feature of bounded) {
      const [low, high] = feature.bounds;
      const value = feature.value(own);
      if (value < low || value > high) feature.clipped++;
    }
  }
  return Object.fromEntries(bounded.map(({ name, clipped }) => [name, clipped]));
}

/** Writes a feature's inputs, which begin at `start`. */
type InputWriter = (person: FeaturePerson, inputs: Float32Array, start: number) => void;

/** Each feature made ready once; inputs are zeros before. */
function inputWriter({ features }: Pick<Contract, "features">): InputWriter {
  let at = 0;
  const writers = features.map((feature) => {
    const place = at;
    at += feature.width;
    return { place, write: featureWriter(feature) };
  });
  return (person, inputs, start) => {
    for (const { place, write } of writers) write(person, inputs, start + place);
  };
}

function featureWriter(feature: Feature): InputWriter {
  switch (feature.kind) {
    case "number": {
      const value = compileFormula(feature.postfix);
      // Until its bounds are known, the number as it is.
      const scaled = feature.learned ? (x: number) => x : scaler(feature.bounds, feature.scale);
      return (person, inputs, start) => {
        inputs[start] = scaled(value(person));
      };
    }
    case "oneHot": {
      const value = compileFormula(feature.postfix);
      return (person, inputs, start) => {
        inputs[start + value(person)] = 1;
      };
    }
    case "image":
      return ofImage(feature.column, pixelWriter(feature));
    case "scatter":
      return ofImage(feature.column, scatterWriter(feature));
  }
}

function ofImage(column: string, write: ImageWriter): InputWriter {
  return ({ images }, inputs, start) => {
    const image = images?.get(column);
    if (image === undefined) throw new TypeError(`unchecked person: no image ${column}`);
    write(image, inputs, start);
  };
}

/** There are but 256 values of a byte. */
function pixelWriter({ mean, stddev }: ImageFeature): ImageWriter {
  const scaled = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / stddev);
  return (image, inputs, start) => {
    for (let i = 0; i < image.length; i++) inputs[start + i] = scaled[image[i] ?? 0] ?? 0;
  };
}
