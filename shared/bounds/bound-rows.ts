/** Rows whose features have learned their bounds: what was a number as it is becomes a model input. */
import type { Examples } from "../engine/core/engine.ts";
import type { LearnedFeature } from "./learned-features.ts";
import type { Range } from "./range.ts";
import { scaler } from "./scaler.ts";

/** A copy. @param present uint8[count], 0 for a slot that stays zero; undefined: none does */
export function boundExamples(
  examples: Examples,
  features: readonly LearnedFeature[],
  ranges: readonly Range[],
  present?: Uint8Array,
): Examples {
  const { count, width } = examples;
  const inputs = Float32Array.from(examples.inputs);
  features.forEach(({ feature, input }, i) => {
    const scaled = scaler(ranges[i] ?? feature.bounds, feature.scale);
    for (let slot = 0; slot < count; slot++) {
      if (present?.[slot] === 0) continue;
      const at = slot * width + input;
      inputs[at] = scaled(inputs[at] ?? 0);
    }
  });
  return { ...examples, inputs };
}
