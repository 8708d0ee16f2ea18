/**
 * `murmur init`: a folder with a table and a scenario for it, roles proposed by the scanner, and the schema that
 * an editor holds the scenario against. The table is copied in, for a scenario reads nothing outside its own folder.
 */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { marksIn } from "../../client/scan/column-shape.ts";
import { openTable } from "../../client/source/open-table.ts";
import type { CsvForm } from "../../client/source/table-part.ts";
import type { TableFile } from "../../client/table/anonymize-table.ts";
import { SCHEMA_FILE, scenarioJsonSchemaText } from "../../run/editor/scenario-schema.ts";
import { type ColumnProposal, ColumnReader, columnKey } from "../../run/init/columns.ts";
import { decimalOf } from "../../run/init/decimal.ts";
import { labelOf, openChoice } from "../../run/init/label.ts";
import { scenarioText } from "../../run/init/text.ts";
import { lintScenario } from "../../run/lint/report.ts";
import { located } from "../../run/scenario/located.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { choose, isTerminal, ownTerminal, type Terminal } from "../terminal/choose.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface InitOptions extends OutputOptions {
  readonly from: string;
  readonly target?: string;
  /** Rows that are held out, in a table of their own. */
  readonly test?: string;
  /** Nobody's privacy hangs on the rows: what is read off them may be written down. */
  readonly public?: boolean;
  readonly delimiter?: CsvForm["delimiter"];
  readonly decimal?: CsvForm["decimal"];
}

const FILE = "scenario.yaml";

/** @throws ScenarioError for a folder that is not free, or a table that no scenario can be made of */
export async function init(
  folder: string,
  options: InitOptions,
  terminal: Terminal = ownTerminal(),
): Promise<void> {
  const { from, target, test, public: isPublic = false, json, quiet } = options;
  const place = resolve(folder);
  refuseTaken(place);
  const table = await located(from, "--from");
  const heldOut = test === undefined ? null : await located(test, "--test");
  if (heldOut?.path === table.path) throw namedAlike();
  const { rows, marks, columns: read, form } = await readAsWritten(table, isPublic, options);
  const talks = !json && !quiet && isTerminal(terminal);
  const label = labelOf(read, target ?? (talks ? await askedTarget(read, terminal) : undefined));
  const columns = read.map((one) => (one.key === label.column.key ? label.column : one));
  const text = scenarioText({
    name: scenarioName(basename(place)),
    file: inData(table),
    testFile: heldOut && inData(heldOut),
    ...{ form, rows, marks, columns, label, isPublic },
  });
  const building = `${place}.tmp`;
  try {
    write(building, heldOut ? [table, heldOut] : [table], text);
    // Whatever is proposed is a scenario that lint passes.
    const path = join(building, FILE);
    await lintScenario(await readScenario(path, { set: [] }), path);
    if (existsSync(place)) rmdirSync(place);
    renameSync(building, place);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  const roles = Object.fromEntries(columns.map(({ from: raw, column: { role } }) => [raw, role]));
  const path = join(folder, FILE);
  if (json) console.log(JSON.stringify({ scenario: path, columns: roles }));
  else if (quiet) console.log(path);
  else {
    console.log(
      `${path}: ${columns.length} columns, roles and levels proposed: read them before a run`,
    );
    for (const { from: raw, column, why } of columns)
      console.log(`    ${raw.padEnd(24)} ${column.role.padEnd(18)} ${why}`);
    console.log(`Next: npx murmur-fl lint ${path}`);
  }
}

/** Where no column's name says that it is the label, the person who knows. */
async function askedTarget(
  columns: readonly ColumnProposal[],
  terminal: Terminal,
): Promise<string | undefined> {
  const open = openChoice(columns);
  if (open.length === 0) return undefined;
  return choose("Which column is to be predicted? Its number or name:", open, terminal);
}

/** Once more where its numbers turn out to have commas. */
async function readAsWritten(
  table: TableFile,
  isPublic: boolean,
  { delimiter, decimal }: Pick<InitOptions, "delimiter" | "decimal">,
) {
  const said: CsvForm = { ...(delimiter && { delimiter }), ...(decimal && { decimal }) };
  const read = await readColumns(table, isPublic, said);
  const found = read.typed || decimal ? undefined : decimalOf(read.columns);
  if (found === undefined) return { ...read, form: said };
  const form = { ...said, decimal: found };
  return { ...(await readColumns(table, isPublic, form)), form };
}

async function readColumns({ folder, path }: TableFile, isPublic: boolean, form: CsvForm) {
  const { header, typed, batches } = await openTable(folder, path, form);
  const readers = header.map((column) => new ColumnReader(column, typed));
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.length;
    for (const { cells } of batch)
      for (const [i, reader] of readers.entries()) reader.add(cells[i] ?? null);
  }
  if (readers.some(({ holdsImages }) => holdsImages)) throw ofImages();
  const keys = new Set<string>();
  const columns = readers.map((reader, i) => {
    const key = columnKey(header[i] ?? "", keys);
    keys.add(key);
    return reader.propose(key, isPublic);
  });
  return { rows, typed, marks: marksIn(readers), columns };
}

function write(building: string, tables: readonly TableFile[], text: string): void {
  try {
    makeFolder(join(building, "data"), 0o700);
    for (const table of tables)
      copyFileSync(join(table.folder, table.path), join(building, inData(table)));
    writeFileSync(join(building, FILE), text);
    // What the scenario's first line points an editor to.
    writeFileSync(join(building, SCHEMA_FILE), scenarioJsonSchemaText());
  } catch (cause) {
    throw refusal(reasonOf(cause), "a place that it can be written to");
  }
}

/** Where a table lies below the scenario's folder. */
function inData({ path }: TableFile): string {
  return `data/${path}`;
}

/** Both lie in one folder. */
function namedAlike(): ScenarioError {
  return new ScenarioError({
    what: "init",
    where: "--test",
    got: "a table of the same name as --from",
    expected: "two tables, each with a name of its own",
    fix: "Rename one of them.",
  });
}

function refuseTaken(place: string): void {
  const there = statSync(place, { throwIfNoEntry: false });
  if (there && !there.isDirectory()) throw refusal("no folder", "one that is new or empty");
  if (there && readdirSync(place).length > 0)
    throw refusal("a folder with files in it", "one that is new or empty");
}

/** Neither their shape nor what brings them to scale can be read off them. */
function ofImages(): ScenarioError {
  return new ScenarioError({
    what: "init",
    where: "--from",
    got: "images",
    expected: "a table of text and numbers",
    fix: "Write the scenario by hand: scenarios/mnist-mlp.yaml is one.",
  });
}

function scenarioName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 64);
  return /[a-z0-9]/.test(name) ? name : "scenario";
}

function refusal(got: string, expected: string): ScenarioError {
  const fix = "Name another folder.";
  return new ScenarioError({ what: "init", where: "the folder", got, expected, fix });
}
