/**
 * Suppression of small classes (Samarati & Sweeney 1998). Not a map per record: one row more or less
 * may drop or release k - 1 others, which is what shared/privacy/group-privacy.ts charges for.
 */
import { type Classes, rowsByClass } from "./models/equivalence-classes.ts";

/**
 * @param personOf int32[rows]: where a person may have several rows, of which a class counts one; null:
 *   each row is somebody else's
 * @returns uint8[rows]: 0 for each row in a class of fewer than k
 */
export function suppressBelow(
  classes: Classes,
  k: number,
  personOf: Int32Array | null = null,
): Uint8Array {
  const { classOf } = classes;
  const sizes = personOf ? personsIn(classes, personOf) : classes.sizes;
  const kept = new Uint8Array(classOf.length);
  for (let row = 0; row < kept.length; row++)
    kept[row] = (sizes[classOf[row] ?? 0] ?? 0) >= k ? 1 : 0;
  return kept;
}

/** int32[classes]: how many persons the rows of each are. */
function personsIn(classes: Classes, personOf: Int32Array): Int32Array {
  const { rows, starts } = rowsByClass(classes);
  return classes.sizes.map((_, id) => {
    const own = rows.subarray(starts[id], starts[id + 1]);
    return new Set(Array.from(own, (row) => personOf[row])).size;
  });
}
