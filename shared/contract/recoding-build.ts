/** A column's keys in the scenario → its recoding, hierarchies read and resolved, for the launcher. */
import { ScenarioError } from "../errors.ts";
import type { ScenarioColumn } from "../scenario/data-schema.ts";
import { type DateFormat, ISO_DATES } from "../scenario/date-format.ts";
import { dayMs } from "./days.ts";
import { bandLabels } from "./formula/band-labels.ts";
import { type HierarchySource, resolveHierarchy } from "./hierarchy.ts";
import { type NormaliseStep, normalise } from "./normalise.ts";
import { type Categories, DATE_LEVELS, MISSING, OTHER, type Recoding } from "./recoding.ts";
import { demander } from "./recoding-check.ts";
import { isTextKind, TEXT_KEYS, type TextKind, textRule } from "./text-rules/rules.ts";

/** Reads a file by its path relative to the scenario's folder, which it must not leave. */
export type ReadText = (relativePath: string) => Promise<string>;

/** @throws ScenarioError for keys that do not fit together, or a hierarchy that is none */
export async function buildRecoding(
  column: ScenarioColumn,
  readText: ReadText,
  where: string,
): Promise<Recoding> {
  refuseLearned(column, where);
  const kind = kindOf(column, where);
  const given = RECODING_KEYS.filter((key) => column[key] !== undefined);
  const may: readonly string[] = isTextKind(kind) ? textRule(kind).keys : KEYS_OF[kind];
  const odd = given.find((key) => !may.includes(key));
  if (odd !== undefined)
    refuse(odd, `${where}.${odd}`, odd, `${may.join(", ") || "no more"} beside ${kind}`);
  switch (kind) {
    case "hierarchy":
      return hierarchyRecoding(column, readText, where);
    case "vocabulary": {
      const { vocabulary, unseen, missing, normalise: steps } = column;
      const values = Array.isArray(vocabulary) ? vocabulary : [];
      const rule = missing === "error" ? "error" : "category";
      return vocabularyRecoding(values, { unseen, missing: rule, normalise: steps });
    }
    case "numbers":
      return numericRecoding(column, where);
    case "date":
      return dateRecoding(column, where);
    case "image":
      return imageRecoding(column, where);
    default:
      return textRule(kind).build(column, demander(where));
  }
}

/** A closed list; a value that is itself called other, or missing, is that category. */
export function vocabularyRecoding(
  vocabulary: readonly string[],
  rules: {
    readonly unseen?: "other" | "error" | undefined;
    readonly missing?: "category" | "error" | undefined;
    readonly normalise?: readonly NormaliseStep[] | undefined;
  },
): Categories {
  const steps = rules.normalise ?? [];
  const values = vocabulary.filter((value) => value !== OTHER && value !== MISSING);
  const labels = [...values, OTHER, MISSING];
  return {
    kind: "categories",
    normalise: [...steps],
    leaves: vocabulary.map((value) => [normalise(value, steps), labels.indexOf(value)]),
    labels,
    unseen: rules.unseen ?? "error",
    missing: rules.missing ?? "category",
    level: 0,
    height: 1,
    above: [],
  };
}

const RECODING_KEYS = [
  ...(["bounds", "bands", "edges", "clip", "round", "floor", "reference"] as const),
  ...TEXT_KEYS,
  ...(["hierarchy", "level", "vocabulary", "unseen", "missing", "normalise"] as const),
  ...(["shape", "outside", "format"] as const),
] as const;

type OwnKind = "hierarchy" | "vocabulary" | "numbers" | "date" | "image";

const KEYS_OF: Readonly<Record<OwnKind, readonly string[]>> = {
  hierarchy: ["hierarchy", "level", "unseen", "missing", "normalise"],
  vocabulary: ["vocabulary", "unseen", "missing", "normalise"],
  numbers: [
    "bounds",
    "outside",
    "bands",
    "edges",
    "clip",
    "round",
    "floor",
    "reference",
    "format",
    "missing",
  ],
  date: ["level", "reference", "bounds", "format"],
  image: ["shape"],
};

function kindOf(
  { type, hierarchy, vocabulary, ...rest }: ScenarioColumn,
  where: string,
): OwnKind | TextKind {
  const textual = type === undefined || type === "text" || type === "category";
  if (hierarchy !== undefined || vocabulary !== undefined) {
    const key = hierarchy === undefined ? "vocabulary" : "hierarchy";
    if (!textual) refuse(key, where, `type ${type} beside it`, `a ${key} alone, for text`);
    return key;
  }
  if (type === "date" || type === "image") return type;
  if (!textual && isTextKind(type)) return type;
  if (textual && !rest.bands && !rest.edges) return "text";
  if (type === "text" || type === "category")
    refuse("bands", `${where}.bands`, `type ${type}`, "type number or integer, for bands");
  return "numbers";
}

/** A level that follows from the rows is a release of them. */
function refuseLearned({ bounds, bands, vocabulary }: ScenarioColumn, where: string): void {
  const learned = [
    ...(bounds === "auto" ? ["bounds"] : []),
    ...(bands !== undefined && !Array.isArray(bands) ? ["bands"] : []),
    ...(vocabulary === "auto" ? ["vocabulary"] : []),
  ];
  const [key] = learned;
  if (key === undefined) return;
  throw new ScenarioError({
    what: "learnedParameter",
    where: `${where}.${key}`,
    got: "learned from the rows",
    expected: "public values, the same whatever the rows are",
    fix: "Write them out; anonymity: { unsafe: true } learns them, and no epsilon against the raw table is left.",
  });
}

async function hierarchyRecoding(
  { hierarchy = {}, level, unseen, missing, normalise: steps }: ScenarioColumn,
  readText: ReadText,
  where: string,
): Promise<Categories> {
  if (level === undefined)
    return refuse("level", `${where}.level`, "none", "the one fixed level, by name or number");
  if (typeof missing === "number")
    refuse("missing", `${where}.missing`, missing, "category or error");
  const source: HierarchySource =
    typeof hierarchy === "string"
      ? { kind: "file", name: hierarchy, text: await readText(hierarchy) }
      : { kind: "inline", tree: hierarchy };
  const options = {
    level,
    normalise: steps ?? [],
    unseen: unseen ?? "error",
    missing: missing === "error" ? "error" : "category",
  } as const;
  return resolveHierarchy(source, options, where);
}

function numericRecoding(column: ScenarioColumn, where: string): Recoding {
  const { type, bands, edges, round, floor, missing, reference, format } = column;
  const coarser = [bands, edges, round, floor].filter((key) => key !== undefined);
  if (coarser.length > 1)
    refuse("bands", where, "several ways to be coarser", "one of bands, edges, round and floor");
  if (missing === "category")
    refuse("missing", `${where}.missing`, missing, "a number to stand for it, or error");
  const born = type === "birthDate";
  if (born !== (reference !== undefined))
    refuse("reference", `${where}.reference`, reference ?? "none", "a day, of birth dates alone");
  if (!born && format !== undefined)
    refuse("format", `${where}.format`, format, "none, for the column holds no dates");
  const common = {
    integer: born || type === "integer",
    ...endsOf(column, where),
    missing: typeof missing === "number" ? missing : null,
    bornBeforeMs: reference === undefined ? null : calendarDay(reference, `${where}.reference`),
    ...written(format),
  };
  const listed = Array.isArray(bands) ? bands : edges;
  if (listed !== undefined) {
    const closed = edges !== undefined;
    const labels = bandLabels(listed, closed);
    return { kind: "bands", ...common, edges: listed, closed, labels };
  }
  const width = round ?? floor;
  const rule = round === undefined ? "floor" : "round";
  return { kind: "number", ...common, grid: width === undefined ? null : { rule, width } };
}

/** Of cells beyond the bounds: refused, or moved to the nearer end. */
function endsOf({ bounds, outside, clip }: ScenarioColumn, where: string) {
  const ends = numbersOf(bounds, where);
  if (outside === undefined) return { bounds: ends, clip: clip ?? null };
  if (ends === null)
    return refuse("outside", `${where}.outside`, outside, "bounds that a cell can be outside of");
  if (clip !== undefined)
    return refuse("outside", `${where}.outside`, "outside and clip", "one of them");
  return outside === "clip" ? { bounds: null, clip: ends } : { bounds: ends, clip: null };
}

function dateRecoding(
  { level = "day", reference, bounds, format }: ScenarioColumn,
  where: string,
): Recoding {
  const known = DATE_LEVELS.find((name, i) => name === level || i === level);
  if (known === undefined)
    return refuse("level", `${where}.level`, level, `one of ${DATE_LEVELS.join(", ")}`);
  const referenceMs = reference === undefined ? 0 : calendarDay(reference, `${where}.reference`);
  const kept = { kind: "date", level: known, referenceMs, ...written(format) } as const;
  if (!Array.isArray(bounds)) return { ...kept, boundsMs: null };
  if (reference === undefined)
    refuse("reference", `${where}.reference`, "none", "the day that daysBefore counts to");
  const [first, last] = bounds.map((end) => calendarDay(String(end), `${where}.bounds`));
  return { ...kept, boundsMs: [first ?? 0, last ?? 0] };
}

/** Nothing where dates are written as they are unless somebody says so: a contract of before has the same hash. */
export function written(format: DateFormat | undefined): { readonly format?: DateFormat } {
  return format === undefined || format === ISO_DATES ? {} : { format };
}

function imageRecoding({ shape }: ScenarioColumn, where: string): Recoding {
  if (shape === undefined)
    return refuse("shape", `${where}.shape`, "none", "[height, width], or with channels as well");
  const [height, width, channels = 1] = shape;
  return { kind: "image", shape: [height, width, channels] };
}

function numbersOf(
  bounds: ScenarioColumn["bounds"],
  where: string,
): readonly [number, number] | null {
  if (!Array.isArray(bounds)) return null;
  const [low, high] = bounds;
  if (typeof low === "number" && typeof high === "number") return [low, high];
  return refuse("bounds", `${where}.bounds`, "days", "two numbers, or type: date");
}

function calendarDay(day: string, where: string): number {
  const ms = dayMs(day);
  if (Number.isNaN(ms)) refuse("day", where, day, "a day of the calendar, YYYY-MM-DD");
  return ms;
}

function refuse(what: string, where: string, got: unknown, expected: string): never {
  throw new ScenarioError({ what, where, got, expected, fix: "Mend the scenario." });
}
