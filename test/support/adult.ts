/** The rows and hierarchies of scenarios/data/adult, read plainly: its cells hold no quotes or commas. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const FOLDER = join(import.meta.dirname, "../../scenarios/data/adult");

/** Bytes as unpacked. */
export function adultBytes(file: "adult" | "adult-test"): Buffer {
  return gunzipSync(readFileSync(join(FOLDER, `${file}.csv.gz`)));
}

export interface AdultTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function adultTable(file: "adult" | "adult-test"): AdultTable {
  const [header = "", ...lines] = adultBytes(file).toString().trimEnd().split("\n");
  return { header: header.split(","), rows: lines.map((line) => line.split(",")) };
}

/** Leaf → its labels from level 0, itself, up to the root. */
function adultHierarchy(name: string): Map<string, readonly string[]> {
  const text = readFileSync(join(FOLDER, "hierarchies", `${name}.csv`), "utf8");
  const paths = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(";"));
  return new Map(paths.map((path) => [path[0] ?? "", path]));
}

/** Which rows a golden case is over, and how they are recoded. */
interface AdultCase {
  readonly dataset: "adult.data" | "adult.test";
  readonly rows: "all" | "complete";
  readonly row_range?: [number, number] | undefined;
  readonly quasi_identifiers: readonly {
    readonly column: string;
    readonly hierarchy?: string | undefined;
    readonly level: number;
  }[];
  readonly hierarchy_overrides: Readonly<
    Record<string, Readonly<Record<string, readonly string[]>>>
  >;
}

export interface RecodedColumn {
  readonly name: string;
  readonly level: number;
  /** The cells of level 0, and those of `level`. */
  readonly raw: readonly string[];
  readonly recoded: readonly string[];
  /** Empty for a column that has no hierarchy, and is used as it is. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
}

/** `?` is in no hierarchy: it stays as it is, and joins the others at the top. */
export function recodedAdult(
  golden: AdultCase,
  { header, rows: all }: AdultTable,
): { rows: number; cellsOf: (name: string) => string[]; columns: RecodedColumn[] } {
  const eligible = golden.rows === "all" ? all : all.filter((row) => !row.includes("?"));
  const rows = eligible.slice(...(golden.row_range ?? []));
  const cellsOf = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? "");
  const columns = golden.quasi_identifiers.map(({ column, hierarchy, level }) => {
    const raw = cellsOf(column);
    const paths: Map<string, readonly string[]> = hierarchy ? adultHierarchy(hierarchy) : new Map();
    const overrides = Object.entries(golden.hierarchy_overrides[column] ?? {});
    for (const [leaf, path] of overrides) paths.set(leaf, path);
    const isTop = [...paths.values()][0]?.length === level + 1;
    const recoded = raw.map((cell) => paths.get(cell)?.[level] ?? (isTop ? "*" : cell));
    return { name: column, level, raw, recoded, paths };
  });
  return { rows: rows.length, cellsOf, columns };
}
