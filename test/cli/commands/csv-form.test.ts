/** How a CSV file is written, as flags and scenarios say it: what parts its cells, and its numbers' decimal mark. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { murmur, runJson, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const at = (...names: string[]) => join(folder.path, ...names);

/** Two hundred rows whose label follows from both numbers, x in eighths: exact in either spelling. */
function table(mark: string, parted = ";"): string {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const [x, n] = [((i * 37) % 100) / 8, i % 7];
    return [`${x}`.replace(".", mark), n, x + n > 9 ? "yes" : "no"].join(parted);
  });
  return `${["x", "n", "label"].join(parted)}\n${rows.join("\n")}\n`;
}

const CODES = { columns: { x: { role: "drop" }, n: { role: "drop" }, label: { role: "drop" } } };

beforeAll(() => {
  for (const name of ["comma", "point"]) mkdirSync(at(name));
  writeFileSync(at("comma", "rows.csv"), table(","));
  writeFileSync(at("point", "rows.csv"), table("."));
  // The comma in its header would be taken for what parts the cells.
  writeFileSync(at("bars.csv"), "x, in cm|n|label\n1|2|yes\n2|3|no\n");
  writeFileSync(at("rows.jsonl"), '{"x":1,"n":2,"label":"yes"}\n');
  writeFileSync(at("schema.yaml"), JSON.stringify(CODES));
});

async function proposed(name: string, ...flags: string[]) {
  const study = at(name, "study");
  const from = ["--from", at(name, "rows.csv"), "--public", "--json"];
  const made = await murmur(["init", study, ...from, ...flags]);
  expect([made.status, made.stderr]).toEqual([0, ""]);
  return parse(readFileSync(join(study, "scenario.yaml"), "utf8"));
}

it("proposes decimal commas for what it finds, which train the very model that points do", async () => {
  const [comma, point] = [await proposed("comma"), await proposed("point")];
  expect(comma.data.source.decimal).toBe(",");
  expect(comma.data.columns.x).toMatchObject({ type: "number" });
  const { decimal, ...source } = comma.data.source;
  expect({ ...comma, data: { ...comma.data, source } }).toEqual(point);
  const runs = ["comma", "point"].map((name) =>
    runJson(at(name, "study", "scenario.yaml"), ["--out", at(name, "run")]),
  );
  const [first, second] = await Promise.all(runs);
  expect(first.modelHash).toMatch(/^[0-9a-f]{64}$/);
  expect(first.modelHash).toBe(second.modelHash);
});

it.each([
  [",", { decimal: ",", type: "number" }],
  [".", { decimal: ".", type: "category" }],
])(
  "asks which it is where commas may part thousands, and takes --decimal %s",
  async (mark, read) => {
    const name = `unclear ${mark}`;
    mkdirSync(at(name));
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${1 + (i % 9)},${500 + (i % 2)};${i % 3 ? "yes" : "no"}`,
    );
    writeFileSync(at(name, "rows.csv"), `x;label\n${rows.join("\n")}\n`);
    const refused = await murmur(["init", at(name, "study"), "--from", at(name, "rows.csv")]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /^ScenarioError: init \(--from, column x\): got numbers with a comma/,
    );
    expect(existsSync(at(name, "study"))).toBe(false);
    const { data } = await proposed(name, "--decimal", mark);
    expect(data.source.decimal).toBe(read.decimal);
    expect(data.columns.x.type ?? "category").toBe(read.type);
  },
);

it("refuses a number with a point where a scenario says decimal commas", async () => {
  const scenario = at("comma", "study", "scenario.yaml");
  const text = readFileSync(at("comma", "study", "data", "rows.csv"), "utf8");
  writeFileSync(at("comma", "study", "data", "rows.csv"), text.replace("\n4,625;", "\n4.625;"));
  const { status, stderr } = await murmur(["run", scenario, "--hosts", "1", "--out", at("odd")]);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(
    /data\.decimal \(data\/rows\.csv, line 3, cell 1\): got a number with a point/,
  );
  expect(stderr).not.toContain("4.625");
});

it("reads a file by --delimiter whose first line shows another", async () => {
  const scanned = await murmur(["scan", at("bars.csv"), "--delimiter", "|", "--json"]);
  expect(JSON.parse(scanned.stdout).columns).toMatchObject([
    ...[{ column: "x, in cm" }, { column: "n" }, { column: "label" }],
  ]);
  const made = await murmur(["init", at("bars"), "--from", at("bars.csv"), "--delimiter", "|"]);
  expect([made.status, made.stderr]).toEqual([0, ""]);
  const { data } = parse(readFileSync(at("bars", "scenario.yaml"), "utf8"));
  expect([data.source.delimiter, Object.keys(data.columns)]).toEqual([
    "|",
    ["xInCm", "n", "label"],
  ]);
  writeFileSync(
    at("bars.yaml"),
    JSON.stringify({ columns: data.columns, anonymity: data.anonymity }),
  );
  const flags = ["--schema", at("bars.yaml"), "--delimiter", "|", "--json"];
  const anonymized = await murmur(["anonymize", at("bars.csv"), ...flags]);
  expect(JSON.parse(anonymized.stdout).rows).toBe(2);
});

it.each(["scan", "init", "anonymize", "join"])(
  "murmur %s refuses --delimiter beside JSON lines, in one line",
  async (command) => {
    const rows = at("rows.jsonl");
    await murmur(["keys", "new", "--out", at(`${command}.pem`)]);
    const key = (
      await murmur(["keys", "new", "--quiet", "--out", at(`${command}-server.pem`)])
    ).stdout.trim();
    const args: Record<string, string[]> = {
      scan: [rows],
      init: [at("new"), "--from", rows],
      anonymize: [rows, "--schema", at("schema.yaml")],
      join: [
        ...["ws://127.0.0.1:9", "--data", rows, "--key", at("join.pem"), "--server-key", key],
        ...["--simulation", "--give-up-after", "1", "--quiet"],
      ],
    };
    const { status, stderr } = await murmur([
      command,
      ...(args[command] ?? []),
      "--delimiter",
      ";",
    ]);
    expect(status).toBe(2);
    const refusals = stderr.split("\n").filter((line) => line.startsWith("ScenarioError"));
    expect(refusals).toEqual([
      "ScenarioError: data.delimiter (rows.jsonl): got JSON lines, expected a CSV file, of which delimiter says how it is written. Remove delimiter.",
    ]);
  },
);

it.each(["x", ";;", ""])("refuses --delimiter %j", async (sign) => {
  const { status, stderr } = await murmur(["scan", at("bars.csv"), "--delimiter", sign]);
  expect([status, stderr.split("\n")[0]]).toEqual([
    ...[2, expect.stringContaining("Expected one of , ; | and tab")],
  ]);
});
