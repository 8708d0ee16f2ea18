/** What kind of values a column holds, told from its cells alone: for proposals to a scenario's author. */
import { LARGEST_NUMBER } from "../../shared/contract/formula/formula.ts";
import { isEmptyCell, isImage, NUMBER, textOf, timeCell } from "../persons/cells.ts";
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
  /** The number that is farthest from 0, without its sign; the least power of ten above it; 0 for other columns. */
  readonly largest: number;
  readonly magnitude: number;
  readonly negative: boolean;
}

const MOST_DISTINCT = 10_000;
/** Few enough to be written out as a vocabulary. */
const FEW_VALUES = 100;
/** Cells that many files write where nothing is known. */
const MISSING_MARKS: readonly string[] = ["?", "NA", "N/A", "NULL", "null"];

const INTEGER = /^[+-]?\d{1,15}$/;
const DIGITS = /^\d+$/;
/** A zero that a number would lose. */
const ZERO_FIRST = /^0\d+$/;
const SHORTEST_CODE = 3;

/** Of several columns' marks, the one that most cells hold: a scenario can name one. */
export function commonestMark(columns: readonly Pick<Shape, "marks">[]): string | null {
  const totals = new Map<string, number>();
  for (const { marks } of columns)
    for (const [mark, cells] of marks) totals.set(mark, (totals.get(mark) ?? 0) + cells);
  const [first] = [...totals].sort(([, m], [, n]) => n - m);
  return first?.[0] ?? null;
}

export class ColumnShape {
  readonly #typed: boolean;
  #rows = 0;
  #empty = 0;
  readonly #marks = new Map<string, number>();
  #integers = 0;
  #numbers = 0;
  #dated = true;
  #digits = 0;
  #zeroFirst = false;
  #negative = false;
  #largest = 0;
  #length: number | null = null;
  #sameLength = true;
  readonly #counts = new Map<string, number>();

  /** @param typed true where text is text, however like a number it looks */
  constructor(typed: boolean) {
    this.#typed = typed;
  }

  get marks(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  add(cell: Cell): void {
    this.#rows++;
    // An image is no value that a column could be told by.
    if (isEmptyCell(cell) || isImage(cell)) {
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
    this.#dated &&= isTime(cell);
    if (INTEGER.test(text)) this.#integers++;
    if (typeof cell === "string" && DIGITS.test(text)) {
      this.#digits++;
      this.#zeroFirst ||= ZERO_FIRST.test(text);
    }
    if (!NUMBER.test(text) || (this.#typed && typeof cell !== "number")) return;
    this.#numbers++;
    this.#negative ||= Number(text) < 0;
    this.#largest = Math.max(this.#largest, Math.abs(Number(text)));
  }

  /** @param mark the one that the scenario says is empty; others stay text */
  shape(mark: string | null): Shape {
    const values = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return {
      rows: this.#rows,
      empty: this.#empty,
      marks: this.#marks,
      type: this.#type(mark),
      distinct: values.length,
      values: values.length <= FEW_VALUES ? values : [],
      length: this.#sameLength ? this.#length : null,
      largest: this.#largest,
      magnitude:
        this.#numbers > 0 ? 10 ** Math.max(0, Math.ceil(Math.log10(this.#largest + 1))) : 0,
      negative: this.#negative,
    };
  }

  /** Of dates and codes none may be missing: there is no value that could stand for one. */
  #type(mark: string | null): ShapeType {
    const told = this.#rows - this.#empty;
    if (told === 0) return "empty";
    const whole = this.#empty === 0;
    if (this.#dated && whole) return "date";
    // Digits that are no quantity: a zero stands first, or the source says that they are text.
    const textual = this.#typed && this.#sameLength && (this.#length ?? 0) >= SHORTEST_CODE;
    if (this.#digits === told && (this.#zeroFirst || textual) && whole) return "code";
    const fits = this.#largest < LARGEST_NUMBER / 10 && !this.#zeroFirst;
    const onlyMark = [...this.#marks.keys()].every((other) => other === mark);
    if (this.#numbers === told && fits && onlyMark)
      return this.#integers === told ? "integer" : "number";
    return this.#counts.size <= FEW_VALUES ? "category" : "text";
  }
}

function isTime(cell: Cell): boolean {
  try {
    timeCell(cell, "");
    return true;
  } catch {
    return false;
  }
}
