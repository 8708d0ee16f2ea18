/** A person of whom it is known by now what its features are bounded by. */
import type { LearnedFeature } from "../../shared/bounds/learned-features.ts";
import type { Range } from "../../shared/bounds/range.ts";
import { clip, scaler } from "../../shared/bounds/scaler.ts";
import type { PreparedPerson } from "../../shared/events/host-report.ts";

/** @param ranges of those features, in their order */
export function boundPerson(
  person: PreparedPerson,
  features: readonly LearnedFeature[],
  ranges: readonly Range[],
): PreparedPerson {
  const inputs = Float32Array.from(person.inputs);
  const values = person.features.map((one) => {
    const i = features.findIndex(({ feature }) => feature.name === one.name);
    const known = features[i];
    if (known === undefined || typeof one.value === "string") return one;
    const range = ranges[i] ?? known.feature.bounds;
    inputs[known.input] = scaler(range, known.feature.scale)(one.value);
    return { ...one, value: clip(one.value, range) };
  });
  return { ...person, features: values, inputs };
}
