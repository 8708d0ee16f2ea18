/**
 * Stage 3: anonymized persons → model inputs, by the contract only. A person's inputs depend on that
 * person alone, and each lies in a known interval: [-1, 1] for a number, 0 or 1 for a category.
 */
import { type Contract, type Feature, modelInputs } from "../shared/contract/contract.ts";
import type { FormulaPerson } from "../shared/contract/formula.ts";
import { compileFormula } from "../shared/contract/formula-compile.ts";
import type { Examples } from "../shared/engine/engine.ts";
import type { PreparedPerson } from "../shared/host-report.ts";

/**
 * float32[people × inputs], each row from its own person.
 *
 * @param person the one in each slot
 * @param labels uint8[people], which only training and evaluation may read
 */
export function engineer(
  person: (slot: number) => FormulaPerson,
  labels: Uint8Array,
  contract: Pick<Contract, "features">,
): Examples {
  const width = modelInputs(contract);
  const inputs = new Float32Array(labels.length * width);
  const write = inputWriter(contract);
  for (let slot = 0; slot < labels.length; slot++) write(person(slot), inputs, slot * width);
  return { count: labels.length, width, inputs, labels: Float32Array.from(labels) };
}

/** One person as the forward pass gets it: every value on the way, for the trace. */
export function preparedPerson(
  person: FormulaPerson,
  columns: readonly string[],
  contract: Contract,
): PreparedPerson {
  const features = contract.features.map((feature) => {
    const value = compileFormula(feature.postfix)(person);
    // The labels of a oneHot are "feature=category".
    const label = feature.labels[value]?.slice(feature.name.length + 1) ?? "";
    return { name: feature.name, value: feature.bounds ? clip(value, feature.bounds) : label };
  });
  const inputs = new Float32Array(modelInputs(contract));
  inputWriter(contract)(person, inputs, 0);
  return {
    columns,
    features,
    inputs,
    inputNames: contract.features.flatMap(({ labels }) => labels),
  };
}

/** Values that clipping to a feature's bounds changes, by feature: for their owner's report. */
export function clippedValues(
  person: (slot: number) => FormulaPerson,
  kept: Uint8Array,
  { features }: Pick<Contract, "features">,
): Record<string, number> {
  const bounded = features.flatMap(({ name, postfix, bounds }) =>
    bounds === null ? [] : [{ name, value: compileFormula(postfix), bounds, clipped: 0 }],
  );
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

/**
 * Clips to a feature's public bounds [a, b], then takes [a, b] to [-1, 1]: evenly, or with
 * `scale: log` so that log1p is even. The contract has checked that a < b, and a > -1 for a log.
 */
export function scaler(
  bounds: readonly [number, number],
  scale: Feature["scale"],
): (value: number) => number {
  const at = scale === "log" ? Math.log1p : (x: number) => x;
  const low = at(bounds[0]);
  const width = at(bounds[1]) - low;
  // Clipped once more: log1p errs by less than a unit in the last place, which may be the last one.
  return (value) => clip((2 * (at(clip(value, bounds)) - low)) / width - 1, ENDS);
}

const ENDS = [-1, 1] as const;

type InputWriter = (person: FormulaPerson, inputs: Float32Array, start: number) => void;

/** Each feature's formula made ready once; inputs are zeros before. */
function inputWriter({ features }: Pick<Contract, "features">): InputWriter {
  let at = 0;
  const writers = features.map(({ postfix, bounds, scale, width }): InputWriter => {
    const value = compileFormula(postfix);
    const place = at;
    at += width;
    if (bounds) {
      const scaled = scaler(bounds, scale);
      return (person, inputs, start) => {
        inputs[start + place] = scaled(value(person));
      };
    }
    return (person, inputs, start) => {
      inputs[start + place + value(person)] = 1;
    };
  });
  return (person, inputs, start) => {
    for (const write of writers) write(person, inputs, start);
  };
}

function clip(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
