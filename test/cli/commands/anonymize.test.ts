/** `murmur anonymize` as its user meets it: what it prints, what it writes, and what it never does. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { murmur, murmurProcess, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(() => folder.remove());
const KEY = Buffer.alloc(32, "0123456789abcdef0123456789abcdeF").toString("hex");

const COLUMNS = {
  name: { role: "directIdentifier" },
  age: { role: "quasiIdentifier", type: "integer", bounds: [0, 120], bands: [40, 60] },
  zip: { role: "quasiIdentifier", type: "code", length: 5, level: 2 },
  disease: { role: "sensitive", vocabulary: ["flu", "cold"] },
  note: { role: "insensitive", vocabulary: ["=SUM(A1)", "none"] },
};
const TABLE = `name,age,zip,disease,note
Anna Nowak,34,02138,flu,none
Bo Lindqvist,36,02139,cold,=SUM(A1)
Cyril Dupont,44,02138,flu,none
Dina Rossi,46,02139,flu,none
Edgar Poole,71,10001,cold,none
`;
const at = (name: string) => join(folder.path, name);

beforeAll(() => {
  writeFileSync(at("people.csv"), TABLE);
  writeFileSync(at("all.yaml"), stringify({ columns: COLUMNS }));
});

function schema(name: string, part: object): string {
  writeFileSync(at(name), stringify({ columns: COLUMNS, ...part }));
  return at(name);
}

/** One column of a CSV file with a header. */
function column(path: string, name: string): unknown[] {
  const rows: Record<string, unknown>[] = parse(readFileSync(path), { columns: true });
  return rows.map((row) => row[name]);
}

async function report(...args: string[]) {
  const { status, stdout, stderr } = await murmur(
    ["anonymize", at("people.csv"), "--json", ...args],
    {
      MURMUR_TEST_KEY: KEY,
    },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

it("tells metrics before and after, from the data part of a scenario alone", async () => {
  const { rows, suppressed, columns, before, after, price } = await report(
    "--schema",
    at("all.yaml"),
  );
  expect([rows, suppressed]).toEqual([5, 0]);
  expect(columns).toEqual(["age", "zip", "disease", "note"]);
  // Ages 34 and 36 in 021**, 44 and 46 in 021**, 71 alone.
  expect([before.k, before.equivalence_classes]).toEqual([1, 5]);
  expect([after.k, after.equivalence_classes, after.records_below_k["2"]]).toEqual([1, 3, 1]);
  expect(after.sensitive.disease.distinct_l).toBe(1);
  expect(after.information_loss.per_column.zip.generalization_intensity).toBe(0.4);
  expect(price).toMatchObject({ factor: 1, raw: { epsilon: 1, delta: 1e-5 } });
});

it("suppresses to k, writes what is left, and prices it", async () => {
  const suppressing = schema("suppress.yaml", { anonymity: { mode: "suppress", k: 2 } });
  // Planted where the draft will be: nothing is written to where it leads.
  writeFileSync(at("elsewhere"), "precious");
  symlinkSync(at("elsewhere"), at("out.csv.tmp"));
  const { suppressed, after, price } = await report(
    "--schema",
    suppressing,
    "--out",
    at("out.csv"),
  );
  expect([suppressed, after.k, after.rows, after.suppressed_rows]).toEqual([1, 2, 4, 1]);
  // Twice the sensitivity at the same δ, where group privacy has ε 2 at 3.7 times δ.
  expect(price).toMatchObject({ factor: 2, raw: { delta: 1e-5 } });
  expect(price.raw.epsilon).toBeCloseTo(2.1547, 4);
  expect(parse(readFileSync(at("out.csv")), { columns: true })).toEqual([
    { age: "(-inf,40)", zip: "021**", disease: "flu", note: "none" },
    // As a spreadsheet would show it, not run it.
    { age: "(-inf,40)", zip: "021**", disease: "cold", note: "'=SUM(A1)" },
    { age: "[40,60)", zip: "021**", disease: "flu", note: "none" },
    { age: "[40,60)", zip: "021**", disease: "flu", note: "none" },
  ]);
  expect(readdirSync(folder.path)).not.toContain("out.csv.tmp");
  expect(readFileSync(at("elsewhere"), "utf8")).toBe("precious");
});

it("cuts by mondrian, writes ranges, and promises no raw epsilon", async () => {
  const columns = {
    ...COLUMNS,
    age: { role: "quasiIdentifier", type: "integer" },
    zip: { role: "drop" },
  };
  writeFileSync(at("m.yaml"), stringify({ columns, anonymity: { mode: "mondrian", k: 2 } }));
  const { after, price } = await report("--schema", at("m.yaml"), "--out", at("parts.csv"));
  expect(price.raw).toBeNull();
  expect(after.class_sizes_sorted).toEqual([2, 3]);
  const ages = column(at("parts.csv"), "age");
  expect(new Set(ages)).toEqual(new Set(["34 to 44", "46 to 71"]));
});

it("keeps a keyed pseudonym where the schema asks for one, and never the key", async () => {
  const name = {
    role: "directIdentifier",
    action: "pseudonym",
    key: { env: "MURMUR_TEST_KEY" },
  };
  writeFileSync(at("p.yaml"), stringify({ columns: { ...COLUMNS, name } }));
  const { columns, pseudonyms } = await report("--schema", at("p.yaml"), "--out", at("names.csv"));
  expect(columns[0]).toBe("name");
  expect(pseudonyms).toEqual({ name: "the environment, MURMUR_TEST_KEY" });
  const text = readFileSync(at("names.csv"), "utf8");
  const names = column(at("names.csv"), "name");
  for (const pseudonym of names) expect(pseudonym).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(names).size).toBe(5);
  for (const secret of [KEY, "Anna", "Poole"]) expect(text).not.toContain(secret);
});

it("learns levels under unsafe: true alone, and says so", async () => {
  const learned = {
    ...COLUMNS,
    age: { role: "quasiIdentifier", type: "integer", bounds: "auto", bands: { quantiles: 2 } },
  };
  writeFileSync(at("u.yaml"), stringify({ columns: learned, anonymity: { unsafe: true } }));
  const { unsafe, price, after } = await report("--schema", at("u.yaml"));
  expect([unsafe, price.raw, price.factor]).toEqual([true, null, null]);
  // The median, 44, parts the ages into 34 36 | 44 46 71.
  expect(after.equivalence_classes).toBe(3);
  const { stdout } = await murmur(["anonymize", at("people.csv"), "--schema", at("u.yaml")]);
  expect(stdout).toContain("unsafe: levels were learned from these very rows");
  expect(stdout).toContain("is none against the raw one");
});

it("holds the journalist's risk against a population", async () => {
  writeFileSync(at("town.csv"), `${TABLE}${TABLE.split("\n").slice(1).join("\n")}`);
  const { after } = await report("--schema", at("all.yaml"), "--population", at("town.csv"));
  expect([after.risk.prosecutor.max, after.risk.journalist.max]).toEqual([1, 0.5]);
});

it("takes the privacy of a whole scenario for its price", async () => {
  mkdirSync(at("data"), { recursive: true });
  const scenario = {
    data: { columns: COLUMNS, anonymity: { mode: "suppress", k: 2 } },
    privacy: { epsilon: 0.25, delta: 1e-6, adjacency: "replaceOne" },
  };
  writeFileSync(at("whole.yaml"), stringify(scenario));
  const { price } = await report("--schema", at("whole.yaml"));
  expect(price).toMatchObject({ anonymized: { epsilon: 0.25, delta: 1e-6 }, factor: 2 });
  expect(price.raw.delta).toBe(1e-6);
  const { stdout } = await murmur(["anonymize", at("people.csv"), "--schema", at("whole.yaml")]);
  expect(stdout).toContain(
    `ε 0.250, δ 1e-6 against the anonymized table, by full batches under Gaussian noise, is ε ${price.raw.epsilon.toFixed(3)}, at the same δ, against the raw one`,
  );
});

it("refuses to write over what it reads", async () => {
  const args = [
    "anonymize",
    at("people.csv"),
    "--schema",
    at("all.yaml"),
    "--out",
    at("people.csv"),
  ];
  const { status, stderr } = await murmur(args);
  expect(stderr).toMatch(/^ScenarioError: --out /);
  expect(status).toBe(2);
  expect(readFileSync(at("people.csv"), "utf8")).toBe(TABLE);
});

it("shows people the same in words", async () => {
  const { stdout } = await murmur(["anonymize", at("people.csv"), "--schema", at("all.yaml")]);
  expect(stdout).toMatch(/^people\.csv: 5 rows → 5 × 4, k 1\n/);
  expect(stdout).toMatch(/equivalence classes +5 +3\n/);
  for (const name of ["Anna", "Lindqvist"]) expect(stdout).not.toContain(name);
});

it.each([1_023, 1_024, 3_000])("writes %i rows, each once and in their order", async (count) => {
  const ages = Array.from({ length: count }, (_, i) => 20 + ((i * i) % 60));
  const rows = ages.map((age) => `Anna Nowak,${age},02138,flu,none`);
  writeFileSync(at("many.csv"), ["name,age,zip,disease,note", ...rows, ""].join("\n"));
  const flags = ["--schema", at("all.yaml"), "--out", at("many-out.csv"), "--quiet"];
  expect((await murmurProcess(["anonymize", at("many.csv"), ...flags])).status).toBe(0);
  expect(column(at("many-out.csv"), "age")).toEqual(
    ages.map((age) => (age < 40 ? "(-inf,40)" : age < 60 ? "[40,60)" : "[60,inf)")),
  );
});

it("takes a vocabulary of numbers or truths as what cells say, in its order", async () => {
  writeFileSync(at("spend.jsonl"), [10, 40, 20, 10].map((s) => `{"s":${s},"b":true}\n`).join(""));
  const columns = {
    s: { role: "sensitive", vocabulary: [10, 20, 40] },
    b: { role: "quasiIdentifier", vocabulary: [true, false] },
  };
  writeFileSync(at("spend.yaml"), stringify({ columns }));
  const { status, stdout, stderr } = await murmur([
    ...["anonymize", at("spend.jsonl"), "--schema", at("spend.yaml"), "--json"],
  ]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout).after).toMatchObject({
    equivalence_classes: 1,
    sensitive: { s: { distinct_l: 3, t_ordered: 0 } },
  });
});

it("refuses to part fewer rows than k", async () => {
  const columns = { ...COLUMNS, zip: { role: "drop" } };
  const part = { columns, anonymity: { mode: "mondrian", k: 6 } };
  const { status, stderr } = await murmur([
    ...["anonymize", at("people.csv"), "--schema", schema("few.yaml", part)],
    ...["--out", at("few.csv")],
  ]);
  expect(stderr).toMatch(/^ScenarioError: fewerRowsThanK \(data\.anonymity\.k\)/);
  expect(status).toBe(2);
  expect(readdirSync(folder.path)).not.toContain("few.csv");
});

it.each([
  [
    "keyInScenario",
    { name: { role: "directIdentifier", action: "pseudonym", key: KEY } },
    "keyInScenario (bad.yaml, columns.name.key)",
  ],
  [
    "keyInScenario",
    { name: { role: "directIdentifier", action: "pseudonym", key: { hex: KEY } } },
    "keyInScenario (bad.yaml, columns.name.key)",
  ],
  [
    "roleConflict",
    { zip: { role: "target" }, disease: { role: "target" } },
    "roleConflict (bad.yaml, data.columns)",
  ],
  [
    "a key that is no name",
    { "zip-code": { role: "drop" } },
    "key (bad.yaml, columns.zip-code): got zip-code, expected a camelCase identifier.",
  ],
])("refuses %s in one line that quotes no key", async (_, columns, said) => {
  const part = { columns: { ...COLUMNS, ...columns } };
  const args = ["anonymize", at("people.csv"), "--schema", schema("bad.yaml", part)];
  const { status, stderr } = await murmur([...args, "--out", at("bad.csv")]);
  expect([status, stderr.split("\n").length]).toEqual([2, 2]);
  expect(stderr).toContain(`ScenarioError: ${said}`);
  expect(stderr).not.toContain(KEY);
  expect(readdirSync(folder.path)).not.toContain("bad.csv");
});

it("takes the place of a file alone, not of a folder or a device", async () => {
  mkdirSync(at("taken"), { recursive: true });
  const args = ["anonymize", at("people.csv"), "--schema", at("all.yaml"), "--out", at("taken")];
  const { status, stderr } = await murmur(args);
  expect(stderr).toMatch(/^ScenarioError: --out \(--out\): got a folder, device or pipe/);
  expect(status).toBe(2);
  expect(readdirSync(at("taken"))).toEqual([]);
});

it("says so where no column is a quasi-identifier, in the place of a k as large as the table", async () => {
  const open = { age: { ...COLUMNS.age, role: "sensitive" }, zip: { role: "drop" } };
  writeFileSync(at("open.yaml"), stringify({ columns: { ...COLUMNS, ...open } }));
  const command = ["anonymize", at("people.csv"), "--schema", at("open.yaml")];
  const { status, stdout } = await murmur(command);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^people\.csv: 5 rows → 5 × 3, no column is a quasi-identifier\n/);
  expect(stdout).toContain("role: quasiIdentifier in the schema");
  expect(stdout).not.toMatch(/k 5|k, the smallest|prosecutor|worst|classes below/);
  expect((await murmur([...command, "--quiet"])).stdout).toBe(
    "people.csv: 5 rows → 5 × 3, no column is a quasi-identifier\n",
  );
  expect(JSON.parse((await murmur([...command, "--json"])).stdout).quasiIdentifiers).toEqual([]);
  const grouped = await murmur(["anonymize", at("people.csv"), "--schema", at("all.yaml")]);
  expect(grouped.stdout).toMatch(
    /^people\.csv: 5 rows → 5 × 4, k 1\n[\s\S]*k, the smallest of them +1 +1\n/,
  );
  expect((await report("--schema", at("all.yaml"))).quasiIdentifiers).toEqual(["age", "zip"]);
});
