/**
 * One WebAssembly memory, laid out once: every buffer of a model takes its place, then the memory is
 * made, and it never grows. Places are byte addresses, each at a cache line's start.
 */
import { ScenarioError } from "../../errors.ts";
import { type Kernel, loadKernel } from "../simd/kernel.ts";

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

  /** @throws ScenarioError `model` where the machine, or WebAssembly, has no memory for it */
  build(): Machine {
    const memory = this.#memory();
    const { buffer } = memory;
    return {
      kernel: loadKernel(memory),
      floats: new Float32Array(buffer),
      doubles: new Float64Array(buffer),
      words: new Uint32Array(buffer),
    };
  }

  #memory(): WebAssembly.Memory {
    const pages = Math.ceil(this.#bytes / PAGE_BYTES);
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new ScenarioError({
        what: "model",
        where: "engine fused, its memory",
        got: `${Math.ceil(this.#bytes / 2 ** 20)} MiB to lay out`,
        expected: "what this machine has, and less than 4096 MiB",
        fix: "Take fewer or narrower layers, or another training.engine.",
      });
    }
  }

  #take(bytes: number): number {
    const at = this.#bytes;
    this.#bytes += Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    return at;
  }
}
