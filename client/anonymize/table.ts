/**
 * Anonymized rows, column by column in typed arrays: what a client keeps of its people while it
 * prepares them. A million rows take their numbers' memory; nothing of the raw table is in it but,
 * where risks are to be told, which raw cells were equal.
 */
import type { Value } from "../source/table-source.ts";
import type { AnonymizedPerson } from "./anonymizer.ts";

export interface KeptColumn {
  /** [rows]: what formulas read; of an open domain, indices into `texts`. */
  readonly values: Float64Array | Int32Array;
  /** Of an open domain, each text once; null: values are numbers, or indices of known labels. */
  readonly texts: readonly Value[] | null;
}

/** A column of images, one behind the other. */
export interface KeptImages {
  /** Of each. */
  readonly size: number;
  /** uint8[rows × size] */
  readonly bytes: Uint8Array;
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
  readonly images: ReadonlyMap<string, KeptImages>;
  /** Of the columns that risks are of: equal numbers ⇔ equal raw cells. Empty where none is asked. */
  readonly raw: ReadonlyMap<string, Int32Array>;
}

/**
 * Rows again as persons, without taking memory for each: what was read last is gone once the next row
 * is asked for. Logs and images are views of the table's memory.
 */
export function personReader({ columns, logs, images: pictures }: AnonymizedTable) {
  const values = new Map<string, number>();
  const texts = new Map<string, Value>();
  const images = new Map<string, Uint8Array>();
  const kept = [...columns].map(([name, column]) => ({ name, ...column }));
  const keptLogs = [...logs].map(([name, { starts, fields }]) => {
    const own = new Map<string, Float64Array>();
    return { name, starts, fields: [...fields], own };
  });
  const ownLogs = new Map(keptLogs.map(({ name, own }) => [name, own]));
  const person = { values, texts, images, logs: ownLogs };
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
    for (const [name, { size, bytes }] of pictures)
      images.set(name, bytes.subarray(row * size, (row + 1) * size));
    return person;
  };
}
