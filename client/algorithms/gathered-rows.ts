/** Rows from here and there as examples of their own, one after another; one buffer for all of them. */
import type { Examples } from "../../shared/engine/core/engine.ts";

export class GatheredRows {
  readonly #examples: Examples;
  #inputs = new Float32Array();
  #labels = new Float32Array();

  constructor(examples: Examples) {
    this.#examples = examples;
  }

  /** Those in the slots, in their order: views that the next call overwrites. */
  of(slots: Int32Array): Examples {
    const { width, inputs, labels } = this.#examples;
    const { length: count } = slots;
    if (this.#labels.length < count) {
      this.#inputs = new Float32Array(count * width);
      this.#labels = new Float32Array(count);
    }
    for (let i = 0; i < count; i++) {
      const slot = slots[i] ?? 0;
      this.#inputs.set(inputs.subarray(slot * width, (slot + 1) * width), i * width);
      this.#labels[i] = labels[slot] ?? 0;
    }
    return {
      count,
      width,
      inputs: this.#inputs.subarray(0, count * width),
      labels: this.#labels.subarray(0, count),
    };
  }
}
