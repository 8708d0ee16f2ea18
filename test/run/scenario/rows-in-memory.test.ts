/** A scenario object that brings its rows along: the run of a file with the same content, and no trace of a row. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { lint } from "../../../run/lint/lint.ts";
import { planScenario } from "../../../run/plan-scenario.ts";
import { runScenario } from "../../../run/run-scenario.ts";
import { simulate } from "../../../run/simulate.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";
import { bytesOf, bytesOfResult } from "../../support/run-bytes.ts";

const folder = scratch();
afterAll(folder.remove);

interface Row {
  readonly amount: number | null;
  readonly shop: string;
  paid: string;
}

const row = (i: number): Row => ({
  amount: i % 7 === 3 ? null : (i * 37) % 101,
  shop: `shop, ${i % 3}`,
  paid: (i * 37) % 101 > 50 ? "yes" : "no",
});
const ROWS = Array.from({ length: 60 }, (_, i) => row(i));
const TEST_ROWS = Array.from({ length: 20 }, (_, i) => row(i + 60));

function scenarioOf(source: object, more: object = {}): object {
  return {
    format: 1,
    name: "memory",
    data: {
      source: { testRows: 10, public: true, ...source },
      columns: {
        amount: { role: "sensitive", type: "integer", bounds: [0, 100], missing: 0 },
        shop: {
          role: "sensitive",
          type: "category",
          vocabulary: ["shop, 0", "shop, 1", "shop, 2"],
        },
        paid: { role: "target" },
      },
      target: { name: "pays", column: "paid", positive: "yes" },
      ...more,
    },
    features: { amount: { formula: "amount", bounds: [0, 100] } },
    training: { rounds: 2 },
    privacy: { trust: "central", epsilon: 2, delta: 1e-3, population: 50 },
    clients: { count: 2 },
  };
}

const options = { folder: folder.path };
const linesOf = (rows: readonly Row[]) => rows.map((one) => `${JSON.stringify(one)}\n`).join("");
const csvOf = (rows: readonly Row[]) =>
  `amount,shop,paid\n${rows.map(({ amount, shop, paid }) => `${amount ?? ""},"${shop}",${paid}\n`).join("")}`;

it("has the bytes of the same rows in a file of JSON lines, and of CSV", async () => {
  const here = await simulate(scenarioOf({ file: ROWS }), options);
  expect(here.rounds).toHaveLength(2);
  expect(here.epsilon).toBeLessThanOrEqual(2);
  // Under the name that the rows have while they are in memory, for it stands in the trace.
  writeFileSync(join(folder.path, "rows-in-memory.jsonl"), linesOf(ROWS));
  const lines = await simulate(scenarioOf({ file: "rows-in-memory.jsonl" }), options);
  expect(bytesOfResult(lines)).toEqual(bytesOfResult(here));
  expect(lines.trace).toEqual(here.trace);
  writeFileSync(join(folder.path, "rows.csv"), csvOf(ROWS));
  const { trace: _, ...csv } = bytesOfResult(
    await simulate(scenarioOf({ file: "rows.csv" }), options),
  );
  expect(bytesOfResult(here)).toMatchObject(csv);
  const other = await simulate(scenarioOf({ file: ROWS.toReversed() }), options);
  expect(other.model.hash).not.toBe(here.model.hash);
});

it("takes a table a client, and held-out rows of their own", async () => {
  const partition = { partition: { kind: "files" } };
  const tables = [ROWS.slice(0, 30), ROWS.slice(30)];
  const population = { set: { "privacy.population": 60 }, ...options };
  const held = { testRows: undefined, files: tables, testFile: TEST_ROWS };
  const here = await simulate(scenarioOf(held, partition), population);
  for (const [i, rows] of tables.entries())
    writeFileSync(join(folder.path, `rows-in-memory-${i + 1}.jsonl`), linesOf(rows));
  writeFileSync(join(folder.path, "test-rows-in-memory.jsonl"), linesOf(TEST_ROWS));
  const named = {
    testRows: undefined,
    files: ["rows-in-memory-1.jsonl", "rows-in-memory-2.jsonl"],
    testFile: "test-rows-in-memory.jsonl",
  };
  const there = await simulate(scenarioOf(named, partition), population);
  expect(bytesOfResult(here)).toEqual(bytesOfResult(there));
});

function unsafe(file: unknown): object {
  const scenario = scenarioOf({ file }) as { data: { columns: Record<string, object> } };
  const columns = {
    ...scenario.data.columns,
    amount: { ...scenario.data.columns.amount, bounds: "auto" },
  };
  return { ...scenario, data: { ...scenario.data, columns, anonymity: { unsafe: true } } };
}

it("learns levels from them where the scenario says unsafe, as from a file", async () => {
  const here = await simulate(unsafe(ROWS), options);
  const there = await simulate(unsafe("rows-in-memory.jsonl"), options);
  expect(bytesOfResult(here)).toEqual(bytesOfResult(there));
});

it("is planned and linted by them, where no file has their name", async () => {
  const elsewhere = { folder: join(folder.path, "elsewhere") };
  mkdirSync(elsewhere.folder);
  const run = await simulate(unsafe(ROWS), options);
  expect((await planScenario(unsafe(ROWS), elsewhere)).hash).toBe(run.planHash);
  const { noise } = await lint(unsafe(ROWS), elsewhere);
  const read = await lint(unsafe("rows-in-memory.jsonl"), options);
  expect(noise).toEqual(read.noise);
  expect(noise.measured).toMatchObject({ clients: 2, rows: 50 });
});

it("writes a run folder as of a file: beyond the first, which a report of public rows shows, none is in it", async () => {
  const out = join(folder.path, "run");
  const rows = ROWS.map((one, i) => ({ ...one, secret: i === 30 ? "planted" : "other" }));
  const scenario = scenarioOf({ file: rows });
  const dropped = scenario as { data: { columns: object } };
  Object.assign(dropped.data.columns, { secret: { role: "drop" } });
  const result = await simulate(scenario, { ...options, out });
  expect(bytesOf(out)).toEqual(bytesOfResult(result));
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name), "latin1"), name).not.toContain("planted");
  expect(readFileSync(join(out, "scenario.resolved.yaml"), "utf8")).toContain(
    "rows-in-memory.jsonl",
  );
  expect(existsSync(join(folder.path, "rows-in-memory.jsonl.murmur"))).toBe(false);
});

it("refuses what the reader of the file refuses, in the same words", async () => {
  const bad = ROWS.map((one, i) => (i === 4 ? { ...one, amount: "private words" } : one));
  writeFileSync(
    join(folder.path, "rows-in-memory.jsonl"),
    bad.map((one) => `${JSON.stringify(one)}\n`).join(""),
  );
  const messageOf = async (file: unknown) => {
    const refused = simulate(scenarioOf({ file }), options);
    await expect(refused).rejects.toThrow(ScenarioError);
    return refused.then(String, String);
  };
  const message = await messageOf(bad);
  expect(message).toBe(await messageOf("rows-in-memory.jsonl"));
  expect(message).toContain("rows-in-memory.jsonl, line 5");
  expect(message).not.toContain("private words");
  expect(await messageOf([])).toContain("data.empty");
  expect(await messageOf([[1, 2]])).toContain("data.format");
  const nan = await messageOf(ROWS.map((one) => ({ ...one, amount: Number.NaN })));
  expect(nan).toContain("data.nonFiniteNumber (rows-in-memory.jsonl, line 1)");
});

it("refuses private rows, unread: no file has a ledger of theirs", async () => {
  const unread = new Proxy<Row[]>([], {
    get: (rows, key) => {
      if (key === "length" || typeof key === "symbol") throw new Error("they were read");
      return Reflect.get(rows, key);
    },
  });
  const out = join(folder.path, "private");
  const refused = simulate(scenarioOf({ file: unread, public: false }), { ...options, out });
  await expect(refused).rejects.toThrow(/private rows in a file: beside it is kept/);
  await expect(refused).rejects.toThrow(ScenarioError);
  expect(existsSync(out)).toBe(false);
});

it("refuses them for clients in other processes, and held-out rows that are all there is", async () => {
  const out = join(folder.path, "forked");
  const refused = runScenario(scenarioOf({ file: ROWS }), { ...options, out });
  await expect(refused).rejects.toThrow(/or call simulate/);
  expect(existsSync(out)).toBe(false);
  const alone = simulate(scenarioOf({ testRows: undefined, testFile: TEST_ROWS }), options);
  await expect(alone).rejects.toThrow(/got testFile alone/);
});

it("takes rows and scenario as they are at the call", async () => {
  const rows = ROWS.map((one) => ({ ...one }));
  const running = simulate(scenarioOf({ file: rows }), options);
  for (const one of rows) one.paid = "no";
  rows.length = 3;
  const again = await simulate(scenarioOf({ file: ROWS }), options);
  expect((await running).model.hash).toBe(again.model.hash);
});
