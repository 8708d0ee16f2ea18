/** A person as read, before any stage: cells as they were, events as numbers. */

import type { Cell } from "../source/table-source.ts";
import type { PersonPlace } from "./person-place.ts";
import type { PersonRow } from "./person-rows.ts";

/** Events of one person, in any order. */
export interface RawLog {
  /** Milliseconds since 1970 UTC: float64[events]. */
  readonly times: Float64Array;
  /** Field → float64[events]; a category is its index. */
  readonly fields: ReadonlyMap<string, Float64Array>;
}

export interface RawPerson {
  /** Whence: a file, or what else held the person. For messages, which never quote a cell. */
  readonly source: string;
  /** Line or number in there, from 1. */
  readonly line: number;
  /** Absent: no column names the person, who then goes by its line. */
  readonly place?: PersonPlace | undefined;
  /** Where a person may have several rows: which of its person's this one is. */
  readonly row?: PersonRow | undefined;
  /** By the contract's columns, in their order; null: empty, or not there. */
  readonly cells: readonly Cell[];
  /** True: nothing of it can be used; it keeps its place. */
  readonly aside?: true;
  /** By name, of the contract's event logs; a log that is not there has no events. */
  readonly logs: ReadonlyMap<string, RawLog>;
}

/** "people.csv, line 17, age". */
export function cellPlace({ source, line }: RawPerson, column: string): string {
  return `${source}, line ${line}, ${column}`;
}

export const NO_EVENTS: RawLog = { times: new Float64Array(), fields: new Map() };
