/**
 * Anonymized rows, column by column in typed arrays: what a client keeps of its people while it
 * prepares them. A million rows take their numbers' memory; nothing of the raw table is in it but,
 * where risks are to be told, which raw cells were equal.
 */
import type { Cell } from "../source/table-source.ts";
import type { AnonymizedPerson } from "./anonymizer.ts";

export interface KeptColumn {
  /** [rows]: what formulas read; of an open domain, indices into `texts`. */
  readonly values: Float64Array | Int32Array;
  /** Of an open domain, each text once; null: values are numbers, or indices of known labels. */
  readonly texts: readonly Cell[] | null;
}

export interface KeptLog {
  /** [rows + 1]: where each person's events begin. */
  readonly starts: Int32Array;
  /** Field → float64[events]. */
  readonly fields: ReadonlyMap<string, Float64Array>;
}

export interface AnonymizedTable {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, KeptColumn>;
  readonly logs: ReadonlyMap<string, KeptLog>;
  /** Of the columns that risks are of: equal numbers ⇔ equal raw cells. Empty where none is asked. */
  readonly raw: ReadonlyMap<string, Int32Array>;
}

/**
 * Rows again as persons, without taking memory for each: what was read last is gone once the next row
 * is asked for. Logs are views of the table's memory.
 */
export function personReader({ columns, logs }: AnonymizedTable) {
  const values = new Map<string, number>();
  const texts = new Map<string, Cell>();
  const kept = [...columns].map(([name, column]) => ({ name, ...column }));
  const keptLogs = [...logs].map(([name, { starts, fields }]) => {
    const own = new Map<string, Float64Array>();
    return { name, starts, fields: [...fields], own };
  });
  const person = { values, texts, logs: new Map(keptLogs.map(({ name, own }) => [name, own])) };
  return (row: number): AnonymizedPerson => {
    for (const { name, values: all, texts: known } of kept) {
      const value = all[row] ?? Number.NaN;
      if (known === null) values.set(name, value);
      else texts.set(name, known[value] ?? null);
    }
    for (const { starts, fields, own } of keptLogs) {
      const [start = 0, end = 0] = [starts[row], starts[row + 1]];
      for (const [field, all] of fields) own.set(field, all.subarray(start, end));
    }
    return person;
  };
}
