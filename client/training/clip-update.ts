/** A whole update to a bounded one: what makes the client the unit. */
import type { Clipping } from "../../shared/engine/core/clip.ts";
import { layerRanges, type Model } from "../../shared/model/model.ts";

/**
 * The update, its L2 norm at most `clipNorm` (to an ulp, which shared/noise/lattice.ts takes off): as one
 * vector, or each layer by itself to its part of it. An update that is not finite becomes zeros,
 * like any other: to say so would tell of the rows.
 *
 * @param update float64[parameters], or as many more of them as it holds such vectors, whose layers
 *   then are so many more
 * @returns also whether the whole was within `clipNorm`, and whether it was finite
 */
export function clipUpdate(
  update: Float64Array,
  clipping: Clipping,
  clipNorm: number,
  model: Model,
): { readonly clipped: Float64Array; readonly within: boolean; readonly finite: boolean } {
  const length = lengthOf(update);
  const { largest, ratio } = length;
  if (!Number.isFinite(largest)) {
    return { clipped: new Float64Array(update.length), within: false, finite: false };
  }
  const within = largest * ratio <= clipNorm;
  if (clipping === "flat")
    return { clipped: clipTo(update, length, clipNorm), within, finite: true };
  const clipped = Float64Array.from(update);
  const parts = partsOf(update.length, model);
  // As clipBounds has it: n parts that each keep clipNorm / √n together keep clipNorm.
  const bound = clipNorm / Math.sqrt(parts.length);
  for (const [start, end] of parts) {
    const part = update.subarray(start, end);
    clipped.set(clipTo(part, lengthOf(part), bound), start);
  }
  return { clipped, within, finite: true };
}

/** Where each layer's part begins and ends, in each of the vectors that such a length holds. */
function partsOf(length: number, model: Model): (readonly [start: number, end: number])[] {
  const vectors = Array.from({ length: length / model.parameters }, (_, i) => i * model.parameters);
  const ranges = layerRanges(model);
  return vectors.flatMap((at) => ranges.map(([start, end]) => [at + start, at + end] as const));
}

function clipTo(part: Float64Array, { largest, ratio }: Length, bound: number): Float64Array {
  if (largest * ratio <= bound) return part;
  const factor = bound / ratio;
  const clipped = new Float64Array(part.length);
  for (let i = 0; i < clipped.length; i++) clipped[i] = ((part[i] ?? 0) / largest) * factor;
  return clipped;
}

/** L2 norm as the largest entry times a ratio, which doesn't overflow at 1e300. NaN stays NaN. */
interface Length {
  readonly largest: number;
  readonly ratio: number;
}

function lengthOf(part: Float64Array): Length {
  let largest = 0;
  for (let i = 0; i < part.length; i++) largest = Math.max(largest, Math.abs(part[i] ?? 0));
  if (largest === 0) return { largest, ratio: 1 };
  let sum = 0;
  for (let i = 0; i < part.length; i++) sum += ((part[i] ?? 0) / largest) ** 2;
  return { largest, ratio: Math.sqrt(sum) };
}
