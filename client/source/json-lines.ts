/**
 * JSON lines (RFC 8259, one object a line) as parts of a table. The first object names the columns;
 * the others have those or fewer, in any order. Blank lines are left out. Messages name line and
 * column.
 */
import { keysOf, parseRow } from "./json-row.ts";
import { BATCH_ROWS, type SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { rowOrFault, type TableOptions, type TablePart } from "./table-part.ts";
import type { SourceRow } from "./table-source.ts";
import { textChunks } from "./text-chunks.ts";

/** @throws ScenarioError `data.*` */
export async function* jsonLinesParts(
  chunks: AsyncIterable<Buffer>,
  path: string,
  options: TableOptions,
): AsyncGenerator<TablePart> {
  const { header: given, limits, mayBeEmpty } = options;
  if (given)
    refuseFile("data.header", path, "a header of its own", "no header beside one in the scenario");
  let header: readonly string[] | undefined;
  let rows: SourceRow[] = [];
  let line = 0;
  for await (const block of lineBlocks(textChunks(chunks, path), path, limits)) {
    for (const text of block) {
      line += 1;
      if (isBlank(text)) continue;
      header ??= keysOf(text, path, line, limits);
      const names = header;
      const where = `${path}, line ${line}`;
      rows.push(rowOrFault(line, names.length, options, () => parseRow(text, names, where)));
      if (rows.length < BATCH_ROWS) continue;
      yield { header, typed: true, rows };
      rows = [];
    }
  }
  if (!header && mayBeEmpty) return yield { header: [], typed: true, rows: [] };
  if (!header) return refuseFile("data.empty", path, "no line", "one object a line");
  if (rows.length > 0) yield { header, typed: true, rows };
}

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = "\ufeff";

/** Whole lines, as many as a chunk completes: a line feed never lies inside a character. */
async function* lineBlocks(
  chunks: AsyncIterable<Buffer>,
  path: string,
  { rowBytes }: SourceLimits,
): AsyncGenerator<readonly string[]> {
  let line = 1;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const lines = (last: Buffer): string[] => {
    const text = Buffer.concat([...begun, last]).toString("utf8");
    const found = (line === 1 ? withoutMark(text) : text).split("\n");
    const long = found.findIndex(({ length }) => length > rowBytes);
    if (long >= 0) refuseLine(path, line + long, rowBytes);
    return found;
  };
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end >= 0) {
      const found = lines(chunk.subarray(0, end));
      yield found;
      line += found.length;
      [begun, begunBytes] = [[], 0];
    }
    begun.push(chunk.subarray(end + 1));
    begunBytes += chunk.length - end - 1;
    if (begunBytes > rowBytes) refuseLine(path, line, rowBytes);
  }
  if (begunBytes > 0) yield lines(Buffer.alloc(0));
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** By JSON's own white space. */
function isBlank(text: string): boolean {
  return /^[ \t\r]*$/.test(text);
}

function refuseLine(path: string, line: number, rowBytes: number): never {
  const where = `${path}, line ${line}`;
  return refuseFile("data.fieldSize", where, "a longer line", `at most ${rowBytes} bytes`);
}
