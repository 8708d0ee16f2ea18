/**
 * One WebAssembly memory, laid out once: every buffer of a model takes its place, then the memory is
 * made, and it never grows. Places are byte addresses, each at a cache line's start.
 */
import { type Kernel, loadKernel } from "./simd/kernel.ts";

/** The kernels and the memory that they work on, as numbers of each kind. */
export interface Machine {
  readonly kernel: Kernel;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
}

const LINE_BYTES = 64;
const PAGE_BYTES = 65_536;

export class Arena {
  // Nothing is placed at address 0, where kernels read zeros.
  #bytes = LINE_BYTES;

  /** Room for so many float32 or uint32. */
  floats(count: number): number {
    return this.#take(4 * count);
  }

  doubles(count: number): number {
    return this.#take(8 * count);
  }

  /** @throws RangeError where the machine has no memory for it */
  build(): Machine {
    const pages = Math.ceil(this.#bytes / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { buffer } = memory;
    return {
      kernel: loadKernel(memory),
      floats: new Float32Array(buffer),
      doubles: new Float64Array(buffer),
      words: new Uint32Array(buffer),
    };
  }

  #take(bytes: number): number {
    const at = this.#bytes;
    this.#bytes += Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    return at;
  }
}
