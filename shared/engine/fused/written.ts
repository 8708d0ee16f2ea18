/**
 * Where one example's gradient of a layer is written out, float32, its square taken from that very
 * scratch, and added to the block's sum: so no batch of gradients is ever held.
 */
import type { Arena, Machine } from "./arena.ts";

export interface Written {
  /** Address of the gradient, and of the block's sum. */
  readonly gradient: number;
  readonly block: number;
  /** Squared norm of what is in `gradient`. */
  square(): number;
  add(factor: number): void;
  flush(): void;
}

/** @param entries a multiple of four; those that are no parameters stay zero */
export function placeWritten(
  arena: Arena,
  entries: number,
): (machine: Machine, total: number) => Written {
  const gradient = arena.floats(entries);
  const block = arena.floats(entries);
  return ({ kernel }, total) => ({
    gradient,
    block,
    square: () => kernel.squareSum(gradient, entries),
    add(factor) {
      // 0 times what is not finite would be NaN.
      if (factor !== 0) kernel.addScaled(block, gradient, entries, factor);
    },
    flush: () => kernel.moveInto(total, block, entries),
  });
}
