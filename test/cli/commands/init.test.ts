/** `murmur init`: whatever it proposes passes lint and runs, and no identifier is in it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { murmur, murmurProcess, scratch } from "../../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);

const FIRST = ["Anna", "Bjorn", "Chloe", "Dmitri", "Elif", "Farid", "Greta", "Hugo"];
const LAST = ["Nowak", "Larsen", "Dupont", "Ivanov", "Demir", "Haddad", "Schmidt", "Martin"];

/** Two hundred people, with what tables of people have in them. */
function people(): string {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const [first, last] = [FIRST[i % 8] ?? "", LAST[(i * 3 + (i >> 3)) % 8] ?? ""];
    const email = `${first}.${last}${i}@example.org`.toLowerCase();
    const zip = `0${2000 + ((i * 37) % 900)}`;
    const age = 18 + ((i * 13) % 60);
    const plan = ["basic", "plus", "NA"][i % 3];
    return [
      `${first} ${last}`,
      email,
      age,
      zip,
      plan,
      (i * 7919) % 10_000,
      i % 4 === 0 ? "yes" : "no",
    ].join(",");
  });
  return `full name,e-mail,age,zip code,plan,spend,churned\n${rows.join("\n")}\n`;
}

/** What `init` proposed, as it stands. */
async function runs(study: string, out: string): Promise<void> {
  const scenario = join(study, "scenario.yaml");
  const flags = ["--quiet", "--hosts", "1", "--out", at(out)];
  const { status, stderr } = await murmur(["run", scenario, ...flags]);
  expect([status, stderr]).toEqual([0, ""]);
}

it("proposes roles, drops who is named, and passes lint and a run", {
  timeout: TIMEOUT_MS,
}, async () => {
  writeFileSync(at("people.csv"), people());
  const study = at("study");
  const made = await murmurProcess(["init", study, "--from", at("people.csv"), "--json"]);
  expect(made.stderr).toBe("");
  expect(JSON.parse(made.stdout).columns).toEqual({
    "full name": "directIdentifier",
    "e-mail": "directIdentifier",
    age: "quasiIdentifier",
    "zip code": "quasiIdentifier",
    plan: "insensitive",
    spend: "insensitive",
    churned: "target",
  });
  expect(readdirSync(study).sort()).toEqual(["data", "scenario.schema.json", "scenario.yaml"]);
  // An editor that opens the folder finds the schema that the first line names.
  expect(readFileSync(join(study, "scenario.schema.json"), "utf8")).toBe(
    (await murmur(["schema"])).stdout,
  );
  const text = readFileSync(join(study, "scenario.yaml"), "utf8");
  expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=scenario.schema.json");
  for (const name of [...FIRST, ...LAST, "@"]) expect(text).not.toContain(name);
  // What was read off private rows stands in no plan that nobody wrote unsafe into: levels stay open.
  const { data, privacy } = parse(text);
  expect(data.anonymity).toEqual({ mode: "report", k: 5, unsafe: true });
  expect(data.columns.spend).toEqual({ role: "insensitive", type: "integer", bounds: "auto" });
  expect(data.columns.plan.vocabulary).toBe("auto");
  expect(text).toContain("Type in their place what is public anyway");
  expect(data.source).toEqual({ file: "data/people.csv", missing: "NA", testRows: 40 });
  expect(data.target).toMatchObject({ column: "churned", positive: "yes" });
  expect(privacy.population).toBe(160);
  for (const line of text.split("\n").filter((one) => one.includes("role:")))
    expect(line).toMatch(/ # \S/);
  const linted = await murmur(["lint", join(study, "scenario.yaml")]);
  expect([linted.status, linted.stderr]).toEqual([0, ""]);
  await runs(study, "run");
});

it("takes the label that is named, and refuses one that can be none", {
  timeout: TIMEOUT_MS,
}, async () => {
  writeFileSync(at("people.csv"), people());
  const init = (name: string, ...more: string[]) =>
    murmur(["init", at(name), "--from", at("people.csv"), ...more]);
  // Cells that say NA are empty, and a label must be there.
  const empty = await init("empty", "--target", "plan");
  expect(empty.stderr).toContain("init (--target): got a column with 66 empty cells");
  const amount = await init("amount", "--target", "spend", "--public");
  expect([amount.status, amount.stderr]).toEqual([0, ""]);
  const proposed = parse(readFileSync(at("amount/scenario.yaml"), "utf8"));
  expect(proposed.data.target).toMatchObject({
    column: "spend",
    bounds: [expect.any(Number), expect.any(Number)],
  });
  expect(proposed.model).toEqual({ kind: "linear" });
  await runs(at("amount"), "amount-run");
  const away = await init("away", "--target", "churnd");
  expect(away.stderr).toContain("Name it: --target churned");
  expect([empty, away].map(({ status }) => status)).toEqual([2, 2]);
  const right = await init("right", "--target", "churned");
  expect(right.status).toBe(0);
  expect(readdirSync(folder.path).filter((name) => /^(empty|away)|\.tmp$/.test(name))).toEqual([]);
});

it("asks which column it is where no name says so, by naming those that could be", async () => {
  writeFileSync(
    at("plain.csv"),
    `a,b,c\n${Array.from({ length: 40 }, (_, i) => `${i % 2},${i},${i % 3}`).join("\n")}\n`,
  );
  const { status, stderr } = await murmur(["init", at("plain"), "--from", at("plain.csv")]);
  expect(stderr).toMatch(/^ScenarioError: init \(--target\): got no column whose name says/);
  expect(stderr).toContain("--target a | c");
  expect([status, existsSync(at("plain"))]).toEqual([2, false]);
});

it("reads bounds off public rows, past outliers, and needs no unsafe for them", {
  timeout: TIMEOUT_MS,
}, async () => {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const x = i === 7 ? 99_999 : (i * 37) % 100;
    return [
      i,
      x,
      `${(i * 7) % 50}.0`,
      i % 9 ? (i % 10) / 10 : "NaN",
      i % 2 ? "True" : "False",
      "same",
      ["low", "mid", "top"][Math.floor(x / 34) % 3],
    ].join(",");
  });
  const held = ["900,12,3.0,,True,same,low", "901,80,4.0,0.4,False,same,top"];
  const head = "Unnamed: 0,x,whole,share,flag,constant,outcome";
  writeFileSync(at("open.csv"), `${head}\n${rows.join("\n")}\n`);
  writeFileSync(at("held.csv"), `${head}\n${held.join("\n")}\n`);
  const study = at("open");
  const made = await murmur([
    "init",
    study,
    "--from",
    at("open.csv"),
    "--test",
    at("held.csv"),
    "--public",
  ]);
  expect([made.status, made.stderr]).toEqual([0, ""]);
  const scenario = parse(readFileSync(join(study, "scenario.yaml"), "utf8"));
  const { data, features, model, privacy, training } = scenario;
  // Around the means 50, 24.5 and 0.45, as far as the farther bound.
  expect(features).toEqual({
    x: { formula: "x", bounds: [-10, 110] },
    whole: { formula: "whole", bounds: [0, 50] },
    share: { formula: "share", bounds: [0, 0.9] },
    flag: { formula: "oneHot(flag)" },
  });
  expect(training).toBe("auto");
  expect(data.source).toEqual({
    file: "data/open.csv",
    public: true,
    missing: "NaN",
    testFile: "data/held.csv",
  });
  expect(privacy.population).toBe(200);
  expect(data.anonymity).toEqual({ mode: "report", k: 5 });
  expect(data.columns).toEqual({
    unnamed0: { from: "Unnamed: 0", role: "directIdentifier" },
    x: { role: "insensitive", type: "integer", bounds: [0, 110], outside: "clip", missing: 50 },
    whole: { role: "insensitive", type: "integer", bounds: [0, 49], outside: "clip", missing: 25 },
    share: { role: "insensitive", type: "number", bounds: [0, 0.9], outside: "clip", missing: 0.4 },
    flag: { role: "insensitive", vocabulary: ["False", "True"], unseen: "other" },
    constant: { role: "drop" },
    outcome: { role: "target" },
  });
  expect([data.target.classes, model.kind]).toEqual([["low", "mid", "top"], "softmax"]);
  await runs(study, "open-run");
});

it("writes what lint and run take, whatever stands in the cells and the header", {
  timeout: TIMEOUT_MS,
}, async () => {
  const typed = Array.from({ length: 60 }, (_, i) =>
    JSON.stringify({ age: `${20 + (i % 40)}`, n: i % 5 ? i : "NA", "a\nb": i % 7, y: i % 2 }),
  );
  const long = "x".repeat(1_500);
  const odd = Array.from({ length: 60 }, (_, i) =>
    [
      i % 5 ? i : "NA",
      i % 4 ? `2024-01-${10 + (i % 20)}` : "",
      i % 3 ? i % 7 : "?",
      i % 2 ? long : "short",
      `"line\n${i % 3}"`,
      i - 3,
      i % 2,
    ].join(","),
  );
  writeFileSync(at("typed.jsonl"), `${typed.join("\n")}\n`);
  writeFileSync(at("odd.csv"), `v,joined,w,"a\nb",t,age,y\n${odd.join("\n")}\n`);
  for (const table of ["typed.jsonl", "odd.csv"]) {
    const made = await murmur(["init", at(`of-${table}`), "--from", at(table)]);
    expect([made.status, made.stderr]).toEqual([0, ""]);
    const path = join(at(`of-${table}`), "scenario.yaml");
    const run = await murmur(["run", path, "--quiet", "--hosts", "1", "--out", at(`run-${table}`)]);
    expect([run.status, run.stderr]).toEqual([0, ""]);
  }
});

it("leaves a folder with files in it alone", async () => {
  writeFileSync(at("people.csv"), people());
  const { status, stderr } = await murmur(["init", folder.path, "--from", at("people.csv")]);
  expect(stderr).toMatch(/^ScenarioError: init \(the folder\)/);
  expect(status).toBe(2);
});

it("makes no folder where a file stands", async () => {
  writeFileSync(at("people.csv"), people());
  const { status, stderr } = await murmur(["init", at("people.csv"), "--from", at("people.csv")]);
  expect(stderr).toMatch(/^ScenarioError: init \(the folder\): got no folder/);
  expect(status).toBe(2);
});

it.concurrent.each([
  [
    "names and a label alone",
    "name,email,income",
    (i: number) => `Anna Nowak,a${i}@example.org,${i % 2}`,
  ],
  [
    "a label beside nothing that can be an input",
    "zip,outcome",
    (i: number) => `0${2100 + i},${i % 2}`,
  ],
])(
  "proposes a scenario that lint passes for a table of %s",
  { timeout: TIMEOUT_MS },
  async (name, header, row) => {
    const { path, remove } = scratch();
    try {
      const rows = Array.from({ length: 60 }, (_, i) => row(i));
      writeFileSync(join(path, "t.csv"), `${header}\n${rows.join("\n")}\n`);
      const study = join(path, "study");
      const made = await murmur(["init", study, "--from", join(path, "t.csv")]);
      expect([made.status, made.stderr], name).toEqual([0, ""]);
      const linted = await murmur(["lint", join(study, "scenario.yaml")]);
      expect([linted.status, linted.stderr], name).toEqual([0, ""]);
      const text = readFileSync(join(study, "scenario.yaml"), "utf8");
      expect(text).not.toMatch(/Nowak|@|town\d/);
    } finally {
      remove();
    }
  },
);

it("takes no table of one row, and none of identifiers alone", {
  timeout: TIMEOUT_MS,
}, async () => {
  writeFileSync(at("one.csv"), "age,ok\n44,yes\n");
  // A label of one value is none.
  const one = await murmur(["init", at("one-row"), "--from", at("one.csv"), "--target", "ok"]);
  expect([one.status, one.stderr]).toMatchObject([
    2,
    expect.stringContaining("a column of one value"),
  ]);
  writeFileSync(
    at("ids.csv"),
    `email\n${Array.from({ length: 30 }, (_, i) => `p${i}@example.org`).join("\n")}\n`,
  );
  const ids = await murmur(["init", at("ids"), "--from", at("ids.csv")]);
  expect(ids.stderr).toContain("Bring a table with a column of 2 to 20 values");
  expect(ids.status).toBe(2);
});
