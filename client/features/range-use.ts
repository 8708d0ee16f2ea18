/** How much of its declared range a feature uses: where it is little, what tells rows apart is small beside the noise. */
import type { Contract } from "../../shared/contract/contract.ts";
import type { Examples } from "../../shared/engine/core/engine.ts";
import { type ClientRows, presentSlots } from "./client-rows.ts";

export interface NarrowFeature {
  readonly feature: string;
  /** Of its range, from 0 to a tenth. */
  readonly share: number;
}

/** Below it bounds cost more than they keep. */
const NARROW = 0.1;

/**
 * Numbers among the features, of whose range, [-1, 1] by their bounds, these rows use less than a tenth. Of fewer than
 * two rows nothing is said.
 */
export function narrowFeatures(
  { features }: Pick<Contract, "features">,
  clients: readonly ClientRows[],
): NarrowFeature[] {
  const rows = clients.map((client) => ({ ...client.examples, slots: presentSlots(client) }));
  if (rows.reduce((sum, { slots }) => sum + slots.length, 0) < 2) return [];
  let from = 0;
  return features.flatMap((feature) => {
    const { kind, name, width } = feature;
    const first = from;
    from += width;
    // Images are wide, and no bounds of theirs could be narrower; others are not known yet.
    if (kind !== "number" || feature.learned) return [];
    const ranges = Array.from({ length: width }, (_, i) => rangeOf(rows, first + i));
    const share = Math.max(...ranges) / 2;
    return share < NARROW ? [{ feature: name, share }] : [];
  });
}

interface PresentRows extends Pick<Examples, "inputs" | "width"> {
  readonly slots: Int32Array;
}

/** Largest less least of one model input. */
function rangeOf(clients: readonly PresentRows[], input: number): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { inputs, width, slots } of clients)
    for (const slot of slots) {
      const value = inputs[slot * width + input] ?? Number.NaN;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  return most - least;
}
