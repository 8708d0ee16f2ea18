/**
 * How much words look like names of people, by their letters: for columns of given or family names alone, of which no
 * list holds all. Says something of many cells, nothing of one. Where the weights come from: bench/name-weights.py.
 */
import { inflateSync } from "node:zlib";
import { withoutMarks } from "../words/given-names.ts";
import { NAME_BIAS, NAME_WEIGHTS } from "../words/name-weights.ts";
import { nameLook } from "./person-name.ts";

export interface NameLikeness {
  /** Of the cells, those that look more like a name than like another word: 0 to 1. */
  readonly share: number;
  /** Mean log-odds, each cell's between −4 and 4. */
  readonly mean: number;
}

const BITS = 15;
const SCALE = 0.06;
const MOST = 4;
const SHORTEST = 3;

/** @param cells distinct; those without a word of three Latin letters are left out */
export function nameLikeness(cells: Iterable<string>): NameLikeness {
  let [count, names, sum] = [0, 0, 0];
  for (const cell of cells) {
    const odds = oddsOf(cell);
    if (odds === undefined) continue;
    count += 1;
    sum += odds;
    if (odds > 0) names += 1;
  }
  return count === 0 ? { share: 0, mean: -MOST } : { share: names / count, mean: sum / count };
}

function oddsOf(cell: string): number | undefined {
  const words = (withoutMarks(cell).match(/[a-z]+/g) ?? []).filter((w) => w.length >= SHORTEST);
  if (words.length === 0) return undefined;
  const look = nameLook(cell);
  if (look.given || look.family) return MOST;
  const sum = words.reduce((total, word) => total + wordOdds(word), 0);
  return Math.max(-MOST, Math.min(MOST, (SCALE * sum) / words.length));
}

/** The weights of its letters in twos, threes and fours, each once. */
function wordOdds(word: string): number {
  const framed = `^${word}$`;
  const features = new Set<number>();
  for (let size = 2; size <= 4; size++)
    for (let at = 0; at + size <= framed.length; at++) features.add(hash(framed, at, at + size));
  let odds = NAME_BIAS;
  for (const feature of features) odds += weights()[feature] ?? 0;
  return odds;
}

/** FNV-1a of 32 bits, folded. */
function hash(text: string, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return ((h ^ (h >>> BITS)) >>> 0) & ((1 << BITS) - 1);
}

let unpacked: Int8Array | undefined;

/** Unpacked for the first column that asks. */
function weights(): Int8Array {
  unpacked ??= new Int8Array(inflateSync(Buffer.from(NAME_WEIGHTS, "base64")));
  return unpacked;
}
