/**
 * Writes test/FAULTS.md at the end of a whole run of the unit tests: every fault and every bad input,
 * by the test that injects it. A row without a test fails the run.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { FAULT_ROWS } from "./fault-rows.ts";
import { INPUT_ROWS } from "./input-rows.ts";

const ROOT = join(import.meta.dirname, "../..");
const TABLE = join(ROOT, "test/FAULTS.md");
const OF_A_ROW = /^rows? ((?:[0-9]+[a-z]?(?:, )?)+): /;
const OF_AN_INPUT = /^input (\w+): (.*)$/;

interface Named {
  readonly name: string;
  readonly file: string;
}

export class FaultsTable implements Reporter {
  onTestRunEnd(all: readonly TestModule[]): void {
    // The same table with the system tests and without.
    const modules = all.filter(({ project }) => project.name !== "system");
    const files = modules.map(({ moduleId }) => relative(ROOT, moduleId));
    if (!isWhole(files)) return;
    const tests = modules.flatMap((module) =>
      [...module.children.allTests("passed")].map(({ name }) => ({
        name,
        file: relative(ROOT, module.moduleId),
      })),
    );
    const missing = missingRows(tests);
    if (missing.length > 0) {
      process.stderr.write(`test/FAULTS.md: no passing test for ${missing.join(", ")}\n`);
      process.exitCode = 1;
      return;
    }
    writeFileSync(TABLE, tableText(byRow(tests), byInput(tests)));
  }
}

/** True where no test file of the unit project was left out. */
function isWhole(files: readonly string[]): boolean {
  const all = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("system/"))
    .map((name) => `test/${name}`);
  const ran = new Set(files);
  return all.every((name) => ran.has(name));
}

function byRow(tests: readonly Named[]): Map<string, Named[]> {
  const found = new Map<string, Named[]>();
  for (const test of tests) {
    const [, rows = ""] = OF_A_ROW.exec(test.name) ?? [];
    for (const row of rows.split(", ").filter((text) => text !== ""))
      found.set(row, [
        ...(found.get(row) ?? []),
        { ...test, name: test.name.replace(OF_A_ROW, "") },
      ]);
  }
  return found;
}

function byInput(tests: readonly Named[]): Map<string, Named[]> {
  const found = new Map<string, Named[]>();
  for (const test of tests) {
    const [, source = "", said = ""] = OF_AN_INPUT.exec(test.name) ?? [];
    if (source === "") continue;
    found.set(source, [...(found.get(source) ?? []), { ...test, name: said }]);
  }
  return found;
}

/** The faults and inputs that none of these tests has shown, each as its test would begin. */
export function missingRows(tests: readonly Named[]): string[] {
  const [rows, inputs] = [byRow(tests), byInput(tests)];
  const faults = FAULT_ROWS.filter(({ row }) => !rows.has(row)).map(({ row }) => `row ${row}`);
  const unshown = Object.entries(INPUT_ROWS).flatMap(([source, due]) => {
    const shown = new Set((inputs.get(source) ?? []).map(({ name }) => inputOf(name)[0]));
    return due.filter((input) => !shown.has(input)).map((input) => `input ${source}: ${input}`);
  });
  return [...faults, ...unshown];
}

/** What came in, and what came of it. */
function inputOf(name: string): readonly [input: string, outcome: string] {
  const [input = "", outcome = ""] = name.split(" → ");
  return [unquoted(input), unquoted(outcome)];
}

function tableText(rows: Map<string, Named[]>, inputs: Map<string, Named[]>): string {
  const faults = FAULT_ROWS.map(({ row, fault, outcome }) => {
    const own = (rows.get(row) ?? []).toSorted(inOrder);
    const told = own.map(({ name, file }) => `[${cell(name)}](${linkTo(file)})`);
    return `| ${row} | ${cell(fault)} | ${cell(outcome)} | ${told.join("<br>")} |`;
  });
  const bad = Object.keys(INPUT_ROWS).flatMap((source) =>
    (inputs.get(source) ?? []).toSorted(inOrder).map(({ name, file }) => {
      const [input, outcome] = inputOf(name);
      return `| ${source} | ${cell(input)} | ${cell(outcome)} | [${file.split("/").at(-1)}](${linkTo(file)}) |`;
    }),
  );
  return [
    "# Faults and bad inputs",
    "",
    "Written by `npm test`, from the names of the tests that injected each of them and passed.",
    "",
    "| row | fault | what must come of it | injected by |",
    "|---|---|---|---|",
    ...faults,
    "",
    "| source | bad input | outcome | test |",
    "|---|---|---|---|",
    ...bad,
    "",
  ].join("\n");
}

function inOrder(a: Named, b: Named): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}

function linkTo(file: string): string {
  return relative("test", file);
}

/** Without the quotes that vitest puts around a `$value`. */
function unquoted(text: string): string {
  return text.replaceAll(
    /(^|[\s….])'((?:[^'\\]|\\.)*)'(?=$|[\s,])/g,
    (_, before: string, inner: string) => before.concat(inner.replaceAll(/\\(.)/g, "$1")),
  );
}

/** As a table's cell may hold it. */
function cell(text: string): string {
  return unquoted(text)
    .replaceAll(/[\\|[\]*_]/g, "\\$&")
    .replaceAll("<", "&lt;")
    .replaceAll(/\s+/g, " ");
}
