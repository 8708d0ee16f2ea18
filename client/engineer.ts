/**
 * Stage 3: anonymized persons → model inputs, by the contract only. A person's inputs depend on that
 * person alone, and each lies in a known interval: [-1, 1] for a number, 0 or 1 for a category.
 */
import { type Contract, type Feature, modelInputs } from "../shared/contract/contract.ts";
import { type FormulaPerson, runFormula } from "../shared/contract/formula.ts";
import type { Examples } from "../shared/engine/engine.ts";
import type { PreparedPerson } from "../shared/host-report.ts";

/** An anonymized person, and the label that only training and evaluation may read. */
export interface LabelledPerson extends FormulaPerson {
  readonly label: 0 | 1;
}

/** float32[people × inputs], each row from its own person. */
export function engineer(people: readonly LabelledPerson[], contract: Contract): Examples {
  const width = modelInputs(contract);
  const inputs = new Float32Array(people.length * width);
  for (const [row, person] of people.entries()) {
    inputs.set(engineerPerson(person, contract), row * width);
  }
  return {
    count: people.length,
    width,
    inputs,
    labels: Float32Array.from(people, ({ label }) => label),
  };
}

/** One person as the forward pass gets it: every value on the way, for the trace. */
export function preparedPerson(
  person: FormulaPerson,
  columns: readonly string[],
  contract: Contract,
): PreparedPerson {
  const features = contract.features.map((feature) => {
    const value = runFormula(feature.postfix, person);
    // The labels of a oneHot are "feature=category".
    const label = feature.labels[value]?.slice(feature.name.length + 1) ?? "";
    return { name: feature.name, value: feature.bounds ? clip(value, feature.bounds) : label };
  });
  return {
    columns,
    features,
    inputs: Float32Array.from(engineerPerson(person, contract)),
    inputNames: contract.features.flatMap(({ labels }) => labels),
  };
}

/** Clipped to the feature's public bounds, then to [-1, 1], evenly or through log1p. */
export function scaled(
  value: number,
  bounds: readonly [number, number],
  scale: Feature["scale"],
): number {
  const at = (x: number) => (scale === "log" ? Math.log1p(x) : x);
  const [low, high] = bounds;
  return (2 * (at(clip(value, bounds)) - at(low))) / (at(high) - at(low)) - 1;
}

function engineerPerson(person: FormulaPerson, { features }: Contract): number[] {
  return features.flatMap(({ postfix, bounds, scale, width }) => {
    const value = runFormula(postfix, person);
    if (bounds) return [scaled(value, bounds, scale)];
    return Array.from({ length: width }, (_, category) => Number(category === value));
  });
}

function clip(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
