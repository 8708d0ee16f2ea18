import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { anonymizeReport } from "../../client/report/anonymize-report.ts";
import { anonymizeFile } from "../../client/table/anonymize-table.ts";
import { parseTableSchema } from "../../shared/scenario/table-schema.ts";
import { differences, goldenTables, named } from "../support/anonymity-vectors.ts";
import type { PlainValue } from "../support/coded-values.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-golden-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROLES: Readonly<Record<string, string>> = {
  quasi_identifier: "quasiIdentifier",
  sensitive: "sensitive",
  direct_identifier: "directIdentifier",
  insensitive: "insensitive",
};

interface Golden {
  readonly id: string;
  readonly columns: readonly string[];
  readonly roles: Readonly<Record<string, string>>;
  readonly sensitive_order?: Readonly<Record<string, readonly PlainValue[]>> | undefined;
}

/** The report on a golden table, by the way that the command takes: JSON lines, for types count. */
async function reportOn(
  { id, columns, roles, sensitive_order: order = {} }: Golden,
  rows: readonly (readonly PlainValue[])[],
  recodings: Readonly<Record<string, object>> = {},
  anonymity: object = {},
) {
  const lines = rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
  );
  const path = `${id}.jsonl`;
  writeFileSync(join(folder, path), `${lines.join("\n")}\n`);
  const declared = columns.map((name) => {
    const vocabulary = order[name]?.map(String);
    const role = ROLES[roles[name] ?? ""];
    return [name, { role, ...(vocabulary && { vocabulary }), ...recodings[name] }] as const;
  });
  const schema = stringify({ columns: Object.fromEntries(declared), anonymity });
  const { data, guarantee, seed } = parseTableSchema(schema, `${id}.yaml`);
  const readText = () => Promise.reject(new Error("no file is named"));
  const terms = { data, seed, readText, file: `${id}.yaml` };
  return anonymizeReport(await anonymizeFile({ folder, path }, null, terms), guarantee);
}

const tables = goldenTables.table_cases.filter(
  ({ rows, population, suppressed_row_indexes: suppressed }) =>
    rows.length > 0 && !population && suppressed.length === 0,
);

it("knows golden tables to try", () => {
  expect(tables.length).toBeGreaterThan(55);
});

it.each(tables)("gives the golden metrics of table $id, before recoding", async (golden) => {
  const rows = golden.rows.flatMap((row, i) =>
    new Array<typeof row>(golden.row_counts?.[i] ?? 1).fill(row),
  );
  const { before } = await reportOn(golden, rows);
  expect(differences(named(before, golden.expected), golden.expected)).toEqual([]);
});

it.each(goldenTables.recoding_cases)("gives those of recoding $id, after it", async (golden) => {
  const recodings = Object.entries(golden.hierarchies).map(([name, paths]) => {
    const tree = Object.entries(paths).map(([leaf, path]) => [leaf, path.slice(1)] as const);
    return [name, { hierarchy: Object.fromEntries(tree), level: golden.levels[name] }] as const;
  });
  const k = golden.suppress_below_k;
  const { after, suppressed } = await reportOn(
    golden,
    golden.raw_rows,
    Object.fromEntries(recodings),
    k > 0 ? { mode: "suppress", k } : {},
  );
  expect(suppressed).toBe(golden.expected_suppressed_row_indexes.length);
  expect(differences(named(after, golden.expected), golden.expected)).toEqual([]);
});

it.each(goldenTables.mondrian_cases.filter(({ properties }) => properties.error === undefined))(
  "keeps to the golden properties of $id under mondrian",
  async (golden) => {
    const { id, columns, rows, k, properties } = golden;
    const roles = Object.fromEntries(columns.map((name) => [name, "quasi_identifier"]));
    const numbers = Object.fromEntries(columns.map((name) => [name, { type: "number" }]));
    const report = await reportOn({ id, columns, roles }, rows, numbers, { mode: "mondrian", k });
    const { after } = report;
    expect(report.price.raw).toBeNull();
    expect(after.rows).toBe(properties.rows_kept);
    expect(after.k).toBeGreaterThanOrEqual(properties.every_class_at_least ?? k);
    expect(after.largest_class).toBeLessThanOrEqual(
      properties.max_class_size_at_most ?? rows.length,
    );
    expect(after.equivalence_classes).toBeGreaterThanOrEqual(properties.classes_at_least ?? 1);
    expect(after.equivalence_classes).toBeLessThanOrEqual(
      properties.classes_at_most ?? rows.length,
    );
    const sizes = properties.exact_class_sizes_sorted ?? properties.median_cut_class_sizes_sorted;
    expect(after.class_sizes_sorted).toEqual(sizes ?? after.class_sizes_sorted);
  },
);
