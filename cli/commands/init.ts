/**
 * `murmur init`: a folder with a table and a scenario for it, roles proposed by the scanner. The table
 * is copied in, for a scenario reads nothing outside its own folder.
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
import { basename, dirname, join, resolve } from "node:path";
import { commonestMark } from "../../client/scan/column-shape.ts";
import { openTable } from "../../client/source/open-table.ts";
import type { TableFile } from "../../client/table/anonymize-table.ts";
import { ColumnReader, columnKey } from "../../run/init/columns.ts";
import { scenarioText, withLabel } from "../../run/init/text.ts";
import { lintScenario } from "../../run/lint/report.ts";
import { located } from "../../run/scenario/located.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface InitOptions extends OutputOptions {
  readonly from: string;
  readonly target?: string;
}

const FILE = "scenario.yaml";

/** @throws ScenarioError for a folder that is not free, or a table that no scenario can be made of */
export async function init(
  folder: string,
  { from, target, json, quiet }: InitOptions,
): Promise<void> {
  const place = resolve(folder);
  refuseTaken(place);
  const table = await located(from);
  const file = `data/${table.path}`;
  const { rows, mark, columns: read } = await readColumns(table);
  const { columns, label } = withLabel(read, target);
  const name = scenarioName(basename(place));
  const text = scenarioText({ name, file, rows, mark, columns, label });
  const building = `${place}.tmp`;
  try {
    write(building, join(table.folder, table.path), file, text);
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

async function readColumns({ folder, path }: TableFile) {
  const { header, typed, batches } = await openTable(folder, path);
  const readers = header.map((column) => new ColumnReader(column, typed));
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.length;
    for (const { cells } of batch)
      for (const [i, reader] of readers.entries()) reader.add(cells[i] ?? null);
  }
  if (readers.some(({ holdsImages }) => holdsImages)) throw ofImages();
  const mark = commonestMark(readers);
  const keys = new Set<string>();
  const columns = readers.map((reader, i) => {
    const key = columnKey(header[i] ?? "", keys);
    keys.add(key);
    return reader.propose(key, mark);
  });
  return { rows, mark, columns };
}

function write(building: string, table: string, file: string, text: string): void {
  try {
    makeFolder(dirname(join(building, file)), 0o700);
    copyFileSync(table, join(building, file));
    writeFileSync(join(building, FILE), text);
  } catch (cause) {
    throw refusal(reasonOf(cause), "a place that it can be written to");
  }
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
