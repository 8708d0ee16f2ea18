/** The golden numbers of anonymized tables (test/vectors/anonymity.json), and how results are held to them. */
import { z } from "zod";
import type { CodedTable } from "../../client/risk/models/coded-table.ts";
import type { PlainValue } from "./coded-values.ts";
import { codeValues } from "./coded-values.ts";
import { vectorFile } from "./vector-file.ts";

const number = z.number();
const cell = z.union([z.string(), number, z.boolean(), z.null()]);
const rows = z.array(z.array(cell));
const weighted = { columns: z.array(z.string()), rows, row_counts: z.array(number).optional() };
const common = {
  id: z.string(),
  columns: z.array(z.string()),
  roles: z.record(z.string(), z.string()),
  sensitive_order: z.record(z.string(), z.array(cell)).optional(),
};
const expected = z.record(z.string(), z.unknown());
/** Leaf → its label at each level, the leaf itself first. */
const paths = z.record(z.string(), z.array(z.string()));

export const goldenTables = z
  .object({
    table_cases: z
      .array(
        z.object({
          ...common,
          ...weighted,
          population: z.object(weighted).optional(),
          suppressed_row_indexes: z.array(number).default([]),
          expected,
        }),
      )
      .length(97),
    recoding_cases: z
      .array(
        z.object({
          ...common,
          raw_rows: rows,
          hierarchies: z.record(z.string(), paths),
          levels: z.record(z.string(), number),
          suppress_below_k: number.default(0),
          expected_rows: rows,
          expected_suppressed_row_indexes: z.array(number).default([]),
          expected,
        }),
      )
      .length(22),
    hierarchical_t_cases: z
      .array(
        z.object({
          id: z.string(),
          tree: paths,
          classes: z.array(z.array(z.string())),
          expected: z.object({ per_class: z.array(number), t_hierarchical: number }),
        }),
      )
      .length(9),
    adult_cases: z
      .array(
        z.object({
          id: z.string(),
          dataset: z.enum(["adult.data", "adult.test"]),
          rows: z.enum(["all", "complete"]),
          row_range: z.tuple([number, number]).optional(),
          quasi_identifiers: z.array(
            z.object({
              column: z.string(),
              hierarchy: z.string().optional(),
              level: number.default(0),
            }),
          ),
          hierarchy_overrides: z.record(z.string(), paths).default({}),
          sensitive: z.array(z.string()),
          sensitive_order: z.record(z.string(), z.string()).default({}),
          ks: z.array(number),
          expected,
          published: expected.default({}),
        }),
      )
      .length(41),
    mondrian_cases: z
      .array(
        z.object({
          id: z.string(),
          columns: z.array(z.string()),
          rows: z.array(z.array(number)),
          k: number,
          properties: z.object({
            error: z.string().optional(),
            rows_kept: number.optional(),
            every_class_at_least: number.optional(),
            max_class_size_at_most: number.optional(),
            classes_at_least: number.optional(),
            classes_at_most: number.optional(),
            exact_class_sizes_sorted: z.array(number).optional(),
            median_cut_class_sizes_sorted: z.array(number).optional(),
          }),
        }),
      )
      .length(14),
  })
  .parse(vectorFile("anonymity.json"));

/** Thresholds that the golden numbers were computed for. */
export const GOLDEN_KS = [2, 3, 5, 10] as const;
export const GOLDEN_TAUS = [0.05, 0.1, 0.2, 0.33, 0.5] as const;

interface PlainTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly PlainValue[])[];
  readonly row_counts?: readonly number[] | undefined;
}

interface Roles {
  readonly roles: Readonly<Record<string, string>>;
  readonly sensitive_order?: Readonly<Record<string, readonly PlainValue[]>> | undefined;
}

/** A golden table coded, and after it its population, in the same codes. */
export function codedTables(
  table: PlainTable & Roles,
  population?: PlainTable,
): { table: CodedTable; population: CodedTable | undefined } {
  const [own, other] = [repeated(table), population && repeated(population)];
  const coded = table.columns.map((name, index) => {
    const cells = own.map((row) => row[index] ?? null);
    const place = population?.columns.indexOf(name) ?? -1;
    const others = place < 0 ? [] : (other ?? []).map((row) => row[place] ?? null);
    const order = table.sensitive_order?.[name];
    const { codes, values } = codeValues([...cells, ...others], order ?? []);
    return {
      name,
      role: table.roles[name],
      codes: codes.subarray(0, own.length),
      populationCodes: codes.subarray(own.length),
      order: order?.map((value) => values.indexOf(value)),
    };
  });
  const quasi = coded.filter(({ role }) => role === "quasi_identifier");
  return {
    table: {
      rows: own.length,
      quasiIdentifiers: quasi,
      sensitive: coded.filter(({ role }) => role === "sensitive"),
    },
    population: other && {
      rows: other.length,
      quasiIdentifiers: quasi.map(({ name, populationCodes }) => ({
        name,
        codes: populationCodes,
      })),
      sensitive: [],
    },
  };
}

function repeated({ rows, row_counts }: PlainTable): (readonly PlainValue[])[] {
  return rows.flatMap((row, i) => new Array<typeof row>(row_counts?.[i] ?? 1).fill(row));
}

const TOLERANCE = 1e-9;
const WHOLE =
  /^(rows|equivalence_classes|k|largest_class|suppressed_rows|discernibility\w*|records_below_k\..*|class_sizes_sorted\..*|.*\.distinct_l|after_suppression\.\w+\.(rows|equivalence_classes|k))$/;

/** Where `got` differs from `wanted` in names, nesting, whole numbers, or others by more than 1e-9. */
export function differences(got: unknown, wanted: unknown, path = ""): string[] {
  if (typeof got === "number" && typeof wanted === "number") {
    const slack = WHOLE.test(path) ? 0 : TOLERANCE * Math.abs(wanted);
    return Math.abs(got - wanted) <= slack ? [] : [`${path}: ${got}, not ${wanted}`];
  }
  if (!isObject(got) || !isObject(wanted))
    return Object.is(got, wanted) ? [] : [`${path}: ${String(got)}, not ${String(wanted)}`];
  const names = new Set([...Object.keys(got), ...Object.keys(wanted)]);
  return [...names].flatMap((name) =>
    differences(Reflect.get(got, name), Reflect.get(wanted, name), path ? `${path}.${name}` : name),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Of `got` what `wanted` names, at each depth. */
export function named(got: unknown, wanted: unknown): unknown {
  if (typeof got !== "object" || got === null || typeof wanted !== "object" || wanted === null)
    return got;
  if (Array.isArray(got)) return got;
  const keys = Object.keys(wanted).filter((key) => Object.hasOwn(got, key));
  return Object.fromEntries(
    keys.map((key) => [key, named(Reflect.get(got, key), Reflect.get(wanted, key))]),
  );
}
