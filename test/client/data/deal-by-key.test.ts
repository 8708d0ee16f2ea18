/**
 * Where a column names the persons, none of them moves for another's rows: client, held-out status and
 * slot follow from (seed, purpose, person key) alone. Against a slow, obvious version, through the
 * client's own stages from the file on.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { inPlaceOrder } from "../../../client/persons/person-places.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import type { Scenario } from "../../../shared/scenario/schema.ts";
import { csvText } from "../../support/canary-tables.ts";
import { assignmentFor, contractFor } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-deal-by-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PERSONS = 40;
const CLIENTS = 3;
const TEST_ROWS = 10;
const SEED = 11;

/** A person is known by its mark, which each of its rows holds, and which the model gets to see. */
function scenarioOf(
  kind: "events" | "people",
  { partition = "iid", identifier = "" } = {},
): Scenario {
  const isEvents = kind === "events";
  const events = "events: { visits: { time: date, fields: [amount] } }";
  const log =
    "visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 3, amount: { clip: [0, 50] } }";
  return parseScenario(
    `
format: 1
name: keyed
seed: ${SEED}
data:
  source: { file: rows.csv, testRows: ${TEST_ROWS}, public: true, person: id, ${isEvents ? events : ""} }
  columns:
    id: { role: directIdentifier, ${identifier} }
    mark: { role: insensitive, type: integer, bounds: [0, 1000], ${isEvents ? "take: first" : ""} }
    ${isEvents ? log : "bought: { role: target }"}
  target: { name: back, ${isEvents ? "event: visits, within: 30" : 'column: bought, positive: "1"'} }
  partition: { ${partition.startsWith("kind") ? partition : `kind: ${partition}`} }
features:
  mark: { formula: mark, bounds: [0, 1000] }
training: { rounds: 1 }
privacy: { epsilon: 1, delta: 1e-5, population: ${PERSONS - TEST_ROWS}, adjacency: replaceOne }
clients: { count: ${CLIENTS}, minCohort: 2 }
`,
    "keyed.yaml",
  );
}

type Row = readonly [id: string, mark: number, date: string, amount: number];

const keyOf = (person: number) => `person ${person}`;

/** One to three visits each; every other person comes back within the label's window. */
const ROWS: readonly Row[] = Array.from({ length: PERSONS }, (_, person) => {
  const days = ["2024-06-03", "2024-05-01", "2024-07-04"].slice(0, 1 + (person % 3));
  return days.map((day, i) => [keyOf(person), 10 * person, day, 5 * i] as const);
}).flat();

const header = { events: ["id", "mark", "date", "amount"], people: ["id", "mark", "bought"] };

/** Of every mark: "held out", or the client and the slot. */
async function standing(
  kind: "events" | "people",
  scenario: Scenario,
  contract: Contract,
  rows: readonly Row[],
): Promise<Map<number, string>> {
  const cells = rows.map(([id, mark, date, amount]) =>
    kind === "events" ? [id, mark, date, amount] : [id, mark, mark % 20 === 0 ? 1 : 0],
  );
  writeFileSync(join(folder, "rows.csv"), csvText(header[kind], cells));
  const { clients, heldOut } = await prepare(contract, assignmentFor(scenario, { folder }));
  const marks = (inputs: Float32Array) =>
    Array.from(inputs, (input) => Math.round(((input + 1) / 2) * 1000));
  const places = [...clients].flatMap(([name, { examples }]) =>
    marks(examples.inputs).map((mark, slot) => [mark, `${name}, slot ${slot}`] as const),
  );
  const apart = marks(heldOut?.inputs ?? new Float32Array()).map(
    (mark, place) => [mark, `held out, place ${place}`] as const,
  );
  return new Map([...places, ...apart]);
}

/** By RFC 5869, RFC 2104 and the rule alone. */
function obvious(persons: readonly number[]): Map<number, string> {
  const seed = Buffer.alloc(32);
  seed.writeUInt32LE(SEED);
  const hash = (purpose: string, person: number) => {
    const key = hkdfSync("sha256", seed, "", `murmur/drbg/person-key/${purpose}`, 32);
    const text = Buffer.from(keyOf(person), "utf16le");
    return createHmac("sha256", Buffer.from(key)).update(text).digest("hex");
  };
  const number = (hex: string) => BigInt(`0x${hex.slice(0, 12)}`);
  const isHeldOut = (person: number) =>
    number(hash("split", person)) * BigInt(PERSONS) < BigInt(TEST_ROWS) * 2n ** 48n;
  const ordered = persons.toSorted((a, b) => (hash("slot", a) < hash("slot", b) ? -1 : 1));
  const own = ordered.filter((person) => !isHeldOut(person));
  const found = new Map<number, string>();
  for (let client = 0; client < CLIENTS; client++)
    own
      .filter((person) => number(hash("deal", person)) % BigInt(CLIENTS) === BigInt(client))
      .forEach((person, slot) => {
        found.set(10 * person, `client-${client}, slot ${slot}`);
      });
  ordered.filter(isHeldOut).forEach((person, place) => {
    found.set(10 * person, `held out, place ${place}`);
  });
  return found;
}

const everybody = Array.from({ length: PERSONS }, (_, person) => person);
/** A table of people has a row each. */
const onlyFirst = (rows: readonly Row[]) =>
  rows.filter(([id], i) => rows.findIndex(([other]) => other === id) === i);

describe.each(["events", "people"] as const)("in a table of %s", async (kind) => {
  const scenario = scenarioOf(kind);
  const contract = await contractFor(scenario);
  const stand = (rows: readonly Row[]) =>
    standing(kind, scenario, contract, kind === "events" ? rows : onlyFirst(rows));

  it("everybody stands where the hashes say, and nowhere else", async () => {
    const found = await stand(ROWS);
    expect(found).toEqual(obvious(everybody));
    const kinds = new Set([...found.values()].map((place) => place.split(",")[0]));
    expect(kinds).toEqual(new Set(["held out", "client-0", "client-1", "client-2"]));
  });

  it("one person's rows, moved or replaced, move nobody else", async () => {
    const before = await stand(ROWS);
    const change = fc.record({
      person: fc.nat({ max: PERSONS - 1 }),
      at: fc.array(fc.nat({ max: ROWS.length }), { minLength: 1, maxLength: 5 }),
      mark: fc.constantFrom(null, 995),
      date: fc.constantFrom("2024-01-01", "2024-05-17", "2024-06-29"),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ person, at, mark, date }) => {
        const others = ROWS.filter(([id]) => id !== keyOf(person));
        const moved: Row[] = [...others];
        for (const place of at)
          moved.splice(Math.min(place, moved.length), 0, [
            keyOf(person),
            mark ?? 10 * person,
            date,
            7,
          ]);
        const after = await stand(moved);
        for (const other of everybody)
          if (other !== person) expect(after.get(10 * other)).toBe(before.get(10 * other));
        expect(after.get(mark ?? 10 * person)).toBe(before.get(10 * person));
      }),
      { numRuns: 25 },
    );
  });
});

it.each([
  "kind: sizes, sizes: logNormal, sigma: 1",
  "kind: dirichlet, alpha: 0.5",
  "kind: shards, shards: 2",
])("where lines are moved, nobody is, whatever deals them: %s", async (partition) => {
  const scenario = scenarioOf("events", { partition });
  const contract = await contractFor(scenario);
  const before = await standing("events", scenario, contract, ROWS);
  const [first = [], second = []] = [ROWS.slice(0, 31), ROWS.slice(31)];
  const after = await standing("events", scenario, contract, [...second.toReversed(), ...first]);
  expect(after).toEqual(before);
});

it("stands by the person's identifier, not by a pseudonym that contract and master key decide", async () => {
  const identifier = "action: pseudonym, identifier: text";
  const scenario = scenarioOf("events", { identifier });
  const found = await standing("events", scenario, await contractFor(scenario), ROWS);
  expect(found).toEqual(obvious(everybody));
});

it("ends the run where two persons of a file have one hash", () => {
  const alike = Float64Array.from([5, 1, 5, 2, 5, 1]);
  const places = { deal: new Float64Array(3), split: new Float64Array(3), slot: alike };
  const rows = Int32Array.from([0, 1, 2]);
  expect(() => inPlaceOrder(rows, places, new Int32Array(3))).toThrow("data.placeCollision");
  // At two clients they are two persons anyway.
  const order = inPlaceOrder(rows, places, Int32Array.from([1, 0, 0]));
  expect([...order]).toEqual([2, 0, 1]);
});

it("holds nobody's lines to account where a table names no person", async () => {
  const scenario = scenarioOf("people");
  const { person: _, ...source } = scenario.data.source;
  const byLine = { ...scenario, data: { ...scenario.data, source } };
  const contract = await contractFor(byLine);
  const found = await standing("people", byLine, contract, onlyFirst(ROWS));
  const heldOut = [...found.values()].filter((place) => place.startsWith("held out"));
  expect(heldOut).toHaveLength(TEST_ROWS);
});
