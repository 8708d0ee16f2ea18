/** A person as read, before any stage: cells as text, events as numbers. */

/** Events of one person, in any order. */
export interface RawLog {
  /** Milliseconds since 1970 UTC: float64[events]. */
  readonly times: Float64Array;
  /** Field → float64[events]. */
  readonly fields: ReadonlyMap<string, Float64Array>;
}

export interface RawPerson {
  /** Whence: "people.csv, line 17". For messages, which never quote a cell. */
  readonly place: string;
  /** Column of the contract → cell. */
  readonly values: ReadonlyMap<string, string>;
  readonly logs: ReadonlyMap<string, RawLog>;
}
