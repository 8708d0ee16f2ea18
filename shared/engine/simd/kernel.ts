/**
 * The kernels of the fused engine, as WebAssembly over one memory. Their sources, with what each
 * argument means, are the .as.ts files beside this one; addresses and strides are in bytes.
 */
import { KERNEL_BYTES } from "./kernel-bytes.ts";

declare global {
  // What of it is used here: its types come with a browser's only.
  namespace WebAssembly {
    class Memory {
      constructor(pages: { readonly initial: number; readonly maximum: number });
      readonly buffer: ArrayBuffer;
    }
    class Module {
      constructor(bytes: Uint8Array);
    }
    class Instance {
      constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
      readonly exports: object;
    }
  }
}

type Run = (...numbers: number[]) => void;

const RUNS = [
  "addBiasBlocks",
  "addBlocks",
  "addPatches",
  "addScaled",
  "addWords",
  "averagePool",
  "averagePoolBack",
  "channelProducts",
  "channelSquares",
  "channelSums",
  "copyRows",
  "denseSquares",
  "descend",
  "descendBlock",
  "maxPool",
  "maxPoolBack",
  "moveInto",
  "multiply",
  "multiplyPatches",
  "normalize",
  "normalizeBack",
  "pack",
  "packTotal",
  "packTransposed",
  "reluAll",
  "reluSlopes",
  "sigmoidAll",
  "sigmoidSlopes",
  "subtractWords",
  "sumColumns",
  "tanhAll",
  "tanhSlopes",
  "unpack",
  "unpackTotal",
  "weigh",
] as const;

export type Kernel = Readonly<Record<(typeof RUNS)[number], Run>> & {
  /** Sum of the squares of `count` floats, in float64. */
  squareSum(at: number, count: number): number;
  /** How many rows' gradients are not finite. */
  clipRows(...numbers: number[]): number;
  /** The largest |before − after| of `n` floats, or `largest`; NaN where one is. */
  largestMove(before: number, after: number, n: number, largest: number): number;
  /** `sum` and the squares of (before − after) / largest, one by one. */
  ratioSquares(before: number, after: number, n: number, largest: number, sum: number): number;
  /** How many groups of 32 draws, from the first, are decided. */
  quantileGaussians(...numbers: number[]): number;
  searchedGaussians(...numbers: number[]): number;
  /** 1 where some number cannot be rounded quickly. */
  roundMoves(...numbers: number[]): number;
};

const ANSWERS = [
  "clipRows",
  "largestMove",
  "quantileGaussians",
  "ratioSquares",
  "roundMoves",
  "searchedGaussians",
  "squareSum",
] as const;

// Compiled once a process; each model has its own memory.
let compiled: WebAssembly.Module | undefined;

export function loadKernel(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_BYTES, "base64"));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  if (!isKernel(exports)) throw new TypeError("kernel-bytes.ts lacks a kernel");
  return exports;
}

/** The kernels over a memory of their own, of so many pages of 64 KiB. */
export function kernelOver(pages: number): {
  readonly kernel: Kernel;
  readonly buffer: ArrayBuffer;
} {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return { kernel: loadKernel(memory), buffer: memory.buffer };
}

function isKernel(exports: object): exports is Kernel {
  return [...RUNS, ...ANSWERS].every((name) => typeof Reflect.get(exports, name) === "function");
}
