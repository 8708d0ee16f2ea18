/** `murmur scan` as built: tables, JSON lines, and refusals; no value in anything it prints. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { murmur, murmurProcess, ROOT, scratch } from "../../support/murmur.ts";
import { piiVectors } from "../../support/pii-vectors.ts";

const MAIN = join(ROOT, "dist/cli/main.js");
let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

function people(): string {
  const path = join(folder.path, "people.csv");
  const rows = Array.from({ length: 30 }, (_, i) => `Zed ${i},zed${i}@example.org,${20 + i},flu`);
  writeFileSync(path, ["who,contact,age,diagnosis", ...rows, ""].join("\n"));
  return path;
}

async function answers(lines: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, "scan", "--values"], { cwd: ROOT });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(lines.join("\n"));
  const [status] = await once(child, "close");
  return { status, stderr, answers: stdout.split("\n").filter((line) => line !== "") };
}

it("says of each column what it holds and what role it might have, and nothing of its cells", async () => {
  const { status, stdout } = await murmurProcess(["scan", people()]);
  expect(status).toBe(0);
  expect(stdout).toContain("people.csv: 30 rows × 4 columns");
  expect(stdout).toMatch(
    /contact +e-mail addresses +30 of 30 cells +certain +directIdentifier +holds e-mail addresses/,
  );
  expect(stdout).toMatch(/age +age .*quasiIdentifier/);
  expect(stdout).toMatch(/diagnosis +health .*sensitive/);
  expect(stdout).not.toMatch(/zed|flu/i);
});

it("prints one JSON object under --json", async () => {
  const { status, stdout } = await murmur(["scan", people(), "--json"]);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ table: "people.csv", rows: 30 });
  expect(report.lookedFor).toContain("us_ssn");
  expect(report.columns[1]).toEqual({
    column: "contact",
    verdict: "direct_identifier",
    type: "email",
    certain: true,
    hits: 30,
    looked: 30,
    distinct: 30,
    role: "directIdentifier",
    why: "holds e-mail addresses",
  });
  expect(stdout).not.toContain("zed");
});

it("works as its help says", async () => {
  const { stdout: help } = await murmur(["scan", "--help"]);
  const [, example = ""] = /npx murmur-fl (.*)/.exec(help) ?? [];
  const { status, stdout } = await murmur([...example.split(" "), "--quiet"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^age +age/m);
  expect(stdout).not.toMatch(/fnlwgt|Murmur/);
});

it("answers each value of the golden set with exactly its labels", async () => {
  const { cases } = piiVectors("pii.json");
  const asked = cases.map(({ text }) => JSON.stringify({ value: text }));
  const { status, answers: lines } = await answers(asked);
  expect(status).toBe(0);
  expect(lines).toHaveLength(cases.length);
  for (const [i, { id, labels, optional_labels, also_acceptable }] of cases.entries()) {
    const { labels: found } = JSON.parse(lines[i] ?? "");
    expect(found, id).toEqual(expect.arrayContaining(labels));
    expect([...labels, ...optional_labels, ...also_acceptable], id).toEqual(
      expect.arrayContaining(found),
    );
  }
});

it("answers a value before the next is asked", async () => {
  const child = spawn(process.execPath, [MAIN, "scan", "--values"], { cwd: ROOT });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write('{"value":"a@example.org, b@example.org"}\n');
    expect((await lines.next()).value).toBe('{"labels":["email"]}');
    child.stdin.write('{"value":"ok"}\n');
    expect((await lines.next()).value).toBe('{"labels":[]}');
  } finally {
    child.kill();
  }
});

it.each([
  ["no JSON", "zed@example.org"],
  ["no value", '{"text":"zed@example.org"}'],
  ["no text", '{"value":{"zed":1}}'],
  ["an array", '["zed@example.org"]'],
])("refuses a line with %s, by its number, and does not quote it", async (_, line) => {
  const { status, stderr, answers: lines } = await answers(['{"value":"ok"}', line]);
  expect(status).toBe(2);
  expect(lines).toEqual(['{"labels":[]}']);
  expect(stderr).toMatch(
    /^ScenarioError: the line \(standard input, line 2\): got .*, expected .*\n$/,
  );
  expect(stderr).not.toContain("zed");
});

it.each([[["scan"]], [["scan", "nowhere.csv"]], [["scan", "package.json", "--values"]]])(
  "refuses %j in one line",
  async (args) => {
    const { status, stdout, stderr } = await murmur(args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^ScenarioError: .*: got .*, expected .*\n$/);
  },
);
