/** What the keys of a scenario's `data` must hold together; for `murmur anonymize` too. */
import { isAbsolute, normalize, posix } from "node:path";
import { ROLE_KEYS, type ScenarioData } from "./data-schema.ts";
import type { Broken } from "./rule.ts";

/** undefined: the rule holds. */
export type DataRule = (data: ScenarioData) => Broken | undefined;

/** True for a folder that is not below the scenario's own, by its text; links are followed later. */
export function leadsOutside(folder: string): boolean {
  return isAbsolute(folder) || normalize(folder).split(/[\\/]/)[0] === "..";
}

/** Of one column, wherever it stands. */
export function columnFault(
  name: string,
  column: ScenarioData["columns"][string],
): Broken | undefined {
  const { may, must } = ROLE_KEYS[column.role];
  const given = Object.entries(column)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
  const odd = given.find((key) => key !== "from" && key !== "role" && !may.includes(key));
  if (odd)
    return [
      `data.columns.${name}.${odd}`,
      odd,
      `a key that fits role ${column.role} (${may.join(", ") || "none"})`,
      "Remove it, or change the role.",
    ];
  const lacking = must.find((key) => !given.includes(key));
  if (lacking)
    return [
      `data.columns.${name}.${lacking}`,
      "nothing",
      `${must.join(", ")} with role ${column.role}`,
      "Add it.",
    ];
  return undefined;
}

export const DATA_RULES: readonly DataRule[] = [
  ({ source }) => {
    const named = (["generator", "file", "files"] as const).filter(
      (key) => source[key] !== undefined,
    );
    // A test file alone: clients that join from elsewhere bring their own rows.
    const isElsewhere = named.length === 0 && source.testFile !== undefined;
    if (named.length === 1 || isElsewhere) return undefined;
    const expected = "a generator, a file, or a file a client";
    return ["data.source", named.join(" and ") || "neither", expected, "Name exactly one."];
  },
  ({ source }) => {
    const { generator, header, delimiter, decimal, missing, testFile, folder } = source;
    const stray = { header, delimiter, decimal, missing, testFile, folder };
    const given = Object.entries(stray).find(([, value]) => value !== undefined)?.[0];
    if (generator === undefined || given === undefined) return undefined;
    return [`data.source.${given}`, given, "none beside a generator", "Remove it."];
  },
  ({ source }) => {
    const given = [source.testRows, source.testFile].filter((key) => key !== undefined).length;
    if (given === 1) return undefined;
    return [
      "data.source.testRows",
      given === 0 ? "nothing" : "testRows and testFile",
      "how many people are held out, or testFile, a file of them",
      "Set one, testRows to 200 say.",
    ];
  },
  ({ source }) => {
    if (!source.events || source.person !== undefined) return undefined;
    return [
      "data.source.person",
      "nothing",
      "the column that names the person",
      "Name the column on which events are joined.",
    ];
  },
  ({ source, partition }) => {
    if ((partition.kind === "files") === (source.files !== undefined)) return undefined;
    const expected = "kind: files with data.source.files, and only then";
    return ["data.partition.kind", partition.kind, expected, "Set both, or neither."];
  },
  ({ source: { files = [] } }) => {
    const paths = files.map((path) => posix.normalize(path));
    const twice = files.find((_, i) => paths.indexOf(paths[i] ?? "") !== i);
    if (twice === undefined) return undefined;
    const expected = "each file once: a row of two clients would count twice";
    return ["data.source.files", twice, expected, "Give each client a file of its own."];
  },
  ...(
    [
      ["alpha", "dirichlet", "a number"],
      ["column", "byColumn", "a column"],
      ["shards", "shards", "how many shards each client gets"],
      ["sizes", "sizes", "logNormal or zipf"],
    ] as const
  ).map(
    ([key, kind, what]): DataRule =>
      ({ partition }) => {
        if ((partition.kind === kind) === (partition[key] !== undefined)) return undefined;
        const expected = `${what} with kind: ${kind}, none otherwise`;
        return [
          `data.partition.${key}`,
          partition[key] ?? "nothing",
          expected,
          "Add it, or remove it.",
        ];
      },
  ),
  ...(
    [
      ["sigma", "logNormal"],
      ["exponent", "zipf"],
    ] as const
  ).map(
    ([key, sizes]): DataRule =>
      ({ partition }) => {
        if ((partition.sizes === sizes) === (partition[key] !== undefined)) return undefined;
        const expected = `a number with sizes: ${sizes}, none otherwise`;
        return [
          `data.partition.${key}`,
          partition[key] ?? "nothing",
          expected,
          "Add it, or remove it.",
        ];
      },
  ),
  ({ target: { event, within, column, positive, classes, bounds } }) => {
    const given = [event, within, column, positive, classes, bounds]
      .map((key) => (key === undefined ? "-" : "x"))
      .join("");
    if (["xx----", "--xx--", "--x-x-", "--x--x"].includes(given)) return undefined;
    return [
      "data.target",
      "another mix",
      "event and within; or column, with positive, classes or bounds",
      "Say what the label is.",
    ];
  },
  ({ target: { column = "", bounds }, columns }) => {
    const type = columns[column]?.type;
    if (bounds === undefined || type === undefined || type === "number" || type === "integer")
      return undefined;
    const expected = "number or integer, as data.target.bounds have it";
    return [`data.columns.${column}.type`, type, expected, "Change either."];
  },
  ({ target: { bounds }, partition: { kind } }) => {
    if (bounds === undefined || kind !== "dirichlet") return undefined;
    const expected = "another: shares are drawn of each class, and the target is a number";
    return ["data.partition.kind", kind, expected, "Take shards, which cut people sorted by it."];
  },
  ({ target: { classes = [] } }) => {
    const twice = classes.find((name, i) => classes.indexOf(name) !== i);
    if (twice === undefined) return undefined;
    return ["data.target.classes", twice, "each class once", "Remove one."];
  },
  ({ columns }) => {
    for (const [name, column] of Object.entries(columns)) {
      const broken = columnFault(name, column);
      if (broken) return broken;
    }
    return undefined;
  },
];
