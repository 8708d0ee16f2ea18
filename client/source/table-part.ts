/** What each format's reader gives: its rows in parts, every part with the header it belongs to. */
import { ScenarioError } from "../../shared/errors.ts";
import type { ScenarioSource } from "../../shared/scenario/data-schema.ts";
import type { MemoryFiles } from "./memory-files.ts";
import type { SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import type { Cell, SourceRow } from "./table-source.ts";

export interface TablePart {
  readonly header: readonly string[];
  readonly typed: boolean;
  /** Of an image, as the format tells it: 28, 28. */
  readonly imageShape?: readonly number[];
  /** None where the header is known before any row is. */
  readonly rows: readonly SourceRow[];
}

/** How a CSV file is written, as its user says. */
export interface CsvForm {
  /** What parts its cells; absent: what its first line shows. */
  readonly delimiter?: ScenarioSource["delimiter"];
  /** What stands before the tenths; absent: a point. */
  readonly decimal?: ScenarioSource["decimal"];
}

/** What `openTable` takes; see there. */
export interface TableOptions extends CsvForm {
  readonly header?: readonly string[];
  readonly limits: SourceLimits;
  /** Rows that cannot be read come with their fault; else the first is refused. */
  readonly keepsFaulty?: boolean;
  /** A file may be without rows, or empty; else both are refused. */
  readonly mayBeEmpty?: boolean;
  /** Are read in the place of files of their names; absent: there are none. */
  readonly memory?: MemoryFiles | undefined;
}

/**
 * A row as `read` gives it; one that it refuses is kept by its fault where the reader asks for such rows.
 *
 * @throws ScenarioError that of `read`, where it does not
 */
export function rowOrFault(
  line: number,
  columns: number,
  { keepsFaulty }: Pick<TableOptions, "keepsFaulty">,
  read: () => readonly Cell[],
): SourceRow {
  try {
    return { line, cells: read() };
  } catch (error) {
    if (!keepsFaulty || !(error instanceof ScenarioError)) throw error;
    return { line, cells: new Array<Cell>(columns).fill(null), fault: error };
  }
}

const NAME = "Name it; pandas writes its index so unless asked not to: to_csv(FILE, index=False).";

/**
 * The header, once it is sound.
 *
 * @throws ScenarioError `data.columns`, `data.header` or `data.duplicateColumn`
 */
export function checkedHeader(
  header: readonly string[],
  path: string,
  limits: SourceLimits,
): readonly string[] {
  if (!(header.length >= 1 && header.length <= limits.columns))
    refuseFile("data.columns", path, `${header.length} columns`, `1 to ${limits.columns}`);
  const nameless = header.indexOf("");
  if (nameless >= 0)
    refuseFile(
      "data.header",
      path,
      `a column without a name, number ${nameless + 1}`,
      "names",
      NAME,
    );
  // No object could have it as a key of its own.
  if (header.includes("__proto__"))
    refuseFile("data.header", path, "a column named __proto__", "another name");
  const second = header.findIndex((name, i) => header.indexOf(name) !== i);
  if (second < 0) return header;
  const first = header.indexOf(header[second] ?? "");
  // By number: where a file has no header line, its names are a row's cells.
  const got = `one name for columns ${first + 1} and ${second + 1}`;
  return refuseFile("data.duplicateColumn", path, got, "each name once");
}
