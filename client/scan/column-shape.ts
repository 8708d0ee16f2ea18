/** What kind of values a column holds, told from its cells alone: for proposals to a scenario's author. */

import { LARGEST_NUMBER } from "../../shared/contract/formula/formula.ts";
import { hasDecimalComma, NUMBER } from "../../shared/number-text.ts";
import { DATE_FORMATS, type DateFormat } from "../../shared/scenario/date-format.ts";
import { isEmptyCell, isImage, textOf } from "../persons/cells.ts";
import { formatsOf } from "../persons/time-cell.ts";
import type { Cell } from "../source/table-source.ts";
import { isUnclear } from "../source/text/decimal-comma.ts";
import { isMissingMark } from "../source/text/missing-mark.ts";

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
  /**
   * Its numbers, ascending: of many rows every second, every fourth …, the least and the largest of all always;
   * empty for other columns.
   */
  readonly numbers: Float64Array;
  readonly negative: boolean;
  /** Ways of writing dates in which every cell is one; more than one where no day of the month is above 12. */
  readonly dates: readonly DateFormat[];
  readonly commas: DecimalCommas;
  /** The number that is farthest from 0, without its sign. */
  readonly largest: number;
}

/** Numbers with a comma in the place of the point, which are text unless the file is read otherwise. */
interface DecimalCommas {
  readonly cells: number;
  /** True where every known cell is such a number, or one without tenths. */
  readonly throughout: boolean;
  /** True where each comma might part thousands as well: 1,234. */
  readonly unclear: boolean;
}

const MOST_DISTINCT = 10_000;
const MOST_NUMBERS = 65_536;
/** Few enough to be written out as a vocabulary. */
const FEW_VALUES = 100;
const DIGITS = /^\d+$/;
/** A zero that a number would lose. */
const ZERO_FIRST = /^0\d+$/;
const SHORTEST_CODE = 3;

/** All marks that occur in any of them, those that most cells hold first: a scenario names them all. */
export function marksIn(columns: readonly Pick<Shape, "marks">[]): string[] {
  const totals = new Map<string, number>();
  for (const { marks } of columns)
    for (const [mark, cells] of marks) totals.set(mark, (totals.get(mark) ?? 0) + cells);
  return [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([mark]) => mark);
}

export class ColumnShape {
  readonly #typed: boolean;
  #rows = 0;
  #empty = 0;
  readonly #marks = new Map<string, number>();
  #integers = 0;
  #numbers = 0;
  #dates: readonly DateFormat[] = DATE_FORMATS;
  #digits = 0;
  #zeroFirst = false;
  #commas = 0;
  #unclear = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #length: number | null = null;
  #sameLength = true;
  readonly #counts = new Map<string, number>();
  #sample: number[] = [];
  #stride = 1;

  /** @param typed true where text is text, however like a number it looks */
  constructor(typed: boolean) {
    this.#typed = typed;
  }

  get marks(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  /** @returns false for a mark of what is missing */
  add(cell: Cell): boolean {
    this.#rows++;
    // An image is no value that a column could be known by.
    if (isEmptyCell(cell) || isImage(cell)) {
      this.#empty++;
      return true;
    }
    const text = textOf(cell);
    if (isMissingMark(text)) {
      this.#empty++;
      this.#marks.set(text, (this.#marks.get(text) ?? 0) + 1);
      return false;
    }
    if (this.#counts.size <= MOST_DISTINCT || this.#counts.has(text))
      this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
    if (this.#length !== null && this.#length !== text.length) this.#sameLength = false;
    this.#length = text.length;
    if (this.#dates.length > 0) this.#dates = formatsOf(cell, this.#dates);
    if (typeof cell === "string") this.#text(cell);
    if (NUMBER.test(text) && !(this.#typed && typeof cell !== "number")) this.#number(Number(text));
    return true;
  }

  #text(text: string): void {
    if (DIGITS.test(text)) {
      this.#digits++;
      this.#zeroFirst ||= ZERO_FIRST.test(text);
    }
    if (!hasDecimalComma(text)) return;
    this.#commas++;
    if (isUnclear(text)) this.#unclear++;
  }

  #number(value: number): void {
    if (this.#numbers % this.#stride === 0) this.#sample.push(value);
    if (this.#sample.length > MOST_NUMBERS) {
      this.#sample = this.#sample.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#numbers++;
    if (Number.isInteger(value)) this.#integers++;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  get #largest(): number {
    return this.#numbers === 0 ? 0 : Math.max(Math.abs(this.#least), Math.abs(this.#most));
  }

  /** A sample may miss both ends: bounds that leave nothing outside are read off them. */
  #sampled(): Float64Array {
    const sorted = Float64Array.from(this.#sample).sort();
    if (sorted.length === 0) return sorted;
    const low = (sorted[0] ?? 0) > this.#least ? [this.#least] : [];
    const high = (sorted.at(-1) ?? 0) < this.#most ? [this.#most] : [];
    return Float64Array.from([...low, ...sorted, ...high]);
  }

  /** Every mark counts as an empty cell. */
  shape(): Shape {
    const values = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return {
      rows: this.#rows,
      empty: this.#empty,
      marks: this.#marks,
      type: this.#type(),
      distinct: values.length,
      values: values.length <= FEW_VALUES ? values : [],
      length: this.#sameLength ? this.#length : null,
      numbers: this.#sampled(),
      negative: this.#least < 0,
      dates: this.#rows > this.#empty ? this.#dates : [],
      commas: {
        cells: this.#commas,
        throughout: this.#commas > 0 && this.#commas + this.#integers === this.#rows - this.#empty,
        unclear: this.#commas === this.#unclear,
      },
      largest: this.#largest,
    };
  }

  /** Of dates and codes none may be missing: there is no value that could stand for one. */
  #type(): ShapeType {
    const known = this.#rows - this.#empty;
    if (known === 0) return "empty";
    const whole = this.#empty === 0;
    if (this.#dates.length > 0 && whole) return "date";
    // Digits that are no quantity: a zero stands first, or the source says that they are text.
    const textual = this.#typed && this.#sameLength && (this.#length ?? 0) >= SHORTEST_CODE;
    if (this.#digits === known && (this.#zeroFirst || textual) && whole) return "code";
    const fits = this.#largest < LARGEST_NUMBER / 10 && !this.#zeroFirst;
    if (this.#numbers === known && fits) return this.#integers === known ? "integer" : "number";
    return this.#counts.size <= FEW_VALUES ? "category" : "text";
  }
}
