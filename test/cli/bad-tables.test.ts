/** A table or its schema that is no good: one clear error, exit 2, nothing written, no cell quoted. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { murmur, scratch } from "../support/murmur.ts";

const COLUMNS = {
  id: { role: "directIdentifier" },
  age: { role: "quasiIdentifier", type: "integer", bounds: [0, 120], bands: [30, 60] },
  city: { role: "quasiIdentifier", hierarchy: { Lyon: ["France"], Bonn: ["Germany"] }, level: 1 },
  bought: { role: "target" },
};
const FEATURES = { age: { formula: "ordinal(age)" } };
const TIMEOUT_MS = 180_000;
/** Would show in a message that quotes a cell. */
const SECRET = "Zebedee";

/** Calls `step` with a folder of its own, in which `in/` is. */
async function inScratch(step: (folder: string) => Promise<void>): Promise<void> {
  const { path, remove } = scratch();
  try {
    mkdirSync(join(path, "in"));
    await step(path);
  } finally {
    remove();
  }
}

interface Bad {
  /** Lines of the table, or its bytes. */
  readonly table?: readonly string[] | Uint8Array;
  readonly name?: string;
  readonly columns?: object;
  readonly features?: object;
  readonly source?: object;
  readonly anonymity?: object;
  /** The scenario's own text. */
  readonly text?: (yaml: string) => string;
}

const HEAD = "id,age,city,bought";
const rows = (more: readonly string[] = []) => [
  HEAD,
  ...Array.from({ length: 40 }, (_, i) => `p${i},${20 + i},${i % 3 ? "Lyon" : "Bonn"},${i % 2}`),
  ...more,
];

function write(
  folder: string,
  { table = rows(), name = "people.csv", columns, features, ...rest }: Bad,
): void {
  const bytes = table instanceof Uint8Array ? table : `${table.join("\n")}\n`;
  writeFileSync(join(folder, "in", name), bytes);
  const scenario = {
    format: 1,
    name: "bad",
    data: {
      source: { file: name, testRows: 10, public: true, ...rest.source },
      columns: { ...COLUMNS, ...columns },
      target: { name: "buys", column: "bought", positive: "1" },
      anonymity: rest.anonymity ?? {},
    },
    features: features ?? FEATURES,
    training: { rounds: 1 },
    privacy: { epsilon: 1, delta: 1e-5, population: 30 },
    clients: { count: 2 },
  };
  const text = stringify(scenario, { aliasDuplicateObjects: false });
  writeFileSync(join(folder, "in/bad.yaml"), rest.text?.(text) ?? text);
}

/** By `murmur run`, and by `murmur anonymize` where the fault is one of the table's. */
async function refusals(folder: string, { name = "people.csv" }: Bad, commands: readonly string[]) {
  const schema = join(folder, "in/bad.yaml");
  const out = join(folder, "out");
  const args: Readonly<Record<string, readonly string[]>> = {
    run: ["run", schema, "--hosts", "1", "--out", out],
    anonymize: ["anonymize", join(folder, "in", name), "--schema", schema, "--out", out],
  };
  return Promise.all(
    commands.map(async (command) => {
      const { status, stdout, stderr } = await murmur(args[command] ?? []);
      return { command, status, stdout, lines: stderr.trimEnd().split("\n") };
    }),
  );
}

const BOTH = ["run", "anonymize"];

const FAULTS: readonly (readonly [what: string, bad: Bad, parts: readonly string[]])[] = [
  [
    "a column that nothing declares",
    { table: rows().map((line, i) => `${line},${i === 0 ? "shoe" : SECRET}`) },
    ["data.undeclaredColumn", "shoe"],
  ],
  [
    "a column that is missing",
    { columns: { height: { role: "insensitive", type: "number", bounds: [0, 3] } } },
    ["data.missingColumn", "height"],
  ],
  [
    "a hole in a hierarchy",
    { columns: { city: { ...COLUMNS.city, hierarchy: { Lyon: ["France"], Bonn: [""] } } } },
    ["hierarchyIncomplete", "city"],
  ],
  [
    "a value that the hierarchy lacks",
    { table: rows([`q,44,${SECRET},1`]) },
    ["data.unseen", "line 42, city"],
  ],
  [
    "bands that overlap",
    { columns: { age: { ...COLUMNS.age, bands: [30, 60, 50] } } },
    ["bands", "age"],
  ],
  [
    "a band on text",
    { columns: { city: { role: "quasiIdentifier", type: "text", bands: [1, 2] } } },
    ["bands", "city"],
  ],
  [
    "text under bands",
    { table: rows([`q,${SECRET},Lyon,1`]) },
    ["data.notANumber", "line 42, age"],
  ],
  [
    "a number of 400 digits",
    { table: rows([`q,${"9".repeat(400)},Lyon,1`]) },
    ["data.nonFiniteNumber", "line 42, age"],
  ],
  ["a number out of its bounds", { table: rows(["q,121,Lyon,1"]) }, ["data.aboveDeclaredMaximum"]],
  [
    "a gzip bomb",
    { name: "people.csv.gz", table: gzipSync(`${HEAD}\n${"p,30,Lyon,1\n".repeat(400_000)}`) },
    ["data.", "people.csv.gz"],
  ],
  [
    "a gzip bomb of one line",
    { name: "people.csv.gz", table: gzipSync(Buffer.alloc(16 << 20, "a")) },
    ["data.", "people.csv.gz"],
  ],
  ["a cell without end", { table: rows([`q,30,"${SECRET.repeat(400_000)}",1`]) }, ["data."]],
  [
    "bytes that are no UTF-8",
    {
      table: Buffer.concat([
        Buffer.from(`${rows().join("\n")}\n`),
        Buffer.from([0x70, 0xff, 0x0a]),
      ]),
    },
    ["data.", "UTF-8"],
  ],
  ["a row of another length", { table: rows(["q,30,Lyon"]) }, ["data.ragged", "42"]],
  [
    "two columns of one name",
    { table: rows().map((l, i) => (i ? l : "id,age,age,bought")) },
    ["data."],
  ],
  [
    "a column called __proto__",
    { table: rows().map((line, i) => `${line},${i === 0 ? "__proto__" : 1}`) },
    ["__proto__"],
  ],
  ["no rows", { table: [HEAD] }, ["data.noRows"]],
  [
    "an alias in the YAML",
    { text: (yaml) => yaml.replace("name: bad", "name: &a bad\nseed: *a") },
    ["yaml.alias"],
  ],
  [
    "a column __proto__ in the YAML",
    { text: (yaml) => yaml.replace("    age:", "    __proto__: { role: drop }\n    age:") },
    ["__proto__"],
  ],
  [
    "a level learned from the rows",
    { columns: { age: { ...COLUMNS.age, bounds: "auto" } } },
    ["learnedParameter", "unsafe: true"],
  ],
  [
    "people in a column that is declared harmless",
    {
      columns: { city: { role: "insensitive" } },
      table: rows().map((line, i) =>
        i ? line.replace(/Lyon|Bonn/, `${SECRET}${i}@example.org`) : line,
      ),
    },
    ["identifierInHarmlessColumn", "city", "identifiersKnown"],
  ],
  [
    "mondrian over text",
    { columns: { city: { role: "quasiIdentifier" } }, anonymity: { mode: "mondrian" } },
    ["mode", "city"],
  ],
];

it.concurrent.each(FAULTS)(
  "refuses %s in run and anonymize, in one line, leaving nothing",
  (_, bad, parts) =>
    inScratch(async (folder) => {
      write(folder, bad);
      for (const { command, status, stdout, lines } of await refusals(folder, bad, BOTH)) {
        expect(lines, command).toHaveLength(1);
        for (const part of parts) expect(lines[0], command).toContain(part);
        expect(lines[0], command).toMatch(/^ScenarioError: \S.* \(.*\): got .*, expected .*\. .*/);
        expect(lines[0], command).not.toContain(SECRET);
        expect(status, command).toBe(2);
        if (command === "anonymize") expect(stdout).toBe("");
      }
      expect(readdirSync(folder)).toEqual(["in"]);
    }),
  TIMEOUT_MS,
);

it.concurrent.each([
  ["a path out of the folder", "../people.csv", ["path.escape"]],
  ["a file that is not there", "nowhere.csv", ["path.missing"]],
  ["a link out of the folder", "link.csv", ["path.escape"]],
  ["a folder", ".", ["path.notFile"]],
])(
  "refuses %s as a source",
  (_, file, parts) =>
    inScratch(async (folder) => {
      writeFileSync(join(folder, "people.csv"), rows().join("\n"));
      symlinkSync(join(folder, "people.csv"), join(folder, "in/link.csv"));
      write(folder, { source: { file } });
      const [run] = await refusals(folder, {}, ["run"]);
      expect(run?.lines).toHaveLength(1);
      for (const part of parts) expect(run?.lines[0]).toContain(part);
      expect(run?.status).toBe(2);
    }),
  TIMEOUT_MS,
);

it.concurrent.each([
  ["reaches a constructor", "age.constructor"],
  ["calls one", "constructor(1)"],
  ["calls what a prototype has", 'oneHot(age)["toString"]()'],
  ["nests without end", `${"(".repeat(5_000)}age${")".repeat(5_000)}`],
  ["is a chain without end", `1${"+1".repeat(450)}`],
  ["assigns", "x = 1"],
  ["defines a function", "f(x) = x"],
])(
  "refuses a formula that %s",
  (_, formula) =>
    inScratch(async (folder) => {
      write(folder, { features: { age: { formula: "ordinal(age)" }, bad: { formula } } });
      const [run] = await refusals(folder, {}, ["run"]);
      expect(run?.lines).toHaveLength(1);
      expect(run?.lines[0]).toMatch(/^ScenarioError: .*features\.bad/);
      expect(run?.status).toBe(2);
      expect(readdirSync(folder)).toEqual(["in"]);
    }),
  TIMEOUT_MS,
);
