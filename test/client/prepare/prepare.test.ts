/** A plain table, one row a person, through the client's stages. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { prepare } from "../../../client/prepare/prepare.ts";
import { parseFormula } from "../../../shared/contract/formula/parse.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-prepare-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PEOPLE = [
  "ann@example.com,17,Rome,1000,yes",
  "bob@example.com,18,Oslo,0,no",
  "cem@example.com,37,Bern,250.5,no",
  "dee@example.com,38,,500,yes",
  "eve@example.com,90,Rome,20,no",
  "fay@example.com,44,Oslo,30,yes",
  "gus@example.com,25,Oslo,40,no",
  "hal@example.com,26,Rome,50,yes",
  "ida@example.com,27,Rome,60,no",
  "jon@example.com,28,Rome,70,yes",
];
const text =
  'age: { formula: "oneHot(age)" }\ncity: { formula: "oneHot(city)" }\nincome: { formula: "income / 2", bounds: [0, 250] }';
const scenario = peopleScenario({ features: text });

async function prepared(rows: readonly string[], overrides = {}) {
  writeFileSync(
    join(folder, "people.csv"),
    ["email,age,city,income,bought", ...rows, ""].join("\n"),
  );
  const contract = await contractFor(scenario);
  return prepare(contract, assignmentFor(scenario, { folder, ...overrides }));
}

it.each([
  [true, 10],
  [false, null],
])("tells how many rows there are where the table is public (%s)", async (isPublic, rows) => {
  const source = { ...scenario.data.source, public: isPublic, testRows: 2 };
  const { stages } = await prepared(PEOPLE, { source, population: null });
  expect(stages.map(({ rowsOut }) => rowsOut)).toContain(isPublic ? 8 : null);
  expect(stages[0]?.rowsIn).toBe(rows);
  const told = stages.map(({ note }) => note ?? "").join();
  expect(told.includes("10 people")).toBe(isPublic);
});

const sourceOf = (testRows: number) => ({ source: { ...scenario.data.source, testRows } });

/** Each row's inputs in the order of the file: one client, nobody held out. */
async function inputs(rows: readonly string[]): Promise<string[]> {
  const one = {
    clients: ["only"],
    mine: ["only"],
    heldOut: false,
    population: rows.length,
    ...sourceOf(0),
  };
  const examples = (await prepared(rows, one)).clients.get("only")?.examples;
  if (!examples) throw new Error("no examples");
  const { width, count, labels } = examples;
  return Array.from({ length: count }, (_, i) =>
    [...examples.inputs.slice(i * width, (i + 1) * width), labels[i]].join(" "),
  );
}

it("recodes and engineers each row", async () => {
  expect((await inputs(PEOPLE)).slice(0, 4)).toEqual([
    // age (-inf,18) [18,38) [38,inf); city south, north, other, missing; income / 2; label
    "1 0 0 1 0 0 0 1 1",
    "0 1 0 0 1 0 0 -1 0",
    `0 1 0 0 0 1 0 ${Math.fround((2 * 125.25) / 250 - 1)} 0`,
    "0 0 1 0 0 0 1 1 1",
  ]);
});

it("gives a row the same inputs whoever else is in the table", async () => {
  const all = await inputs(PEOPLE);
  for (const left of [0, 4, 9]) {
    const others = await inputs(PEOPLE.filter((_, i) => i !== left));
    expect(others).toEqual(all.filter((_, i) => i !== left));
  }
  expect(await inputs([...PEOPLE].reverse())).toEqual([...all].reverse());
});

it("works with clients that hold nobody", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `client-${i}`);
  const { clients } = await prepared(PEOPLE, { clients: names, mine: names });
  const sizes = [...clients.values()].map(({ examples }) => examples.count);
  expect(sizes.filter((size) => size === 0)).toHaveLength(22);
  const empty = [...clients.values()].find(({ examples }) => examples.count === 0);
  expect(empty?.examples).toEqual({
    count: 0,
    width: 8,
    inputs: new Float32Array(),
    labels: new Float32Array(),
  });
  expect(empty?.report.before).toMatchObject({ rows: 0, equivalence_classes: 0, k: 0 });
  expect(empty?.report.after).toMatchObject({ rows: 0, equivalence_classes: 0, k: 0 });
});

it.each<[string, RegExp, string[], object]>([
  ["all rows held out", /^data.source.testRows/, PEOPLE, sourceOf(10)],
  ["nobody held out to evaluate on", /^data.source.testRows/, PEOPLE, sourceOf(0)],
  [
    "one label for all, where it may be told",
    /^data.oneLabel/,
    PEOPLE.map((row) => row.replace(/no$/, "yes")),
    {},
  ],
  [
    "an empty label",
    /^data.missingLabel \(people.csv, line 3, bought\)/,
    ["ann@example.com,17,Rome,5,no", "bob@example.com,18,Oslo,5,"],
    {},
  ],
  [
    "a value out of bounds",
    /^data.aboveDeclaredMaximum \(people.csv, line 2, age\)/,
    ["ann@example.com,317,Rome,5,no"],
    {},
  ],
  [
    "a number with a comma",
    /^data.notANumber \(people.csv, line 2, income\)/,
    ['ann@example.com,17,Rome,"31,7",no'],
    {},
  ],
])("refuses %s", async (_, message, rows, overrides) => {
  await expect(prepared(rows, overrides)).rejects.toThrow(message);
  await expect(prepared(rows, overrides)).rejects.not.toThrow(/example\.com|317|31,7/);
});

it("names line and column of a value that a hierarchy without unseen lacks, not the value", async () => {
  const columns = `email: { role: directIdentifier }
age: { role: drop }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1 }
income: { role: drop }
bought: { role: target }`;
  const closed = await contractFor(
    peopleScenario({ columns, features: 'city: { formula: "oneHot(city)" }' }),
  );
  writeFileSync(join(folder, "people.csv"), `email,age,city,income,bought\n${PEOPLE.join("\n")}\n`);
  const run = () => prepare(closed, assignmentFor(scenario, { folder }));
  await expect(run()).rejects.toThrow("data.unseen (people.csv, line 4, city)");
  await expect(run()).rejects.not.toThrow("Bern");
});

it("moves nobody when one person leaves the population by `where`", async () => {
  const [formula, file] = ["ordinal(age) > 0", join(folder, "people.csv")];
  const where = { formula, postfix: await parseFormula(formula, "where") };
  const contract = { ...(await contractFor(scenario)), where };
  const clients = ["a", "b", "c"];
  const assignment = { folder, clients, mine: clients, population: null };
  const run = async (minor: number | undefined) => {
    const rows = Array.from({ length: 15 }, (_, i) => {
      const age = i === minor ? 12 : 20 + i;
      return `p${i}@example.com,${age},Rome,${10 * i},${i % 2 ? "yes" : "no"}`;
    });
    writeFileSync(file, ["email,age,city,income,bought", ...rows, ""].join("\n"));
    return prepare(contract, assignmentFor(scenario, assignment));
  };
  const before = await run(undefined);
  let unmoved = 0;
  for (let minor = 0; minor < 15; minor++) {
    const after = await run(minor);
    // A held-out person is public: whoever takes its place is no matter of the clients' ε.
    if (after.heldOut?.inputs.join() !== before.heldOut?.inputs.join()) continue;
    unmoved += 1;
    const changed = clients.flatMap((name) => {
      const [x, y] = [before.clients.get(name), after.clients.get(name)];
      const slots = y?.present ?? new Uint8Array(y?.examples.count ?? 0).fill(1);
      expect(y?.examples.count).toBe(x?.examples.count);
      return Array.from(slots, (present, i) => ({ present, i, x, y })).filter(
        ({ present }) => present === 0,
      );
    });
    expect(changed).toHaveLength(1);
    const [gone] = changed;
    const width = gone?.x?.examples.width ?? 0;
    const others = (inputs: Float32Array | undefined) =>
      [...(inputs ?? [])].filter((_, at) => Math.floor(at / width) !== gone?.i);
    expect(others(gone?.y?.examples.inputs)).toEqual(others(gone?.x?.examples.inputs));
  }
  expect(unmoved).toBe(13);
});
