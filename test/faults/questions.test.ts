/** Questions that cannot be answered: to a finished run's model, and to the accountant. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { predict } from "../../cli/commands/predict.ts";
import { murmur, ROOT, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const { path: folder, remove } = scratch();
afterAll(remove);
const run = join(folder, "run");

beforeAll(async () => {
  const { status } = await murmur(["run", "scenarios/purchases.yaml", "--quiet", "--out", run]);
  expect(status).toBe(0);
}, TIMEOUT_MS);

it.each([
  { input: "a column that nobody knows", row: '{"shoeSize":9}', says: "shoeSize" },
  {
    input: "a column that is missing",
    row: '{"location":"Lyon"}',
    says: "age",
  },
  { input: "no JSON", row: "{age: 34", says: "--row" },
  { input: "a list of columns", row: '["age"]', says: "--row" },
  {
    input: "an age that is none",
    row: '{"age":"old","location":"Lyon","purchaseHistory":[]}',
    says: "age",
  },
])(
  "input row: $input → exit 2",
  async ({ row, says }) => {
    const { status, stderr, stdout } = await murmur(["predict", run, "--row", row]);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^ScenarioError: .*\n$/);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  },
  TIMEOUT_MS,
);

it("input row: 10 MB of it → --row", () => {
  const row = JSON.stringify({ age: 34, location: "x".repeat(10_000_000) });
  // Longer than an argument may be: called, not started.
  expect(() => predict(run, { row })).toThrow(/^--row .*longer than 1 MiB/);
});

const GOOD = '{"mechanism":"gaussian","noiseMultiplier":2,"delta":1e-5,"accountant":"gdp"}';

/** What the accountant answers to a line, between two good ones. */
async function between(line: string) {
  const child = spawn(process.execPath, [join(ROOT, "dist/cli/main.js"), "account"]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  child.stdin.end(`${[GOOD, line, GOOD].join("\n")}\n`);
  const status = await new Promise((resolve) => child.once("close", resolve));
  const answers = out
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));
  return { status, answers, err };
}

it.each([
  { input: "no JSON in the middle", line: "{", says: "line 2" },
  { input: "an unknown mechanism", line: GOOD.replace('"gaussian"', '"magic"'), says: "mechanism" },
  { input: "delta 0", line: GOOD.replace("1e-5", "0"), says: "delta" },
  { input: "a line of a megabyte", line: `{"x":"${"y".repeat(1 << 20)}"}`, says: "line 2" },
])("input question: $input → its line, and the others answered", async ({ line, says }) => {
  const { status, answers, err } = await between(line);
  expect(err).toBe("");
  expect(status).toBe(1);
  expect(answers).toHaveLength(3);
  expect(answers[1]).toMatchObject({ line: 2, error: expect.stringContaining(says) });
  expect(answers[2]).toEqual(answers[0]);
});

it("input question: noise 0 → infinite, in a word", async () => {
  const { status, answers } = await between(GOOD.replace(":2,", ":0,"));
  expect(status).toBe(0);
  expect(answers[1]).toMatchObject({ epsilon: null, note: expect.stringContaining("infinite") });
});
