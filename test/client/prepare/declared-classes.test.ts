/** A class that is declared and that no row has is refused of public and generated tables; of private ones the owner alone reads it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { rowsLines } from "../../../cli/screen/join-lines.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-classes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const COLUMNS = (bought: string) => `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
bought: { role: target${bought} }`;

interface Given {
  readonly target: string;
  /** Labels of ten rows, two of which are held out. */
  readonly labels: readonly string[];
  readonly source?: object;
  readonly overrides?: object;
}

function fileOf(name: string, labels: readonly string[]): void {
  const rows = labels.map((label, i) => `p${i}@example.com,${20 + i},${label}`);
  writeFileSync(join(folder, name), ["email,age,bought", ...rows, ""].join("\n"));
}

async function prepared({ target, labels, source = {}, overrides = {} }: Given) {
  fileOf("people.csv", labels);
  const scenario = peopleScenario({ columns: COLUMNS(""), target });
  return prepare(
    await contractFor(scenario),
    assignmentFor(scenario, {
      folder,
      source: { ...scenario.data.source, ...source },
      ...overrides,
    }),
  );
}

const repeated = (...labels: string[]) =>
  Array.from({ length: 10 }, (_, i) => labels[i % labels.length] ?? "");
const CLASSES = "{ name: buys, column: bought, classes: [yes, no, later] }";
const POSITIVE = '{ name: buys, column: bought, positive: "Yes" }';
/** As a plan of whole clients has it: nothing is counted. */
const BY_CLIENT = { population: null };

it.each<[string, Given, string, string]>([
  [
    "one of three classes",
    { target: CLASSES, labels: repeated("yes", "no") },
    '"later", which no row of bought has',
    'bought holds "yes", "no"',
  ],
  [
    "the same where the unit is the client",
    { target: CLASSES, labels: repeated("yes", "no"), overrides: BY_CLIENT },
    '"later"',
    '"yes", "no"',
  ],
  [
    "a positive label of another spelling",
    { target: POSITIVE, labels: repeated("yes", "no") },
    '"Yes", which no row',
    '"yes", "no"',
  ],
  [
    "the same where the unit is the client",
    { target: POSITIVE, labels: repeated("yes", "no"), overrides: BY_CLIENT },
    '"Yes"',
    '"yes", "no"',
  ],
  [
    "all rows of one other label",
    { target: POSITIVE, labels: repeated("no") },
    '"Yes"',
    'holds "no"',
  ],
])("refuses %s of a public table", async (_, given, got, expected) => {
  const refused = prepared(given);
  await expect(refused).rejects.toThrow(/^data\.absentClass \(data\.target\.(classes|positive)\)/);
  await expect(refused).rejects.toThrow(got);
  await expect(refused).rejects.toThrow(expected);
});

it("names at most ten spellings, each cut short", async () => {
  const labels = repeated("a".repeat(500), "b", "c", "d", "e", "f", "g", "h", "i", "j");
  const many = prepared({ target: POSITIVE, labels });
  await expect(many).rejects.toThrow(
    `"${"a".repeat(40)}", "b", "c", "d", "e", "f", "g", "h", "i", "j"`,
  );
  await expect(many).rejects.not.toThrow("a".repeat(41));
});

it("takes a class that rows of the test file alone have, or held-out ones", async () => {
  fileOf("test.csv", ["later", "yes"]);
  const separate = { testFile: "test.csv", testRows: undefined };
  const given = { target: CLASSES, labels: repeated("yes", "no"), source: separate };
  expect((await prepared({ ...given, overrides: { population: 10 } })).heldOut?.labels).toEqual(
    Float32Array.of(2, 0),
  );
  const labels = [...repeated("yes", "no").slice(0, 9), "later"];
  expect((await prepared({ target: CLASSES, labels })).clients.size).toBe(2);
});

/** A population that those rows are within. */
const PLAN = { unit: "record", population: 1_000 } as const;

it("tells an owner whose file alone has more rows than the plan", async () => {
  const source = { public: false };
  const overrides = { ...BY_CLIENT, heldOut: false };
  const labels = repeated("yes", "no", "later");
  const own = await prepared({ target: CLASSES, labels, source, overrides });
  const lines = (population: number, unit: "record" | "client" = "record") =>
    rowsLines(own, "people.csv", { unit, population });
  const rows = [...own.clients.values()].reduce((sum, { examples }) => sum + examples.count, 0);
  expect(rows).toBeGreaterThan(1);
  expect(lines(rows)).toEqual([]);
  expect(lines(rows - 1, "client")).toEqual([]);
  expect(lines(rows - 1)).toEqual([
    `${rows} rows of people.csv count, and the plan has ${rows - 1} of all owners together: it divides by too few`,
  ]);
});

it("of private rows refuses nothing, and tells each client's owner", async () => {
  const source = { public: false };
  const given = { target: CLASSES, labels: repeated("yes", "no"), source, overrides: BY_CLIENT };
  const { clients } = await prepared(given);
  for (const { report } of clients.values()) expect(report.absentClasses).toContain("later");
  const own = await prepared({ ...given, overrides: { ...BY_CLIENT, heldOut: false } });
  expect(rowsLines(own, "people.csv", PLAN)).toContain(
    "no row of people.csv has the class later, which the plan declares",
  );
  const whole = await prepared({ ...given, labels: repeated("yes", "no", "later") });
  expect(rowsLines(whole, "people.csv", PLAN).join()).not.toContain("has the class");
});

it("judges a generated table by what its generator can produce, however few its rows", async () => {
  const columns = `name: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
location: { role: target }
email: { role: directIdentifier }
purchaseHistory: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 360, maxEvents: 50, amount: { clip: [0, 500] } }`;
  const generated = async (positive: string) => {
    const target = `{ name: there, column: location, positive: ${positive} }`;
    const scenario = peopleScenario({ columns, target });
    const source = { generator: "purchases" as const, rows: 3, testRows: 1 };
    const assignment = assignmentFor(scenario, {
      source: { ...scenario.data.source, ...source, file: undefined },
      population: null,
    });
    return prepare(await contractFor(scenario), assignment);
  };
  await expect(generated("Atlantis")).rejects.toThrow(/^data\.absentClass .*"Atlantis"/);
  expect((await generated("Lyon")).clients.size).toBe(2);
  expect((await generated("Colmar")).clients.size).toBe(2);
});
