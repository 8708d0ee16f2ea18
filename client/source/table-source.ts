/** A table as it comes in: a header, then rows in batches, whatever the file's format. */
import type { ScenarioError } from "../../shared/errors.ts";

/** Text, or what a typed format (Parquet, JSON lines) says. */
export type Value = string | number | boolean | null;

/**
 * What a cell holds before any stage: a value, or the bytes of an image. Bytes are no text: whoever
 * wants a value asks for one (`valueCell`), and is refused.
 */
export type Cell = Value | Uint8Array;

export interface SourceRow {
  /** Where the row stands in the file: its line, or its number, from 1; for messages. */
  readonly line: number;
  /** As long as the header. */
  readonly cells: readonly Cell[];
  /** Why it cannot be read, where the reader asked to be given such rows too; its cells are empty then. */
  readonly fault?: ScenarioError;
}

export interface TableSource {
  /** Distinct, none empty; no names at all where the file is empty, which its reader asked for. */
  readonly header: readonly string[];
  /** True where cells have types of their own: text is then no number, and 2138 no zip code. */
  readonly typed: boolean;
  /** Of an image, as the format tells it: 28, 28. Absent where it tells none. */
  readonly imageShape?: readonly number[];
  /**
   * Once through, in the file's order. Never more than a few batches are in memory. The file is
   * closed at the end, and where whoever iterates stops before it.
   */
  readonly batches: AsyncIterable<readonly SourceRow[]>;
}
