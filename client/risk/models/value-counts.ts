/**
 * How often each value of one sensitive column occurs in each equivalence class: all that l-diversity,
 * t-closeness and their relatives read. Sparse, for a class seldom has many of the values.
 */
import type { CodedColumn } from "./coded-table.ts";
import { denseCodes } from "./dense-codes.ts";
import { type Classes, rowsByClass } from "./equivalence-classes.ts";

/** A pair is a class and a value that occurs in it; class j has pairs starts[j] … starts[j + 1] - 1. */
export interface ValueCounts {
  readonly rows: number;
  /** [classes] */
  readonly sizes: Int32Array;
  /** [values]: rows with the value; 0 for a value that never occurs. */
  readonly totals: Int32Array;
  /** Value → the column's own code. */
  readonly codes: CodedColumn["codes"];
  /** [classes + 1] */
  readonly starts: Int32Array;
  /** [pairs], ascending within a class. */
  readonly values: Int32Array;
  /** [pairs], at least 1 each. */
  readonly counts: Int32Array;
  /** [pairs]: `counts`, ascending within a class. */
  readonly ranked: Int32Array;
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a kernel: two loops within one, over the same scratch arrays.
export function valueCounts(classes: Classes, column: CodedColumn): ValueCounts {
  const { sizes } = classes;
  const { ids, codes } = denseCodes(column, classes.classOf.length);
  const { rows, starts: classStarts } = rowsByClass(classes);
  const totals = new Int32Array(codes.length);
  const inClass = new Int32Array(codes.length);
  const starts = new Int32Array(sizes.length + 1);
  const values = new Int32Array(rows.length);
  const counts = new Int32Array(rows.length);
  let pairs = 0;
  for (let id = 0; id < sizes.length; id++) {
    const first = pairs;
    for (let place = classStarts[id] ?? 0; place < (classStarts[id + 1] ?? 0); place++) {
      const value = ids[rows[place] ?? 0] ?? 0;
      const before = inClass[value] ?? 0;
      if (before === 0) values[pairs++] = value;
      inClass[value] = before + 1;
    }
    if (pairs - first > 1) values.subarray(first, pairs).sort();
    for (let pair = first; pair < pairs; pair++) {
      const value = values[pair] ?? 0;
      const count = inClass[value] ?? 0;
      counts[pair] = count;
      totals[value] = (totals[value] ?? 0) + count;
      inClass[value] = 0;
    }
    starts[id + 1] = pairs;
  }
  const used = { values: values.slice(0, pairs), counts: counts.slice(0, pairs) };
  const ranked = rankedIn(starts, used.counts);
  return { rows: rows.length, sizes, totals, codes, starts, ...used, ranked };
}

function rankedIn(starts: Int32Array, counts: Int32Array): Int32Array {
  const ranked = counts.slice();
  for (let id = 0; id + 1 < starts.length; id++) {
    const from = starts[id] ?? 0;
    const to = starts[id + 1] ?? 0;
    if (to - from > 1) ranked.subarray(from, to).sort();
  }
  return ranked;
}
