/**
 * Of a person who may have several rows, the ones that are used: as many as the plan says, by hash of
 * (seed, whose they are, what they hold, which of equal ones), never by line, so that neither the order
 * of the file nor anybody else's rows decide. Equal rows are one as good as the other.
 */
import { createHash, createHmac } from "node:crypto";
import { deriveKey, seedBytes } from "../../shared/noise/random.ts";
import type { Cell } from "../source/table-source.ts";
import { isImage } from "./cells.ts";
import { Growing } from "./growing.ts";

/** Whose a row is, and where it stands among that person's rows. */
export interface PersonRow {
  /** Numbered within a source, from 0. */
  readonly person: number;
  /** 96 bits, the first number the higher. */
  readonly order: readonly [high: number, low: number];
}

/** Of each row. */
export interface PersonRows {
  /** int32[rows]: its person, numbered over all sources. */
  readonly personOf: Int32Array;
  /** float64[rows × 2] */
  readonly order: Float64Array;
  /** How many a person may have at a client. */
  readonly most: number;
}

const ORDER_BYTES = 6;

/**
 * @returns takes a source's rows in turn
 *   (`key` the person's, `cells` all others in the contract's order)
 */
export function personRowNumbers(seed: number): (key: string, cells: readonly Cell[]) => PersonRow {
  const secret = deriveKey(seedBytes(seed), "person-key/row");
  const persons = new Map<string, number>();
  /** Rows alike, so far. */
  const seen = new Map<string, number>();
  return (key, cells) => {
    const person = persons.get(key) ?? persons.size;
    persons.set(key, person);
    const content = createHash("sha256").update(rowText(key, cells), "utf16le").digest("base64");
    const occurrence = seen.get(content) ?? 0;
    seen.set(content, occurrence + 1);
    const hash = createHmac("sha256", secret).update(`${content}/${occurrence}`).digest();
    const order = [hash.readUIntBE(0, ORDER_BYTES), hash.readUIntBE(ORDER_BYTES, ORDER_BYTES)];
    return { person, order: [order[0] ?? 0, order[1] ?? 0] };
  };
}

/** Types count: 1 and "1" are two rows. */
function rowText(key: string, cells: readonly Cell[]): string {
  return JSON.stringify([
    key,
    cells.map((cell) => (isImage(cell) ? { image: Buffer.from(cell).toString("base64") } : cell)),
  ]);
}

export class GrowingPersonRows {
  readonly #persons = new Growing<Int32Array<ArrayBuffer>>((length) => new Int32Array(length));
  readonly #order = new Growing<Float64Array<ArrayBuffer>>((length) => new Float64Array(length));
  #before = 0;
  #known = 0;

  push({ person, order: [high, low] }: PersonRow): void {
    this.#persons.push(this.#before + person);
    this.#order.push(high);
    this.#order.push(low);
    this.#known = Math.max(this.#known, person + 1);
  }

  /** A source is through: one person in two of them is two, for nothing is joined across clients. */
  nextSource(): void {
    this.#before += this.#known;
    this.#known = 0;
  }

  /**
   * @param most null: a person has one row
   * @returns null unless every row has one
   */
  take(most: number | null, rows: number): PersonRows | null {
    const [personOf, order] = [this.#persons.take(), this.#order.take()];
    return most === null || personOf.length !== rows ? null : { personOf, order, most };
  }
}

/** How many persons those rows are. */
export function personsAmong(rows: Int32Array, { personOf }: Pick<PersonRows, "personOf">): number {
  return new Set(Array.from(rows, (row) => personOf[row])).size;
}

/** Of two rows of one person, the one to be used rather. */
export function compareRows({ order }: Pick<PersonRows, "order">, a: number, b: number): number {
  const part = (row: number, low: 0 | 1) => order[2 * row + low] ?? 0;
  return part(a, 0) - part(b, 0) || part(a, 1) - part(b, 1);
}

/**
 * uint8[rows]: of the rows that count, the first of each person in the order of their hashes.
 *
 * @param counted uint8[rows], what each row says by itself
 */
export function chosenRows(rows: PersonRows, counted: Uint8Array): Uint8Array {
  const { personOf, most } = rows;
  const chosen = new Uint8Array(counted.length);
  const used = new Map<number, number>();
  const inOrder = Int32Array.from(counted.keys()).sort((a, b) => compareRows(rows, a, b));
  for (const row of inOrder) {
    const person = personOf[row] ?? 0;
    const soFar = used.get(person) ?? 0;
    if (counted[row] === 0 || soFar === most) continue;
    used.set(person, soFar + 1);
    chosen[row] = 1;
  }
  return chosen;
}

/**
 * Each person of a client has as many slots as rows may be used, whether or not it has so many: then
 * no rows of one, more of them or fewer, move another's. Nor does suppression, which comes later and
 * leaves gaps.
 *
 * @param ordered rows of a client, each person's together, in their slots' order
 * @param chosen uint8[all rows]: which of them are used
 * @returns where in `ordered` the row of each slot stands; -1: none does, and the slot holds zeros
 */
export function slotsOfPersons(
  ordered: Int32Array,
  chosen: Uint8Array,
  { personOf, most }: Pick<PersonRows, "personOf" | "most">,
): Int32Array {
  const slots: number[] = [];
  let [person, used] = [-1, most];
  const close = () => {
    for (; used < most; used++) slots.push(-1);
  };
  for (const [at, row] of ordered.entries()) {
    const next = personOf[row] ?? 0;
    if (next !== person) {
      close();
      [person, used] = [next, 0];
    }
    if (chosen[row] === 0) continue;
    slots.push(at);
    used++;
  }
  close();
  return Int32Array.from(slots);
}
