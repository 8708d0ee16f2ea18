/** How much of its declared range a feature uses: where it is little, what tells rows apart is small beside the noise. */
import type { Contract } from "../../shared/contract/contract.ts";
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
  const ranges = inputRanges(clients);
  if (ranges.length === 0) return [];
  let at = 0;
  return features.flatMap(({ kind, name, width }) => {
    const own = ranges.slice(at, at + width);
    at += width;
    const share = Math.max(...own) / 2;
    return kind === "number" && share < NARROW ? [{ feature: name, share }] : [];
  });
}

/** Largest less least of each model input; empty where there are fewer than two rows. */
function inputRanges(clients: readonly ClientRows[]): number[] {
  const width = clients[0]?.examples.width ?? 0;
  const least = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  let rows = 0;
  for (const client of clients)
    for (const slot of presentSlots(client)) {
      const inputs = client.examples.inputs.subarray(slot * width, (slot + 1) * width);
      for (const [input, value] of inputs.entries()) {
        least[input] = Math.min(least[input] ?? value, value);
        most[input] = Math.max(most[input] ?? value, value);
      }
      rows++;
    }
  return rows < 2 ? [] : Array.from(most, (value, input) => value - (least[input] ?? 0));
}
