/** Where the persons of a whole table stand (person-place.ts), as columns; and the order that follows. */
import { ScenarioError } from "../../shared/errors.ts";
import { Growing } from "./growing.ts";
import type { PersonPlace } from "./person-place.ts";
import { compareRows, type PersonRows } from "./person-rows.ts";

/** Of each row. */
export interface PersonPlaces {
  /** float64[rows] */
  readonly deal: Float64Array;
  /** float64[rows] */
  readonly split: Float64Array;
  /** float64[rows × 2]: the higher number, then the lower. */
  readonly slot: Float64Array;
}

const floats = () => new Growing<Float64Array<ArrayBuffer>>((length) => new Float64Array(length));

export class GrowingPlaces {
  readonly #deal = floats();
  readonly #split = floats();
  readonly #slot = floats();

  push({ deal, split, slot: [high, low] }: PersonPlace): void {
    this.#deal.push(deal);
    this.#split.push(split);
    this.#slot.push(high);
    this.#slot.push(low);
  }

  /** null unless every row has one. */
  take(rows: number): PersonPlaces | null {
    const places = { deal: this.#deal.take(), split: this.#split.take(), slot: this.#slot.take() };
    return rows > 0 && places.deal.length === rows ? places : null;
  }
}

/**
 * Those rows in the order of their persons' hashes, and of one person's in the order of theirs. Of two
 * persons the order hangs on these two alone.
 *
 * @param sourceOf int32[rows]: one person may be in several sources, and is in each by itself
 * @param persons where one may have several rows; else each is another's
 * @throws ScenarioError `data.placeCollision` where two persons of one source, or two rows of a person,
 *   have one hash
 */
export function inPlaceOrder(
  rows: Int32Array,
  { slot }: PersonPlaces,
  sourceOf: Int32Array,
  persons: PersonRows | null = null,
): Int32Array {
  const part = (row: number, low: 0 | 1) => slot[2 * row + low] ?? 0;
  const source = (row: number) => sourceOf[row] ?? 0;
  const person = (row: number) => persons?.personOf[row] ?? row;
  const byPlace = (a: number, b: number) =>
    part(a, 0) - part(b, 0) || part(a, 1) - part(b, 1) || source(a) - source(b);
  const byRow = (a: number, b: number) => (persons ? compareRows(persons, a, b) : 0);
  const ordered = rows.toSorted((a, b) => byPlace(a, b) || byRow(a, b));
  for (const [i, row] of ordered.entries()) {
    const before = ordered[i - 1];
    if (before === undefined || byPlace(before, row) !== 0) continue;
    if (person(before) !== person(row) || byRow(before, row) === 0) throw collision();
  }
  return ordered;
}

function collision(): ScenarioError {
  return new ScenarioError({
    what: "data.placeCollision",
    where: "data.source.person",
    got: "two persons whose identifiers have one hash under this seed",
    expected: "a hash of 96 bits of its own for each person, from which their slots follow",
    fix: "Take another seed.",
  });
}
