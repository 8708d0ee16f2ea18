/**
 * The draws of gaussian-table.ts by a kernel (engine/simd/gaussians.as.ts), from the same words and to the same integers: groups
 * of 32 whose draws all are decided quickly. The others, and what is less than a group, are drawn by the table itself.
 */
import { type Kernel, kernelOver } from "../engine/simd/kernel.ts";
import { fillFromTable, type GaussianTable, marginOf, quantiles } from "./gaussian-table.ts";
import type { LeadingBits } from "./leading-bits.ts";
import type { Random } from "./random.ts";

/** Where words come from; without `bytes` they come one by one. */
export type Words = Pick<Random, "uint32"> & Partial<Pick<Random, "bytes">>;

/** Draws of a group, and its words: one of signs, two a draw. */
const DRAWS = 32;
const GROUP_WORDS = 1 + 2 * DRAWS;
/** Groups at once: their words stay in a core's nearest cache. */
const GROUPS = 64;
const MOST_WORDS = GROUPS * GROUP_WORDS;

/** Fills `out` as fillFromTable does: the same integers, and as many words read. */
export function fillQuickly(out: Int32Array, table: GaussianTable, random: Words): void {
  const { bytes } = random;
  const whole = out.length - (out.length % DRAWS);
  if (bytes === undefined || whole === 0) {
    fillFromTable(out, table, random);
    return;
  }
  const queue = new WordQueue(random, (count) => bytes.call(random, count));
  for (let at = 0; at < whole; ) {
    const asked = Math.min(GROUPS, (whole - at) / DRAWS);
    queue.have(asked * GROUP_WORDS);
    const drawn = drawGroups(table, queue.address, asked);
    out.set(roomOf().out.subarray(0, drawn * DRAWS), at);
    queue.pass(drawn * GROUP_WORDS);
    at += drawn * DRAWS;
    if (drawn === asked) continue;
    fillFromTable(out.subarray(at, at + DRAWS), table, queue);
    at += DRAWS;
  }
  fillFromTable(out.subarray(whole), table, queue);
}

/** Into the room's `out`. @returns how many groups, from the first */
function drawGroups(table: GaussianTable, words: number, groups: number): number {
  const { kernel } = roomOf();
  const { quick } = table;
  if (!("tails" in quick)) {
    return kernel.quantileGaussians(words, groups, TABLE, quick.scale, marginOf(quick), OUT);
  }
  hold(quick);
  return kernel.searchedGaussians(words, groups, TAILS, STARTS, OUT);
}

/** Addresses; nothing lies at 0. */
const WORDS = 64;
const OUT = WORDS + 4 * MOST_WORDS;
const TABLE = OUT + 4 * GROUPS * DRAWS;
const OCTAVES = 20;
const OCTAVE_ENTRIES = 64 * 6;
const TABLE_ENTRIES = OCTAVES * OCTAVE_ENTRIES;
const TAILS = TABLE + 8 * TABLE_ENTRIES;
/** Of σ 63, the largest whole table, 883. */
const MOST_TAILS = 1024;
const STARTS = TAILS + 8 * MOST_TAILS;
const PAGES = 2;

interface Room {
  readonly kernel: Kernel;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly out: Int32Array;
  readonly tails: Float64Array;
  readonly starts: Uint16Array;
}

let made: Room | undefined;
let held: LeadingBits | undefined;

/** One for this thread: a fill goes through without anybody in between. */
function roomOf(): Room {
  if (made) return made;
  const { kernel, buffer } = kernelOver(PAGES);
  const table = new Float64Array(buffer, TABLE, TABLE_ENTRIES);
  for (let octave = 0; octave < OCTAVES; octave++) {
    const own = quantiles().subarray(octave * OCTAVE_ENTRIES, (octave + 1) * OCTAVE_ENTRIES);
    table.set(own, (OCTAVES - 1 - octave) * OCTAVE_ENTRIES);
  }
  made = {
    kernel,
    bytes: new Uint8Array(buffer, WORDS, 4 * MOST_WORDS),
    words: new Uint32Array(buffer, WORDS, MOST_WORDS),
    out: new Int32Array(buffer, OUT, GROUPS * DRAWS),
    tails: new Float64Array(buffer, TAILS, MOST_TAILS),
    starts: new Uint16Array(buffer, STARTS, 4096),
  };
  return made;
}

function hold(table: LeadingBits): void {
  if (held === table) return;
  const { tails, starts } = roomOf();
  tails.set(table.tails);
  starts.set(table.starts);
  held = table;
}

/** Words read ahead of a stream into the room, never more than are sure to be used. */
class WordQueue {
  readonly #random: Pick<Random, "uint32">;
  readonly #bytes: Random["bytes"];
  readonly #room = roomOf();
  #next = 0;
  #end = 0;

  constructor(random: Pick<Random, "uint32">, bytes: Random["bytes"]) {
    this.#random = random;
    this.#bytes = bytes;
  }

  get address(): number {
    return WORDS + 4 * this.#next;
  }

  /** At least so many lie at `address`, one after the other. */
  have(count: number): void {
    const left = this.#end - this.#next;
    if (left >= count) return;
    const { bytes, words } = this.#room;
    words.copyWithin(0, this.#next, this.#end);
    bytes.set(this.#bytes(4 * (count - left)), 4 * left);
    this.#next = 0;
    this.#end = count;
  }

  pass(count: number): void {
    this.#next += count;
  }

  uint32(): number {
    if (this.#next === this.#end) return this.#random.uint32();
    const word = this.#room.words[this.#next] ?? 0;
    this.#next += 1;
    return word;
  }
}
