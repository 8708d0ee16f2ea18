/**
 * A generalization hierarchy, from leaves to one root (Samarati and Sweeney 1998), resolved at the
 * contract's one fixed level: total, consistent, single-rooted, or refused.
 */
import { parse } from "csv-parse/sync";
import { ScenarioError } from "../errors.ts";
import { type NormaliseStep, normalise } from "./normalise.ts";
import { type Categories, MISSING, OTHER } from "./recoding.ts";

const MAX_HIERARCHY_BYTES = 1_048_576;

/** Where a hierarchy comes from: lines of a CSV file, or leaf → parents in the scenario itself. */
export type HierarchySource =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "inline"; readonly tree: Readonly<Record<string, readonly string[]>> };

export interface HierarchyOptions {
  /** A level's number, 0 the leaves; or its name, which the file's first line must then give. */
  readonly level: number | string;
  readonly normalise: readonly NormaliseStep[];
  readonly unseen: "other" | "error";
  readonly missing: "category" | "error";
}

/** One leaf a row: the leaf itself, then its parents up to the root. */
type Tree = readonly (readonly string[])[];

/** @param where for messages: "purchases.yaml, data.columns.location" */
export function resolveHierarchy(
  source: HierarchySource,
  options: HierarchyOptions,
  where: string,
): Categories {
  const lines = source.kind === "file" ? fileLines(source, where) : inlineLines(source.tree);
  // A file whose levels are named says so in its first line; one with numbers has leaves only.
  const header = typeof options.level === "string" && source.kind === "file";
  const listed = header ? lines.slice(1) : lines;
  const level = levelNumber(options.level, header ? (lines[0] ?? []) : null, where);
  checkTree(listed, where);
  if (source.kind === "file") checkRoot(listed, where);
  const tree = source.kind === "file" && (listed[0]?.length ?? 0) > 1 ? listed : rooted(listed);
  const height = (tree[0]?.length ?? 1) - 1;
  if (!(level <= height))
    refuse("level", `${where}.level`, level, `a level up to ${height}`, "Name a level it has.");
  const above = new Map(tree.map((path) => [path[level] ?? "", path.slice(level + 1)]));
  const values = [...above.keys()];
  const reserved = values.find((value) => value === OTHER || value === MISSING);
  if (reserved) refuse("hierarchyReserved", where, reserved, "another name", "Rename that value.");
  return {
    kind: "categories",
    normalise: [...options.normalise],
    leaves: leavesOf(tree, level, values, options.normalise, where),
    labels: [...values, OTHER, MISSING],
    unseen: options.unseen,
    missing: options.missing,
    level,
    height,
    above: [...above.values()],
  };
}

/** Above an inline tree, and above leaves that stand alone, a root that is no star is unwritten. */
function rooted(tree: Tree): Tree {
  const starred = tree.every((path) => /^\*+$/.test(path.at(-1) ?? ""));
  return starred ? tree : tree.map((path) => [...path, "*"]);
}

function fileLines({ name, text }: { name: string; text: string }, where: string): string[][] {
  const size = Buffer.byteLength(text);
  if (!(size <= MAX_HIERARCHY_BYTES))
    refuse("hierarchySize", where, `${size} bytes`, "at most 1 MiB", "Take a smaller hierarchy.");
  const delimiter = text.split("\n", 1)[0]?.includes(";") ? ";" : ",";
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, relax_column_count: true });
  } catch {
    return refuse(
      "hierarchy",
      `${where}.hierarchy`,
      name,
      "CSV, one leaf a line",
      "Mend the file.",
    );
  }
}

function inlineLines(tree: Readonly<Record<string, readonly string[]>>): string[][] {
  return Object.entries(tree).map(([leaf, parents]) => [leaf, ...parents]);
}

function levelNumber(
  level: number | string,
  header: readonly string[] | null,
  where: string,
): number {
  if (typeof level === "number") return level;
  const index = header?.indexOf(level) ?? -1;
  const expected = header ? `one of ${header.join(", ")}` : "a number: an inline level has no name";
  if (index < 0) refuse("level", `${where}.level`, level, expected, "Name a level it has.");
  return index;
}

/** Total: all leaves have all levels. Consistent: what is equal at a level is equal above it. */
function checkTree(tree: Tree, where: string): void {
  const place = `${where}.hierarchy`;
  const height = tree[0]?.length ?? 0;
  if (height === 0) refuse("hierarchyIncomplete", place, "no leaf", "leaves", "Add them.");
  const parents = new Map<string, string | undefined>();
  for (const [row, path] of tree.entries()) {
    if (path.length !== height || path.includes("")) {
      const expected = `${height} levels, none of them empty`;
      refuse("hierarchyIncomplete", place, `leaf ${row + 1}`, expected, "Complete that leaf.");
    }
    for (const [level, value] of path.entries()) {
      const key = `${level} ${value}`;
      const above = path[level + 1];
      if (parents.has(key) && parents.get(key) !== above) {
        const got = `${value}, under ${parents.get(key)} and under ${above}`;
        refuse("hierarchyInconsistent", place, got, "one parent", "Give each value one parent.");
      }
      parents.set(key, above);
    }
  }
}

/** A file ends in one root; above an inline tree it stands unwritten. */
function checkRoot(tree: Tree, where: string): void {
  const roots = new Set(tree.map((path) => path.at(-1)));
  if (roots.size > 1 && (tree[0]?.length ?? 0) > 1) {
    const got = [...roots].slice(0, 3).join(", ");
    const fix = "End each line in the same root, *; name the level if the first line is a header.";
    refuse("hierarchyManyRoots", `${where}.hierarchy`, got, "one root", fix);
  }
}

function leavesOf(
  tree: Tree,
  level: number,
  values: readonly string[],
  steps: readonly NormaliseStep[],
  where: string,
): [string, number][] {
  const leaves = new Map<string, number>();
  const indices = new Map(values.map((value, i) => [value, i]));
  for (const path of tree) {
    const leaf = normalise(path[0] ?? "", steps);
    const value = indices.get(path[level] ?? "") ?? 0;
    const known = leaves.get(leaf);
    if (known !== undefined && known !== value) {
      const got = `${leaf}, twice after normalise`;
      refuse("hierarchyInconsistent", where, got, "one value", "Drop a step, or a leaf.");
    }
    leaves.set(leaf, value);
  }
  return [...leaves];
}

function refuse(what: string, where: string, got: unknown, expected: string, fix: string): never {
  throw new ScenarioError({ what, where, got, expected, fix });
}
