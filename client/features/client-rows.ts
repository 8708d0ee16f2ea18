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
  const slots = Int32Array.from({ length: examples.count }, (_, slot) => slot);
  return present === undefined ? slots : slots.filter((slot) => present[slot] !== 0);
}
