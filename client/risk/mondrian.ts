/**
 * Mondrian: strict multidimensional partitioning (LeFevre, DeWitt & Ramakrishnan 2006) of numeric or
 * ordinal quasi-identifiers. Cuts follow the rows' values and nothing else: not their order. One row
 * may move every cut, so this is for publishing and comparison; against the raw table it promises no
 * epsilon.
 */
import { ScenarioError } from "../../shared/errors.ts";
import type { CodedColumn } from "./models/coded-table.ts";

interface MondrianPartition {
  readonly rows: number;
  /** For each column its least and largest code among these rows. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

export interface Mondrian {
  /** [rows]: the row's partition. */
  readonly partitionOf: Int32Array;
  readonly partitions: readonly MondrianPartition[];
}

/**
 * Partitions of at least k rows, equal values never apart, cut until no column allows another cut:
 * with d columns none has more than 2d(k - 1) + m rows, m the most copies of one point.
 *
 * No tie is left to the rows' order: of columns equally wide the first is cut, and the median's copies
 * go to the lower part together, or to the upper one where only that cut is allowed. Copies of a point
 * are never apart, so partitions are sets of points, numbered by where they lie.
 *
 * @param columns of equal length, finite numbers, whose order and distances count
 * @param rows their length; to be given where there may be no column, which leaves one partition
 * @throws ScenarioError `data.fewerRowsThanK`
 */
export function mondrian(
  columns: readonly CodedColumn[],
  k: number,
  rows = columns[0]?.codes.length ?? 0,
): Mondrian {
  checkRows(columns, k, rows);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const cutter = new Cutter(columns, k, order);
  const partitionOf = new Int32Array(rows);
  const partitions: MondrianPartition[] = [];
  const open = [{ from: 0, to: rows }];
  for (let part = open.pop(); part; part = open.pop()) {
    const { from, to } = part;
    const ranges = cutter.ranges(from, to);
    const middle = cutter.cut(from, to, ranges);
    if (middle !== null) {
      open.push({ from: middle, to }, { from, to: middle });
      continue;
    }
    for (const row of order.subarray(from, to)) partitionOf[row] = partitions.length;
    partitions.push({ rows: to - from, ranges });
  }
  return { partitionOf, partitions };
}

type Range = readonly [low: number, high: number];

function checkRows(columns: readonly CodedColumn[], k: number, rows: number): void {
  if (!(Number.isSafeInteger(k) && k >= 1))
    throw new RangeError(`k ${k}: expected a whole number ≥ 1`);
  for (const { name, codes } of columns) {
    if (codes.length !== rows)
      throw new RangeError(`column ${name}: ${codes.length} codes for ${rows} rows`);
    if (!codes.every(Number.isFinite)) throw new RangeError(`column ${name}: not all finite`);
  }
  if (!(rows >= k))
    throw new ScenarioError({
      what: "data.fewerRowsThanK",
      where: "data.anonymity.k",
      got: "fewer rows",
      expected: `at least k = ${k}`,
      fix: "Lower k, or take more data.",
    });
}

/** The rows in an order of its own, in which each partition is a stretch. */
class Cutter {
  readonly #columns: readonly CodedColumn[];
  readonly #k: number;
  readonly #order: Int32Array;
  readonly #sorted: Float64Array;
  readonly #widths: readonly number[];

  constructor(columns: readonly CodedColumn[], k: number, order: Int32Array) {
    this.#columns = columns;
    this.#k = k;
    this.#order = order;
    this.#sorted = new Float64Array(order.length);
    this.#widths = this.ranges(0, order.length).map(([low, high]) => high - low);
  }

  /** Each column's least and largest code in a stretch. */
  ranges(from: number, to: number): Range[] {
    const rows = this.#order.subarray(from, to);
    return this.#columns.map(({ codes }) => {
      let [low, high] = [Infinity, -Infinity];
      for (const row of rows) {
        const code = codes[row] ?? 0;
        if (code < low) low = code;
        if (code > high) high = code;
      }
      return [low, high];
    });
  }

  /**
   * Cuts a stretch in the widest column that allows it, relative to the column's width over all
   * rows; the first of equally wide ones.
   *
   * @returns where the upper part begins; null where no column allows a cut
   */
  cut(from: number, to: number, ranges: readonly Range[]): number | null {
    if (to - from < 2 * this.#k) return null;
    const relative = ranges.map(([low, high], i) => (high - low) / (this.#widths[i] || 1));
    const widestFirst = [...relative.keys()].sort(
      (a, b) => (relative[b] ?? 0) - (relative[a] ?? 0) || a - b,
    );
    for (const index of widestFirst) {
      const column = this.#columns[index];
      if (!column || !((relative[index] ?? 0) > 0)) continue;
      const bound = this.#allowedBound(column, from, to);
      if (bound !== null) return this.#split(column, from, to, bound);
    }
    return null;
  }

  /**
   * The largest code of the lower part. Cuts lie between runs of equal codes; next to the median lie
   * those at the two ends of its run, and where neither leaves k rows on both sides, no other does.
   */
  #allowedBound({ codes }: CodedColumn, from: number, to: number): number | null {
    const size = to - from;
    const sorted = this.#sorted.subarray(0, size);
    for (let i = 0; i < size; i++) sorted[i] = codes[this.#order[from + i] ?? 0] ?? 0;
    sorted.sort();
    const place = (size - 1) >>> 1;
    const median = sorted[place] ?? 0;
    let end = place + 1;
    while (end < size && sorted[end] === median) end++;
    if (size - end >= this.#k) return median;
    let start = place;
    while (start > 0 && sorted[start - 1] === median) start--;
    return start >= this.#k ? (sorted[start - 1] ?? 0) : null;
  }

  /** Codes up to `bound` first. */
  #split({ codes }: CodedColumn, from: number, to: number, bound: number): number {
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = this.#order[i] ?? 0;
      if ((codes[row] ?? 0) > bound) continue;
      this.#order[i] = this.#order[middle] ?? 0;
      this.#order[middle++] = row;
    }
    return middle;
  }
}
