/**
 * `murmur anonymize`: one table through the client's own first stages, how alike its rows were before
 * and are after, and, where asked, the rows that came out. All of it is for the table's owner.
 */
import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { stringify } from "csv-stringify/sync";
import { type AnonymizeReport, anonymizeReport } from "../../client/report/anonymize-report.ts";
import { readTextInside } from "../../client/source/source-file.ts";
import type { CsvForm } from "../../client/source/table-part.ts";
import type { Value } from "../../client/source/table-source.ts";
import { type AnonymizedFile, anonymizeFile } from "../../client/table/anonymize-table.ts";
import { releasedColumns, releasedRows } from "../../client/table/released-table.ts";
import { located } from "../../run/scenario/located.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { parseTableSchema } from "../../shared/scenario/table-schema.ts";
import { anonymizedLines } from "../screen/anonymize-lines.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface AnonymizeOptions extends OutputOptions {
  readonly schema: string;
  readonly out?: string;
  readonly population?: string;
  /** In the place of the schema's own. */
  readonly delimiter?: CsvForm["delimiter"];
}

/** @throws ScenarioError where table and schema do not fit, or people stand where none are declared */
export async function anonymize(table: string, options: AnonymizeOptions): Promise<void> {
  const { schema: path, out, population, delimiter } = options;
  const place = await located(path, "--schema");
  const text = await readTextInside(place.folder, place.path, "--schema");
  const { data: said, guarantee, stated, seed } = parseTableSchema(text, basename(path));
  const source = { public: false, ...said.source, ...(delimiter && { delimiter }) };
  const data = { ...said, source };
  const readText = (name: string) => readTextInside(place.folder, name, basename(path));
  const file = await located(table, "the table");
  if (out !== undefined) refuseOverwriting(resolve(out), [table, path, population]);
  const anonymized = await anonymizeFile(
    file,
    population === undefined ? null : await located(population, "--population"),
    { data, seed, readText, file: basename(path) },
  );
  const report = anonymizeReport(anonymized, guarantee);
  if (out !== undefined) writeTable(resolve(out), anonymized);
  print(report, table, stated, options);
}

function print(
  report: AnonymizeReport,
  table: string,
  stated: boolean,
  { json, quiet }: OutputOptions,
): void {
  if (json) console.log(JSON.stringify(report));
  else
    for (const line of anonymizedLines(report, basename(table), stated, quiet ?? false))
      console.log(line);
}

/** The new file takes the place of what is there, so that may be nothing but a file. */
function refuseOverwriting(out: string, read: readonly (string | undefined)[]): void {
  const same = read.find((path) => path !== undefined && resolve(path) === out);
  const there = statSync(out, { throwIfNoEntry: false });
  if (same === undefined && (there === undefined || there.isFile())) return;
  throw new ScenarioError({
    what: "--out",
    where: "--out",
    got: same === undefined ? "a folder, device or pipe" : "a file that is read",
    expected: "another one",
    fix: "Name a new file.",
  });
}

/** Rows that are turned into text at once: a long table must not stand in memory as text. */
const ROWS_AT_ONCE = 1_024;

/** Whole or not at all; a cell that a spreadsheet would run as a formula is made text. */
function writeTable(out: string, { people, rows, required, contract }: AnonymizedFile): void {
  const building = `${out}.tmp`;
  try {
    // Nobody typed this name: what may stand there, a link too, gives way.
    rmSync(building, { force: true });
    const file = openSync(building, "wx", 0o600);
    try {
      let lines: (readonly Value[])[] = [releasedColumns(contract)];
      const write = () => writeFileSync(file, stringify(lines, { escape_formulas: true }));
      for (const row of releasedRows(people, rows, required, contract)) {
        lines.push(row);
        if (lines.length < ROWS_AT_ONCE) continue;
        write();
        lines = [];
      }
      write();
    } finally {
      closeSync(file);
    }
    renameSync(building, out);
  } catch (cause) {
    rmSync(building, { force: true });
    const [expected, fix] = ["a place that it can be written to", "Name another."];
    throw new ScenarioError(
      { what: "--out", where: "--out", got: reasonOf(cause), expected, fix },
      { cause },
    );
  }
}
