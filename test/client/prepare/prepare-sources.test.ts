/** Whence rows come and what a requirement leaves of them, from the assignment to each client's examples. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { DataAssignment } from "../../../client/data/assignment.ts";
import { type PreparedClient, prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-sources-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = "email,age,city,income,bought";
const csv = (name: string, rows: readonly string[], header = HEADER) =>
  writeFileSync(join(folder, name), [header, ...rows, ""].join("\n"));
const row = (i: number, age: number, city: string) =>
  `p${i}@example.com,${age},${city},${i},${i % 2 ? "yes" : "no"}`;

/** Income tells who it is: person i has i. It is no quasi-identifier here. */
const COLUMNS = `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1, unseen: other }
income: { role: insensitive, type: number, bounds: [0, 1000] }
bought: { role: target }`;
const FEATURES = `who: { formula: "income", bounds: [0, 1000] }
band: { formula: "oneHot(age)" }
city: { formula: "oneHot(city)" }`;

async function prepared(source: object, rest: Partial<DataAssignment> = {}, anonymity = "") {
  const scenario = peopleScenario({
    columns: COLUMNS,
    features: FEATURES,
    rest: anonymity && `anonymity: { ${anonymity} }`,
  });
  const base = { file: undefined, testRows: 0, public: true };
  return prepare(
    await contractFor(scenario),
    assignmentFor(scenario, {
      folder,
      population: null,
      heldOut: false,
      source: { ...base, ...source },
      ...rest,
    }),
  );
}

/** Who is in each slot, and whether it counts. */
function slotsOf({ examples, present }: PreparedClient): [who: number, counts: boolean][] {
  const { count, width, inputs } = examples;
  return Array.from({ length: count }, (_, slot) => {
    const income = ((inputs[slot * width] ?? NaN) + 1) * 500;
    return [Math.round(income), present?.[slot] !== 0];
  });
}

it("gives each client the people of its own file, held-out ones from a file of theirs", async () => {
  csv("a.csv", [row(1, 20, "Rome"), row(2, 20, "Oslo")]);
  csv("b.csv", [row(3, 50, "Rome")]);
  csv("test.csv", [row(8, 10, "Oslo"), row(9, 10, "Rome"), row(10, 60, "Rome")]);
  const source = { files: ["a.csv", "b.csv"], testFile: "test.csv", testRows: undefined };
  const { clients, heldOut, person } = await prepared(source, {
    partition: { kind: "files" },
    clients: ["x", "y"],
    mine: ["x", "y"],
    heldOut: true,
  });
  const held = [...clients].map(([name, rows]) => [name, slotsOf(rows).map(([who]) => who)]);
  expect(held).toEqual([
    ["x", [1, 2]],
    ["y", [3]],
  ]);
  expect(heldOut?.count).toBe(3);
  expect(person?.features[0]).toEqual({ name: "who", value: 8 });
});

it("reads the mark of what is missing, and a header that the file does not have", async () => {
  csv("bare.csv", [row(2, 20, "?")], row(1, 20, "Rome"));
  const source = { file: "bare.csv", missing: "?", header: HEADER.split(",") };
  const { clients } = await prepared(source, { clients: ["x"], mine: ["x"] });
  const { examples } = clients.get("x") ?? {};
  expect(examples?.count).toBe(2);
  // south, north, other, missing: the last of seven inputs after who and three bands.
  expect([...(examples?.inputs.slice(4, 8) ?? [])]).toEqual([1, 0, 0, 0]);
  expect([...(examples?.inputs.slice(12) ?? [])]).toEqual([0, 0, 0, 1]);
});

/** Three alike in the south, two in the north, one alone. */
const SIX = [
  row(1, 20, "Rome"),
  row(2, 50, "Oslo"),
  row(3, 21, "Rome"),
  row(4, 90, "Rome"),
  row(5, 30, "Rome"),
  row(6, 60, "Oslo"),
];
const ALONE = { clients: ["x"], mine: ["x"] };
/** One host alone tells of stages: the one that prepares held-out people. */
const TELLING = { ...ALONE, heldOut: true };
const SIX_FILE = { file: "six.csv", testFile: "six.csv", testRows: undefined };

it("suppresses rows alike too few others in their slots, moving nobody", async () => {
  csv("six.csv", SIX);
  const plain = await prepared({ file: "six.csv" }, ALONE);
  const { clients, stages } = await prepared(SIX_FILE, TELLING, "mode: suppress, k: 3");
  expect(plain.stages).toEqual([]);
  const [before, after] = [plain.clients.get("x"), clients.get("x")];
  if (!before || !after) throw new Error("no client");
  expect(before.present).toBeUndefined();
  expect(slotsOf(after)).toEqual([
    [1, true],
    [2, false],
    [3, true],
    [4, false],
    [5, true],
    [6, false],
  ]);
  expect(after.examples).toEqual(before.examples);
  expect(stages.map(({ rowsOut }) => rowsOut)).toEqual([6, 3, 3]);
});

it("blurs quasi-identifiers alone under mondrian, and drops nobody", async () => {
  csv("six.csv", SIX);
  const { clients, stages } = await prepared(SIX_FILE, TELLING, "mode: mondrian, k: 3");
  const client = clients.get("x");
  if (!client) throw new Error("no client");
  expect(slotsOf(client).map(([who]) => who)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(client.present).toBeUndefined();
  expect(client.report.after.k).toBeGreaterThanOrEqual(3);
  const { width, inputs } = client.examples;
  const quasi = [0, 1, 2, 3, 4, 5].map((slot) =>
    inputs.slice(slot * width + 1, (slot + 1) * width).join(),
  );
  for (const own of quasi) expect(quasi.filter((other) => other === own).length).toBeGreaterThan(2);
  expect(stages.map(({ rowsOut }) => rowsOut)).toEqual([6, 6, 6]);
});

it("suppresses no held-out row: they are public, and recoded like any others", async () => {
  csv("six.csv", SIX);
  const source = { file: "six.csv", testRows: 4 };
  const rest = { ...ALONE, heldOut: true };
  const { clients, heldOut } = await prepared(source, rest, "mode: suppress, k: 5");
  expect(heldOut?.count).toBe(4);
  const client = clients.get("x");
  if (!client) throw new Error("no client");
  expect(slotsOf(client).map(([, counts]) => counts)).toEqual([false, false]);
});
