/**
 * What clip-update.ts and lattice.ts do to an update, in one go and bit for bit, where it is the difference of two models:
 * by kernels (simd/updates.as.ts), a piece of it after the other. Nothing as long as an update is allocated but the answer.
 */
import type { Clipping } from "../../shared/engine/core/clip.ts";
import { type Kernel, kernelOver } from "../../shared/engine/simd/kernel.ts";
import { layerRanges, type Model } from "../../shared/model/model.ts";
import { type Lattice, roundUpdate, squareSum } from "../../shared/noise/lattice.ts";
import { clipUpdate } from "./clip-update.ts";

/** What training moved: `before` less `after`, float32[parameters] each. */
export interface Moved {
  readonly before: Float32Array;
  readonly after: Float32Array;
}

export interface RoundedUpdate {
  /** int32[parameters], of squared length at most the lattice's sensitivity squared. */
  readonly steps: Int32Array;
  readonly within: boolean;
  readonly finite: boolean;
}

/** As a gradient points: before − after, float64. */
export function difference({ before, after }: Moved): Float64Array {
  const moved = new Float64Array(after.length);
  for (let i = 0; i < moved.length; i++) moved[i] = (before[i] ?? 0) - (after[i] ?? 0);
  return moved;
}

/** The update, clipped and in steps of the lattice; zeros where it is not finite. */
export function clipAndRound(
  moved: Moved,
  clipping: Clipping,
  clipNorm: number,
  model: Model,
  lattice: Lattice,
): RoundedUpdate {
  const quick = inKernel(moved, clipping, clipNorm, model, lattice);
  if (quick && squareSum(quick.steps) <= lattice.sensitivity ** 2) return quick;
  const { clipped, within, finite } = clipUpdate(difference(moved), clipping, clipNorm, model);
  return { steps: roundUpdate(clipped, lattice), within, finite };
}

/** undefined: some number of it is none that the kernel rounds. */
function inKernel(
  moved: Moved,
  clipping: Clipping,
  clipNorm: number,
  model: Model,
  { scale }: Lattice,
): RoundedUpdate | undefined {
  const { length } = moved.after;
  const steps = new Int32Array(length);
  const work = new Pieces(moved);
  const whole = work.lengthOf(0, length);
  if (!Number.isFinite(whole.largest)) return { steps, within: false, finite: false };
  const within = isWithin(whole, clipNorm);
  if (clipping === "flat") {
    const rounded = work.round(0, length, clipTo(whole, clipNorm), scale, steps);
    return rounded ? { steps, within, finite: true } : undefined;
  }
  const parts = layerRanges(model);
  const bound = clipNorm / Math.sqrt(parts.length);
  for (const [start, end] of parts) {
    const clip = clipTo(work.lengthOf(start, end), bound);
    if (!work.round(start, end, clip, scale, steps)) return undefined;
  }
  return { steps, within, finite: true };
}

/** L2 norm as the largest entry times a ratio: see clip-update.ts. */
interface Length {
  readonly largest: number;
  readonly ratio: number;
}

/** Each number / largest · factor; largest 0: as it is. */
interface Clip {
  readonly largest: number;
  readonly factor: number;
}

const UNCLIPPED: Clip = { largest: 0, factor: 1 };

function isWithin({ largest, ratio }: Length, bound: number): boolean {
  return largest * ratio <= bound;
}

function clipTo(length: Length, bound: number): Clip {
  if (isWithin(length, bound)) return UNCLIPPED;
  return { largest: length.largest, factor: bound / length.ratio };
}

/** Numbers at once: what stays in a core's nearest cache. */
const PIECE = 4096;
/** Where the kernel finds the two models' pieces, and leaves its answer. Nothing lies at address 0. */
const BEFORE = 64;
const AFTER = BEFORE + 4 * PIECE;
const STEPS = AFTER + 4 * PIECE;
const PAGES = 1;

interface Room {
  readonly kernel: Kernel;
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly steps: Int32Array;
}

let made: Room | undefined;

/** One for this thread: nobody else gets to it between a piece's arrival and its answer. */
function roomOf(): Room {
  if (made) return made;
  const { kernel, buffer } = kernelOver(PAGES);
  made = {
    kernel,
    before: new Float32Array(buffer, BEFORE, PIECE),
    after: new Float32Array(buffer, AFTER, PIECE),
    steps: new Int32Array(buffer, STEPS, PIECE),
  };
  return made;
}

class Pieces {
  readonly #moved: Moved;
  readonly #room = roomOf();
  /** Of the piece that lies in the room. */
  #start = 0;
  #end = 0;

  constructor(moved: Moved) {
    this.#moved = moved;
  }

  lengthOf(start: number, end: number): Length {
    const { kernel } = this.#room;
    let largest = 0;
    for (let at = start; at < end; at += PIECE) {
      largest = kernel.largestMove(BEFORE, AFTER, this.#load(at, end), largest);
    }
    if (largest === 0 || !Number.isFinite(largest)) return { largest, ratio: 1 };
    let sum = 0;
    for (let at = start; at < end; at += PIECE) {
      sum = kernel.ratioSquares(BEFORE, AFTER, this.#load(at, end), largest, sum);
    }
    return { largest, ratio: Math.sqrt(sum) };
  }

  /** @returns whether all numbers were such as the kernel rounds */
  round(
    start: number,
    end: number,
    { largest, factor }: Clip,
    scale: number,
    steps: Int32Array,
  ): boolean {
    const { kernel, steps: rounded } = this.#room;
    for (let at = start; at < end; at += PIECE) {
      const fours = this.#load(at, end);
      if (kernel.roundMoves(BEFORE, AFTER, fours, largest, factor, scale, STEPS) !== 0)
        return false;
      steps.set(rounded.subarray(0, this.#end - at), at);
    }
    return true;
  }

  /** Puts the piece from `at` on into the room, zeros after it up to a multiple of four. @returns that length */
  #load(at: number, last: number): number {
    const end = Math.min(at + PIECE, last);
    const fours = 4 * Math.ceil((end - at) / 4);
    if (at === this.#start && end === this.#end) return fours;
    const { before, after } = this.#room;
    const { before: from, after: to } = this.#moved;
    before.set(from.subarray(at, end));
    after.set(to.subarray(at, end));
    before.fill(0, end - at, fours);
    after.fill(0, end - at, fours);
    this.#start = at;
    this.#end = end;
    return fours;
  }
}
