/** How a file of separated cells is written, by its first lines: what parts its cells, and its lines. */
import type { ScenarioSource } from "../../../shared/scenario/data-schema.ts";

/** Those that a scenario may declare, and no others are looked for. */
export type Delimiter = NonNullable<ScenarioSource["delimiter"]>;
export const DELIMITERS: readonly Delimiter[] = [",", ";", "\t", "|"];

export interface Dialect {
  readonly delimiter: Delimiter;
  /** What ends a line, or the last byte of it: a carriage return alone is how old spreadsheets of the Mac write. */
  readonly lineEnd: "\n" | "\r";
  /** True where the first line is Excel's `sep=;`, which is no row. */
  readonly sepLine: boolean;
}

/** What is known beforehand. */
export interface Declared {
  readonly delimiter?: Delimiter | undefined;
  /** How many columns there are, where the file has no header line; UCI's remark may come first then. */
  readonly columns?: number | undefined;
}

const BYTE_ORDER_MARK = /^\ufeff/;
const SEP_LINE = /^"?sep=([,;\t|])"?$/i;

/**
 * A comma, unless the first line has none outside quotes and another sign in its place: so a file whose cells
 * are parted by commas is read as it always was. One column is one column.
 *
 * @param start of the file; it may end anywhere
 */
export function dialectOf(start: string, { delimiter, columns }: Declared = {}): Dialect {
  const text = start.replace(BYTE_ORDER_MARK, "");
  const lineEnd = text.includes("\r") && !text.includes("\n") ? "\r" : "\n";
  const lines = text.split(lineEnd === "\r" ? lineEnd : /\r?\n/).filter((line) => line !== "");
  const sep = SEP_LINE.exec(lines[0] ?? "")?.[1];
  const said = DELIMITERS.find((sign) => sign === sep);
  if (said !== undefined) return { delimiter: delimiter ?? said, lineEnd, sepLine: true };
  const remarked = columns !== undefined && lines[0]?.startsWith("|");
  const first = lines[remarked ? 1 : 0] ?? "";
  const found = columns === 1 ? "," : likeliest(first);
  return { delimiter: delimiter ?? found, lineEnd, sepLine: false };
}

/** @param line the first one; a line break within quotes cuts it short, which changes nothing here */
function likeliest(line: string): Delimiter {
  const bare = line.replaceAll(/"(?:[^"]|"")*(?:"|$)/g, "");
  const counts = DELIMITERS.map((sign) => bare.split(sign).length - 1);
  if ((counts[0] ?? 0) > 0) return ",";
  const most = counts.indexOf(Math.max(...counts));
  return DELIMITERS[most] ?? ",";
}
