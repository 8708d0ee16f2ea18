/** A whole update to a bounded one: what makes the client the unit. */
import { type Clipping, clipBounds } from "../shared/engine/clip.ts";
import { layerRanges, type Model } from "../shared/model.ts";

/**
 * The update, its L2 norm at most `clipNorm` (to an ulp, which shared/lattice.ts takes off): as one
 * vector, or each layer by itself to its part of it. An update that is not finite becomes zeros,
 * like any other: to say so would tell of the rows.
 *
 * @param update float64[parameters]
 * @returns also whether the whole was within `clipNorm`
 */
export function clipUpdate(
  update: Float64Array,
  clipping: Clipping,
  clipNorm: number,
  model: Model,
): { readonly clipped: Float64Array; readonly within: boolean } {
  const { largest, ratio } = lengthOf(update);
  if (!Number.isFinite(largest)) {
    return { clipped: new Float64Array(update.length), within: false };
  }
  const within = largest * ratio <= clipNorm;
  const bounds = clipBounds(clipping, clipNorm, model);
  if (typeof bounds === "number") return { clipped: clipTo(update, bounds), within };
  const clipped = Float64Array.from(update);
  layerRanges(model).forEach(([start, end], layer) => {
    clipped.set(clipTo(update.subarray(start, end), bounds[layer] ?? 0), start);
  });
  return { clipped, within };
}

function clipTo(part: Float64Array, bound: number): Float64Array {
  const { largest, ratio } = lengthOf(part);
  if (largest * ratio <= bound) return part;
  return part.map((x) => (x / largest) * (bound / ratio));
}

/** L2 norm as the largest entry times a ratio, which doesn't overflow at 1e300. NaN stays NaN. */
function lengthOf(part: Float64Array): { readonly largest: number; readonly ratio: number } {
  const largest = part.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest === 0) return { largest, ratio: 1 };
  return { largest, ratio: Math.sqrt(part.reduce((sum, x) => sum + (x / largest) ** 2, 0)) };
}
