/** A table that a program wants anonymized or scanned, in a file or in memory. */
import { basename, resolve } from "node:path";
import { type AnonymizeReport, anonymizeReport } from "../client/report/anonymize-report.ts";
import type { Rows } from "../client/report/row-risks.ts";
import { jsonLines, type MemoryFiles } from "../client/source/memory-files.ts";
import { readTextInside } from "../client/source/source-file.ts";
import type { Value } from "../client/source/table-source.ts";
import { anonymizeFile, type TableFile } from "../client/table/anonymize-table.ts";
import { releasedColumns, releasedRows } from "../client/table/released-table.ts";
import { type ScanReport, scanTable } from "../client/table/scan-table.ts";
import { jsonOf, requireList, requireOptions } from "../shared/call-arguments.ts";
import { parseTableSchema } from "../shared/scenario/table-schema.ts";
import { located } from "./scenario/located.ts";

export interface AnonymizeOptions {
  /** What the rows were drawn from, for the risk of one who knows all of it. */
  readonly population?: string | Rows | undefined;
  /** Where hierarchies that an object names lie; absent: the working directory. */
  readonly folder?: string | undefined;
}

export interface Anonymized {
  /** The label last, where there is one. */
  readonly columns: readonly string[];
  /** Those that are not suppressed, in their order: a cell for each column. */
  readonly rows: readonly (readonly Value[])[];
  /** How alike the rows were and are, what was lost, and what an ε of them is worth. It is about the rows, and stays with them. */
  readonly report: AnonymizeReport;
}

/**
 * A table through a client's own first stages.
 *
 * @param table path of a file, or its rows, a column each
 * @param schema path of a scenario or of its `data` part, or that as an object: roles, levels, hierarchies, k
 * @throws ScenarioError where table and schema do not fit, or people stand where none are declared
 */
export async function anonymize(
  table: string | Rows,
  schema: string | object,
  options: AnonymizeOptions = {},
): Promise<Anonymized> {
  requireOptions(options, { population: "any", folder: "text" }, "anonymize");
  const { population, folder = "." } = options;
  const memory = new Map<string, Buffer>();
  const place =
    typeof schema === "string"
      ? await located(schema, "the schema")
      : { folder: resolve(folder), path: "the schema" };
  const text =
    typeof schema === "string"
      ? await readTextInside(place.folder, place.path, "--schema")
      : jsonOf(schema, "the schema", "anonymize");
  const file = typeof schema === "string" ? basename(schema) : place.path;
  const { data, guarantee, seed } = parseTableSchema(text, file);
  const readText = (name: string) => readTextInside(place.folder, name, file);
  const from = await tableFile(table, "the rows", memory);
  const drawn =
    population === undefined ? null : await tableFile(population, "the population", memory);
  const anonymized = await anonymizeFile(from, drawn, { data, seed, readText, file, memory });
  const { people, rows, required, contract } = anonymized;
  return {
    columns: releasedColumns(contract),
    rows: [...releasedRows(people, rows, required, contract)],
    report: anonymizeReport(anonymized, guarantee),
  };
}

/**
 * Which columns hold people, and in what role each might be declared. Finding nothing is no proof that nothing is there.
 *
 * @param table path of a file, or its rows, a column each
 * @throws ScenarioError for a table that cannot be read
 */
export async function scan(table: string | Rows): Promise<ScanReport> {
  const memory = new Map<string, Buffer>();
  return scanTable(await tableFile(table, "the rows", memory), { memory });
}

/** @param memory is given the rows, under the name that they then have */
async function tableFile(
  table: string | Rows,
  name: string,
  memory: Map<string, Buffer> & MemoryFiles,
): Promise<TableFile> {
  if (typeof table === "string") return located(table, name);
  requireList(table, name, "the table", "a path, or a list of rows");
  memory.set(name, jsonLines(table, name));
  return { folder: resolve("."), path: name };
}
