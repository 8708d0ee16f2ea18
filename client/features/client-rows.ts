/** One client's records as training sees them. */
import type { Examples } from "../../shared/engine/core/engine.ts";

/** In their slots. A slot that is not present holds a zero, so that no other moves. */
export interface ClientRows {
  readonly examples: Examples;
  /** uint8[count], 0 for a record outside the population; undefined: all are in it. */
  readonly present?: Uint8Array | undefined;
}

/** Of the records in the population, in order. */
export function presentSlots({ examples, present }: ClientRows): Int32Array {
  const slots = new Int32Array(examples.count);
  let rows = 0;
  for (let slot = 0; slot < slots.length; slot++) {
    if (present?.[slot] === 0) continue;
    slots[rows] = slot;
    rows += 1;
  }
  return slots.subarray(0, rows);
}
