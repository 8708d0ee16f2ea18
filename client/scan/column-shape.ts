/** What kind of values a column holds, told from its cells alone: for proposals to a scenario's author. */
import { isEmptyCell, textOf } from "../cells.ts";
import type { Cell } from "../source/table-source.ts";

export type ShapeType = "integer" | "number" | "date" | "code" | "category" | "text" | "empty";

export interface Shape {
  readonly rows: number;
  /** Cells that are empty, or hold a mark of what is missing. */
  readonly empty: number;
  /** Such marks, and how many cells hold each. */
  readonly marks: ReadonlyMap<string, number>;
  readonly type: ShapeType;
  /** Distinct cells; more than `MOST_DISTINCT` are not counted. */
  readonly distinct: number;
  /** Of few distinct cells: each, with how many rows have it, the commonest first. */
  readonly values: readonly (readonly [text: string, rows: number])[];
  /** Characters that all codes have; null: they differ. */
  readonly length: number | null;
  /** The least power of ten above every number, 0 for other columns; negative numbers or not. */
  readonly magnitude: number;
  readonly negative: boolean;
}

export const MOST_DISTINCT = 10_000;
/** Few enough to be written out as a vocabulary. */
export const FEW_VALUES = 100;
/** Cells that many files write where nothing is known. */
export const MISSING_MARKS: readonly string[] = ["?", "NA", "N/A", "NULL", "null"];

const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}([T ].*)?$/;
/** Digits that are no quantity: the first is a zero that a number would lose. */
const ZERO_FIRST = /^0\d+$/;

export class ColumnShape {
  #rows = 0;
  #empty = 0;
  readonly #marks = new Map<string, number>();
  #integers = 0;
  #numbers = 0;
  #dates = 0;
  #zeroFirst = 0;
  #negative = false;
  #largest = 0;
  #length: number | null = null;
  #sameLength = true;
  readonly #counts = new Map<string, number>();

  add(cell: Cell): void {
    this.#rows++;
    if (isEmptyCell(cell)) {
      this.#empty++;
      return;
    }
    const text = textOf(cell);
    if (MISSING_MARKS.includes(text)) {
      this.#empty++;
      this.#marks.set(text, (this.#marks.get(text) ?? 0) + 1);
      return;
    }
    if (this.#counts.size <= MOST_DISTINCT || this.#counts.has(text))
      this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
    if (this.#length !== null && this.#length !== text.length) this.#sameLength = false;
    this.#length = text.length;
    if (DATE.test(text)) this.#dates++;
    if (!NUMBER.test(text)) return;
    this.#numbers++;
    if (INTEGER.test(text)) this.#integers++;
    if (ZERO_FIRST.test(text) && typeof cell === "string") this.#zeroFirst++;
    this.#negative ||= Number(text) < 0;
    this.#largest = Math.max(this.#largest, Math.abs(Number(text)));
  }

  get shape(): Shape {
    const values = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return {
      rows: this.#rows,
      empty: this.#empty,
      marks: this.#marks,
      type: this.#type(),
      distinct: values.length,
      values: values.length <= FEW_VALUES ? values : [],
      length: this.#sameLength ? this.#length : null,
      magnitude:
        this.#numbers > 0 ? 10 ** Math.max(0, Math.ceil(Math.log10(this.#largest + 1))) : 0,
      negative: this.#negative,
    };
  }

  #type(): ShapeType {
    const told = this.#rows - this.#empty;
    if (told === 0) return "empty";
    if (this.#dates === told) return "date";
    if (this.#zeroFirst > 0 && this.#integers === told) return "code";
    if (this.#integers === told) return "integer";
    if (this.#numbers === told) return "number";
    return this.#counts.size <= FEW_VALUES ? "category" : "text";
  }
}
