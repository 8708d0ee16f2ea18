/**
 * `murmur scan`: which columns of a table hold people, and in what role each might be declared. Prints
 * counts and kinds, never a value. `--values` answers JSON lines on standard input instead.
 */
import { once } from "node:events";
import { basename } from "node:path";
import { plural } from "../../client/scan/propose-role.ts";
import { scanValue } from "../../client/scan/scan-value.ts";
import type { CsvForm } from "../../client/source/table-part.ts";
import { type ScanReport, scanTable } from "../../client/table/scan-table.ts";
import { located } from "../../run/scenario/located.ts";
import { printable, ScenarioError } from "../../shared/errors.ts";
import { columns as aligned } from "../screen/print-trace.ts";
import { linesOf, MAX_LINE_BYTES } from "../terminal/lines.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface ScanOptions extends OutputOptions {
  readonly values?: boolean;
  readonly delimiter?: CsvForm["delimiter"];
}

/** @throws ScenarioError for a table that cannot be read, a line that is no question, or neither given */
export async function scan(table: string | undefined, options: ScanOptions): Promise<void> {
  if (options.values) {
    if (table !== undefined) throw misuse("a table and --values", "one of them");
    return answerValues();
  }
  if (table === undefined) throw misuse("neither", "a table, or --values");
  const { delimiter } = options;
  const report = {
    ...(await scanTable(await located(table, "the table"), { delimiter })),
    table: basename(table),
  };
  if (options.json) console.log(JSON.stringify(report));
  else for (const line of reportLines(report, options.quiet ?? false)) console.log(line);
}

function misuse(got: string, expected: string): ScenarioError {
  const fix = "Name a table, or pass --values and write JSON lines to standard input.";
  return new ScenarioError({ what: "scan", where: "the command line", got, expected, fix });
}

function reportLines({ table, rows, lookedFor, columns }: ScanReport, quiet: boolean): string[] {
  const people = columns.filter(({ verdict }) => verdict !== "harmless");
  const lines = (quiet ? people : columns).map(
    ({ column, type, certain, hits, looked, role, why }) => [
      printable(column),
      type === null || hits === 0 ? "–" : plural(type),
      hits === 0 ? "" : `${hits} of ${looked} cells`,
      hits === 0 ? "" : certain ? "certain" : "likely",
      role,
      why,
    ],
  );
  const head = ["column", "found", "cells", "", "proposed role", "because"];
  if (quiet) return aligned(lines);
  return [
    `Murmur scan · ${printable(table)}: ${rows} rows × ${columns.length} columns`,
    "",
    ...aligned([head, ...lines]).map((line) => `    ${line}`),
    "",
    `Looked for: ${lookedFor.join(", ")}; and by names of columns for ages, places and the like.`,
    "Finding nothing is no proof that nothing is there. These counts are about the rows: keep them where the rows are.",
  ];
}

/** JSON lines {"value": "…"} → {"labels": […]} each, in order, as they come. */
async function answerValues(): Promise<void> {
  let line = 0;
  for await (const text of linesOf(process.stdin)) {
    line += 1;
    if (text?.trim() === "") continue;
    const labels = [...new Set(scanValue(valueIn(text, line)).map(({ label }) => label))];
    if (!process.stdout.write(`${JSON.stringify({ labels })}\n`))
      await once(process.stdout, "drain");
  }
}

function valueIn(text: string | null, line: number): string {
  if (text === null) throw malformed(line, `more than ${MAX_LINE_BYTES} bytes`);
  const parsed = parse(text, line);
  if (typeof parsed !== "object" || parsed === null || !("value" in parsed))
    throw malformed(line, "JSON without a value");
  const { value } = parsed;
  if (typeof value !== "string") throw malformed(line, `a value of type ${typeof value}`);
  return value;
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(line, "no JSON");
  }
}

/** Says what kind of thing the line was, never what it held. */
function malformed(line: number, got: string): ScenarioError {
  return new ScenarioError({
    what: "the line",
    where: `standard input, line ${line}`,
    got,
    expected: '{"value": "…"}',
    fix: "Write one such JSON object a line.",
  });
}
