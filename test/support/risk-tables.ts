/** Small tables for the privacy models: written by hand, or drawn. */
import fc from "fast-check";
import type { CodedColumn } from "../../client/risk/models/coded-table.ts";
import { classesOf } from "../../client/risk/models/equivalence-classes.ts";
import { type ValueCounts, valueCounts } from "../../client/risk/models/value-counts.ts";

export function codedColumn(name: string, cells: readonly number[]): CodedColumn {
  return { name, codes: Float64Array.from(cells) };
}

/** Each class by its rows' sensitive values; classes are numbered as they are given. */
export function countsOf(...classes: readonly (readonly number[])[]): ValueCounts {
  const ids = classes.flatMap((values, id) => values.map(() => id));
  const quasi = codedColumn("class", ids);
  return valueCounts(classesOf([quasi], ids.length), codedColumn("value", classes.flat()));
}

/** Up to 5 classes of up to 8 rows each, with values 0 … 5. */
export const anyClasses = fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 5,
});

/** How often each of the values 0 … count - 1 occurs. */
export function tally(values: readonly number[], count: number): number[] {
  const times = new Array<number>(count).fill(0);
  for (const value of values) times[value] = (times[value] ?? 0) + 1;
  return times;
}
