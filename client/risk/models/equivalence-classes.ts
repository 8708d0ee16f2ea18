/**
 * Rows of an anonymized table that nothing tells apart: equal on all quasi-identifiers, where a
 * missing value is a value like any other and matches nothing else.
 */
import type { CodedColumn } from "./coded-table.ts";
import { type DenseCodes, denseCodes } from "./dense-codes.ts";

export interface Classes {
  /** [rows]: the row's class, below `sizes.length`. */
  readonly classOf: Int32Array;
  /** [classes], each at least 1; empty without rows. */
  readonly sizes: Int32Array;
}

/**
 * One class of all rows, split by one column after the other: time of rows × columns, memory of rows.
 * Without a column it stays whole. Of all this only the classes' numbers depend on the rows' order.
 */
export function classesOf(columns: Iterable<CodedColumn>, rows: number): Classes {
  let classes: Classes = {
    classOf: new Int32Array(rows),
    sizes: Int32Array.from(rows > 0 ? [rows] : []),
  };
  for (const column of columns) classes = split(classes, denseCodes(column, rows));
  return classes;
}

/** All rows, those of class 0 first; and where each class begins, [classes + 1]. */
export function rowsByClass({ classOf, sizes }: Classes): {
  readonly rows: Int32Array;
  readonly starts: Int32Array;
} {
  const starts = new Int32Array(sizes.length + 1);
  for (let id = 0; id < sizes.length; id++) starts[id + 1] = (starts[id] ?? 0) + (sizes[id] ?? 0);
  const next = starts.slice();
  const rows = new Int32Array(classOf.length);
  for (let row = 0; row < classOf.length; row++) {
    const id = classOf[row] ?? 0;
    const place = next[id] ?? 0;
    rows[place] = row;
    next[id] = place + 1;
  }
  return { rows, starts };
}

function split(classes: Classes, { ids, codes }: DenseCodes): Classes {
  const { rows, starts } = rowsByClass(classes);
  const classOf = new Int32Array(rows.length);
  const sizes = new Int32Array(rows.length);
  // The class that a value opened last; one below `first` was opened by an earlier class's rows.
  const opened = new Int32Array(codes.length).fill(-1);
  let count = 0;
  for (let whole = 0; whole < classes.sizes.length; whole++) {
    const first = count;
    const end = starts[whole + 1] ?? 0;
    for (let place = starts[whole] ?? 0; place < end; place++) {
      const row = rows[place] ?? 0;
      const value = ids[row] ?? 0;
      let id = opened[value] ?? -1;
      if (id < first) {
        id = count++;
        opened[value] = id;
      }
      classOf[row] = id;
      sizes[id] = (sizes[id] ?? 0) + 1;
    }
  }
  return { classOf, sizes: sizes.slice(0, count) };
}
