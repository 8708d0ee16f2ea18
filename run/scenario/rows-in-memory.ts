/** A scenario object whose source has rows where a file's path would stand: rows and scenario taken apart. */
import { jsonLines, type MemoryFiles } from "../../client/source/memory-files.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { isRecord } from "../../shared/record.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";

type RowsByName = ReadonlyMap<string, readonly unknown[]>;

/**
 * `data.source.file`, `testFile` and each of `files` may be rows, `[{ column: cell, … }, …]`. The scenario then
 * names a file that is on no disk in their place: what is written down of a run holds none of them.
 */
export function rowsApart(scenario: object): {
  readonly scenario: object;
  readonly rows: RowsByName;
} {
  const rows = new Map<string, readonly unknown[]>();
  if (!isRecord(scenario) || !isRecord(scenario.data) || !isRecord(scenario.data.source))
    return { scenario, rows };
  const apart = (given: unknown, name: string): unknown => {
    if (!Array.isArray(given)) return given;
    rows.set(name, given);
    return name;
  };
  const { source } = scenario.data;
  const { file, files, testFile } = source;
  const named = {
    ...source,
    file: apart(file, "rows-in-memory.jsonl"),
    testFile: apart(testFile, "test-rows-in-memory.jsonl"),
    files: Array.isArray(files)
      ? files.map((one, i) => apart(one, `rows-in-memory-${i + 1}.jsonl`))
      : files,
  };
  return { scenario: { ...scenario, data: { ...scenario.data, source: named } }, rows };
}

/**
 * What the rows are to their readers.
 *
 * @throws ScenarioError for private ones, unread: what all runs on them cost is kept beside their file
 *   (run/scenario/data-ledgers.ts), and a caller who names a place for it would begin anew with each other name
 */
export function memoryFiles(rows: RowsByName, scenario: Scenario): MemoryFiles {
  if (rows.size > 0 && !isPublicData(scenario))
    throw new ScenarioError({
      what: "data.source",
      where: "the scenario",
      got: "private rows in memory",
      expected: "private rows in a file: beside it is kept what all runs on them cost",
      fix: "Write them to a file and name that, or say data.source.public: true if they are public.",
    });
  return new Map([...rows].map(([name, own]) => [name, jsonLines(own, name)]));
}

/** @throws ScenarioError where clients in other processes would need them */
export function refuseMemoryFiles(memory: MemoryFiles = new Map()): void {
  if (memory.size === 0) return;
  throw new ScenarioError({
    what: "data.source",
    where: "the scenario",
    got: "rows in memory",
    expected: "rows in a file: clients in processes of their own read no other",
    fix: "Write them to a file and name that, or call simulate.",
  });
}
