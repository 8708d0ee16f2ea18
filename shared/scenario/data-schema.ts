/**
 * What the `data` part of a scenario may say: source, columns with their roles and fixed levels,
 * target, partition, anonymity. `murmur anonymize` takes it alone. Checks that need two keys at once
 * stand in `data-check.ts`.
 */
import { z } from "zod";
import { dateFormat } from "./date-format.ts";
import { count, day, formula, identifier, interval, positive } from "./values.ts";

const dayInterval = z.tuple([day, day]);

const source = z.strictObject({
  generator: z.enum(["purchases"]).optional(),
  /** Where its files are, unless beside the scenario: a folder in there, or npm:PACKAGE/FOLDER. */
  folder: z.string().min(1).max(4_096).optional(),
  file: z.string().min(1).optional(),
  /** One a client, in the clients' order, with partition: { kind: files }. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Held-out people in a file of their own. */
  testFile: z.string().min(1).optional(),
  /** Names of the columns, where the file's first line is a row. */
  header: z.array(z.string().min(1)).min(1).optional(),
  /** What parts the cells of a CSV file, where its first line does not show it. */
  delimiter: z.enum([",", ";", "\t", "|"]).optional(),
  /** What stands before the tenths in a CSV file's numbers; a point unless the file says. */
  decimal: z.enum([".", ","]).optional(),
  /** A cell that says so is empty; or all that say so. */
  missing: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(20)], "text, or a list of it")
    .optional(),
  rows: count.optional(),
  testRows: count.optional(),
  person: z.string().min(1).optional(),
  events: z
    .record(
      identifier,
      z.strictObject({
        time: z.string().min(1),
        fields: z.array(identifier).default([]),
        where: formula.optional(),
      }),
    )
    .optional(),
  where: formula.optional(),
  public: z.boolean().default(false),
});

const steps = z.array(z.enum(["nfc", "trim", "collapseSpaces", "caseFold"]));
/** YAML takes 10 and true for more than text; a cell that says so is text. */
const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const vocabulary = z
  .array(value.pipe(z.string().min(1).max(1_000)))
  .min(1)
  .max(10_000);

/** Whence a client's master key comes: never the scenario itself. */
export const keySource = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  "env with a variable's name, or file with a path",
);

const extent = z.number().int().min(1).max(4_096);

const column = z.strictObject({
  from: z.string().min(1).optional(),
  role: z.enum([
    "directIdentifier",
    "quasiIdentifier",
    "sensitive",
    "insensitive",
    "target",
    "eventLog",
    "drop",
  ]),
  /** Identifiers in its values are known, and stay: why. The scanner then stops nobody for them. */
  identifiersKnown: z.string().min(1).max(1_000).optional(),
  action: z.enum(["drop", "pseudonym"]).optional(),
  identifier: z.enum(["text", "email", "phone"]).optional(),
  key: keySource.optional(),
  dropAfterJoin: z.boolean().optional(),
  type: z
    .enum(["integer", "number", "category", "text", "code", "date", "birthDate", "image"])
    .optional(),
  /** Of images: height and width, and channels where there are several. */
  shape: z
    .union([z.tuple([extent, extent]), z.tuple([extent, extent, extent])], "[height, width]")
    .optional(),
  bounds: z
    .union(
      [interval, dayInterval, z.literal("auto")],
      "two numbers or days, the first below the second, or auto",
    )
    .optional(),
  bands: z
    .union(
      [
        z.array(z.number()).min(1).max(1_000),
        z.strictObject({ quantiles: z.number().int().min(2).max(100) }),
      ],
      "a list of numbers, or quantiles: 2 to 100",
    )
    .optional(),
  edges: z.array(z.number()).min(1).max(1_000).optional(),
  /** Of bounds: what becomes of a cell beyond them; refuse unless the file says. */
  outside: z.enum(["clip", "refuse"]).optional(),
  clip: interval.optional(),
  round: positive.optional(),
  floor: positive.optional(),
  reference: day.optional(),
  /** How dates are written. */
  format: dateFormat.optional(),
  length: z.number().int().min(1).max(100).optional(),
  charset: z.enum(["digits", "alphanumeric"]).optional(),
  hierarchy: z
    .union(
      [z.string(), z.record(z.string(), z.array(value).min(1))],
      "a file's path, or leaf: [parents]",
    )
    .optional(),
  level: z
    .union([z.string(), z.number().int().min(0)], "a level's name, or its number from 0")
    .optional(),
  vocabulary: z
    .union([vocabulary, z.literal("auto")], "a list of 1 to 10,000 values, or auto")
    .optional(),
  unseen: z.enum(["other", "error"]).optional(),
  missing: z
    .union([z.enum(["category", "error"]), z.number()], "category, error, or a number")
    .optional(),
  normalise: steps.optional(),
  take: z.literal("first").optional(),
  time: identifier.optional(),
  cutOff: day.optional(),
  maxAgeDays: count.optional(),
  maxEvents: count.optional(),
  truncateDays: z.number().int().min(1).max(366).optional(),
  amount: z
    .strictObject({
      clip: interval,
      round: positive.optional(),
      floor: positive.optional(),
      bands: z.array(z.number()).min(1).max(1_000).optional(),
    })
    .optional(),
  category: z
    .strictObject({
      from: z.string().min(1).optional(),
      vocabulary,
      unseen: z.enum(["other", "error"]).default("error"),
      normalise: steps.default([]),
    })
    .optional(),
  /** Of an event in a list, what follows its time. */
  fields: z
    .array(z.enum(["amount", "category"]))
    .max(2)
    .optional(),
});

const target = z.strictObject({
  name: identifier,
  event: identifier.optional(),
  within: count.optional(),
  column: identifier.optional(),
  positive: z
    .union([z.string(), z.number(), z.boolean().transform(String)], "text or a number")
    .optional(),
  /** All labels there are, each one's number its place in the list; in the place of positive. */
  classes: z
    .array(value.pipe(z.string().min(1).max(1_000)))
    .min(2)
    .max(256)
    .optional(),
  /** Of a number, in its own units: what lies outside is taken for the nearer end. */
  bounds: interval.optional(),
});

const partition = z.strictObject({
  kind: z.enum(["iid", "dirichlet", "byColumn", "shards", "sizes", "files"]),
  alpha: positive.optional(),
  column: identifier.optional(),
  /** Of people sorted by label, so many contiguous ones a client. */
  shards: z.number().int().min(1).max(1_000).optional(),
  sizes: z.enum(["logNormal", "zipf"]).optional(),
  /** Of the logarithm of a client's size. */
  sigma: positive.max(10).optional(),
  exponent: positive.max(10).optional(),
});

const anonymity = z.strictObject({
  mode: z.enum(["report", "suppress", "mondrian"]).default("report"),
  k: z.number().int().min(2).max(1_000_000).default(5),
  sensitive: z.array(identifier).default([]),
  /** Lets levels be learned from the rows themselves, with which no epsilon holds against them. */
  unsafe: z.boolean().default(false),
});

export const dataSchema = z.strictObject({
  source,
  columns: z.record(identifier, column),
  target,
  partition: partition.prefault({ kind: "iid" }),
  anonymity: anonymity.prefault({}),
});

/** The same where a table is to be anonymized and nothing more: which table, and its label, may be open. */
export const tableSchema = dataSchema.partial({ source: true, target: true });

export type TableData = z.infer<typeof tableSchema>;
export type ScenarioData = z.infer<typeof dataSchema>;
export type ScenarioSource = ScenarioData["source"];
export type KeySource = z.infer<typeof keySource>;
export type ScenarioColumn = z.infer<typeof column>;

const RECODED = {
  may: [
    ...[
      "type",
      "bounds",
      "outside",
      "bands",
      "edges",
      "clip",
      "round",
      "floor",
      "reference",
      "format",
      "length",
    ],
    ...["charset", "hierarchy", "level", "vocabulary", "unseen", "missing", "normalise", "take"],
    ...["identifiersKnown", "shape"],
  ],
  must: [],
} as const;

/** Paths of its files, in the clients' order where each has one; none where people are generated. */
export function sourceFiles({ file, files }: ScenarioSource): readonly string[] {
  return files ?? (file === undefined ? [] : [file]);
}

/** Which keys each role of a column may have beside `from` and `role`, and which it must have. */
export const ROLE_KEYS: Record<
  ScenarioColumn["role"],
  { readonly may: readonly string[]; readonly must: readonly string[] }
> = {
  directIdentifier: { may: ["action", "identifier", "key", "dropAfterJoin"], must: [] },
  drop: { may: [], must: [] },
  quasiIdentifier: RECODED,
  sensitive: RECODED,
  insensitive: RECODED,
  target: { may: ["type", "vocabulary", "identifiersKnown"], must: [] },
  eventLog: {
    may: [
      ...["time", "cutOff", "maxAgeDays", "maxEvents", "truncateDays", "amount", "category"],
      ...["format", "fields", "identifiersKnown"],
    ],
    must: ["time", "cutOff", "maxAgeDays", "maxEvents"],
  },
};
