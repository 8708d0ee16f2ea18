/**
 * Suppression of small classes (Samarati & Sweeney 1998). Not a map per record: one row more or less
 * may drop or release k - 1 others, which is what shared/group-privacy.ts charges for.
 */
import type { Classes } from "./equivalence-classes.ts";

/** @returns uint8[rows]: 0 for each row in a class smaller than k */
export function suppressBelow({ classOf, sizes }: Classes, k: number): Uint8Array {
  const kept = new Uint8Array(classOf.length);
  for (let row = 0; row < kept.length; row++)
    kept[row] = (sizes[classOf[row] ?? 0] ?? 0) >= k ? 1 : 0;
  return kept;
}
