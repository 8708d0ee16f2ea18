/**
 * A record is a person: of each a client uses at most rowsPerPerson rows, chosen by hash, and whatever
 * rows one person has, the sum moves by at most so many clip norms and nobody else's slot moves. From
 * the file on, through the client's own stages; the choice is held against a slow, obvious one.
 */
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { dpSgd } from "../../../client/algorithms/dp-sgd.ts";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { suppressBelow } from "../../../client/risk/suppress.ts";
import { clientRound } from "../../../client/round/client-round.ts";
import { addUpdate, newSum } from "../../../server/step/gather.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import { makePlan, openPlan } from "../../../shared/plan/plan.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { csvText } from "../../support/canary-tables.ts";
import { assignmentFor, contractFor } from "../../support/contracts.ts";
import { DP_SGD, planWith } from "../../support/plans.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-rows-per-person-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SEED = 5;
const PERSONS = 12;
const MOST = 3;
/** So small that every row is clipped. */
const CLIP_NORM = 1e-3;

const scenario = parseScenario(
  `
format: 1
name: visits
seed: ${SEED}
data:
  person: id
  source: { file: visits.csv, testFile: held-out.csv, public: true, where: "day < 900" }
  columns:
    id: { role: directIdentifier }
    day: { role: insensitive, type: integer, bounds: [0, 1000] }
    note: { role: drop }
    back: { role: target }
  target: { name: back, column: back, positive: "yes" }
features:
  day: { formula: day, bounds: [0, 1000] }
training: { rounds: 1, clipNorm: ${CLIP_NORM} }
privacy: { trust: none, delta: 1e-5, population: ${PERSONS}, rowsPerPerson: ${MOST} }
clients: { count: 2, minCohort: 2 }
`,
  "visits.yaml",
);
const contract = await contractFor(scenario);
const sealed = makePlan(scenario, contract, "fused");
const engine = fusedEngine(sealed.model);

type Row = readonly [id: string, day: number, note: string, back: "yes" | "no"];

const HEADER = ["id", "day", "note", "back"];
/** Person 0 has fifty, two of them alike; the others from one to five, the fifth out of the population. */
const ROWS: readonly Row[] = Array.from({ length: PERSONS }, (_, person) =>
  Array.from({ length: person === 0 ? 50 : 1 + (person % 5) }, (_, i): Row => {
    const day = person === 0 ? 700 + Math.max(1, i) : 60 * person + i;
    return [`p${person}`, i === 4 && person > 0 ? 950 : day, "x", person % 2 === 0 ? "yes" : "no"];
  }),
).flat();

async function prepared(rows: readonly Row[]): Promise<readonly ClientRows[]> {
  writeFileSync(join(folder, "visits.csv"), csvText(HEADER, rows));
  writeFileSync(join(folder, "held-out.csv"), csvText(HEADER, ROWS.slice(-4)));
  // What is declared is not held against the rows here: some have fewer persons.
  const assignment = assignmentFor(scenario, { folder, population: null });
  return [...(await prepare(contract, assignment)).clients.values()];
}

/** Of each client, slot by slot: the day in it, or null. */
const days = (clients: readonly ClientRows[]) =>
  clients.map(({ examples, present }) =>
    Array.from(examples.inputs, (input, slot) =>
      present?.[slot] === 0 ? null : Math.round(((input + 1) / 2) * 1000),
    ),
  );

/** By RFC 5869, RFC 2104, SHA-256 and the rule alone. */
function obvious(rows: readonly Row[]): (number | null)[][] {
  const seed = Buffer.alloc(32);
  seed.writeUInt32LE(SEED);
  const hash = (purpose: string, text: string | Buffer) => {
    const key = hkdfSync("sha256", seed, "", `murmur/drbg/person-key/${purpose}`, 32);
    return createHmac("sha256", Buffer.from(key)).update(text).digest("hex").slice(0, 24);
  };
  const utf16 = (text: string) => Buffer.from(text, "utf16le");
  const ids = [...new Set(rows.map(([id]) => id))];
  ids.sort((a, b) => (hash("slot", utf16(a)) < hash("slot", utf16(b)) ? -1 : 1));
  const clients: (number | null)[][] = [[], []];
  for (const id of ids) {
    const own = rows.filter(([other]) => other === id);
    const ranked = own.map((row, i) => {
      const same = own.slice(0, i).filter((other) => other.join() === row.join()).length;
      // A CSV's cells are text.
      const text = JSON.stringify([id, row.slice(1).map(String)]);
      const content = createHash("sha256").update(utf16(text)).digest("base64");
      return { day: row[1], rank: hash("row", `${content}/${same}`) };
    });
    const used = ranked
      .filter(({ day }) => day < 900)
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, MOST)
      .map(({ day }) => day);
    const client = Number(BigInt(`0x${hash("deal", utf16(id)).slice(0, 12)}`) % 2n);
    clients[client]?.push(...used, ...Array<null>(MOST - used.length).fill(null));
  }
  return clients;
}

async function sumOf(clients: readonly ClientRows[], parameters: Float32Array) {
  const sum = newSum(parameters.length);
  for (const [i, rows] of clients.entries()) {
    const at = { client: `c${i}`, round: 0, attempt: 0, task: "train" } as const;
    const order = { ...at, clipNorm: CLIP_NORM, parameters };
    const both = { privacy: sealed.plan.privacy, training: DP_SGD };
    addUpdate(sum, (await clientRound(order, rows, engine, both, seededRoot(1))).update);
  }
  return sum;
}

const distance = (a: Int32Array, b: Int32Array) =>
  Math.sqrt(a.reduce((square, steps, i) => square + (steps - (b[i] ?? Number.NaN)) ** 2, 0));

describe("rowsPerPerson", () => {
  it("uses the rows that the hashes choose, each person's in slots of its own", async () => {
    const found = days(await prepared(ROWS));
    expect(found).toEqual(obvious(ROWS));
    expect(found.flat()).toHaveLength(PERSONS * MOST);
    // Of fifty rows three are used.
    expect(found.flat().filter((day) => day !== null && day > 700 && day < 750)).toHaveLength(MOST);
    expect(found.flat()).not.toContain(950);
  });

  it("chooses by what rows hold, never by where they stand", async () => {
    const before = days(await prepared(ROWS));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...ROWS], { minLength: ROWS.length, maxLength: ROWS.length }),
        async (shuffled) => {
          expect(days(await prepared(shuffled))).toEqual(before);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("whatever rows one person has, nobody else's slot moves, and the sum by no more than N of them", async () => {
    const before = await prepared(ROWS);
    const { sensitivity } = sealed.plan.privacy;
    const parameters = new Float32Array(sealed.model.parameters).fill(0.5);
    const whole = await sumOf(before, parameters);
    const row = fc.tuple(
      fc.nat({ max: 899 }),
      fc.constantFrom("x", "y"),
      fc.constantFrom("yes", "no"),
    );
    const change = fc.tuple(
      fc.nat({ max: PERSONS - 1 }),
      fc.array(row, { minLength: 1, maxLength: 60 }),
    );
    let most = 0;
    await fc.assert(
      fc.asyncProperty(change, async ([person, own]) => {
        const id = `p${person}`;
        const others = ROWS.filter(([other]) => other !== id);
        const replaced = own.map(([day, note, back]): Row => [id, day, note, back as "yes" | "no"]);
        const after = await prepared([...replaced, ...others]);
        const [was, is] = [days(before), days(after)];
        const differ = was.map((slots, client) =>
          slots.flatMap((day, slot) => (day === is[client]?.[slot] ? [] : [slot])),
        );
        const blocks = differ.map((slots) => new Set(slots.map((slot) => Math.floor(slot / MOST))));
        // All of one client, and of one person there.
        expect(blocks.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(1);
        expect(is.map(({ length }) => length)).toEqual(was.map(({ length }) => length));
        const moved = distance(whole, await sumOf(after, parameters));
        expect(moved).toBeLessThanOrEqual(2 * MOST * sensitivity);
        most = Math.max(most, moved);
      }),
      { numRuns: 40 },
    );
    // More than one row's part: the bound is not met by moving nothing.
    expect(most).toBeGreaterThan(2 * sensitivity);
  });

  it("with nothing in a person's place the sum moves by N rows at most, and by as many for fifty", async () => {
    const clients = await prepared(ROWS);
    const { sensitivity } = sealed.plan.privacy;
    const parameters = new Float32Array(sealed.model.parameters);
    const whole = await sumOf(clients, parameters);
    const moves: number[] = [];
    for (const [owner, rows] of clients.entries())
      for (let block = 0; block < rows.examples.count; block += MOST) {
        const present = Uint8Array.from(rows.present ?? []).fill(0, block, block + MOST);
        const without = await sumOf(clients.with(owner, { ...rows, present }), parameters);
        moves.push(distance(whole, without));
      }
    expect(moves).toHaveLength(PERSONS);
    expect(Math.max(...moves)).toBeLessThanOrEqual(MOST * sensitivity);
    // Alike in their label, a person's rows all pull one way: the bound is nearly met.
    expect(Math.max(...moves)).toBeGreaterThan(0.95 * MOST * sensitivity);
  });

  it("refuses public rows of other persons, or of more rows, than are declared", async () => {
    await prepared(ROWS);
    const bring = (population: number, rows?: number) =>
      prepare(
        contract,
        assignmentFor(scenario, { folder, population, source: { ...scenario.data.source, rows } }),
      );
    await expect(bring(PERSONS)).resolves.toBeDefined();
    await expect(bring(PERSONS + 1)).rejects.toThrow(`the number of people, ${PERSONS}`);
    await expect(bring(PERSONS, 20)).rejects.toThrow("data.source.rows (");
  });
});

it("throws one coin for all rows of a person", async () => {
  const sampling = { kind: "poisson", rate: 0.5, rowsPerCoin: MOST } as const;
  const rows = { population: 200, rowsPerPerson: MOST, rows: 600 };
  const plan = planWith({ sampling, accountant: "pld", ...rows, clipNorm: 3 });
  const coins: boolean[] = [];
  const drawn = {
    bernoulli: () => coins.push(coins.length % 3 !== 1) > 0 && coins.at(-1) === true,
  };
  // Input 1 and label 0 at a model of zeros: each row's gradient is 1/2 on kernel and bias.
  const { count, width } = { count: 30, width: 1 };
  const inputs = Float32Array.from({ length: count }, (_, slot) => 2 ** -Math.floor(slot / MOST));
  const examples = { count, width, inputs, labels: new Float32Array(count) };
  const own = { examples, present: new Uint8Array(count).fill(1).fill(0, 1, 2) };
  const { sum } = await dpSgd(new Float32Array(2), own, engine, plan, 3, drawn);
  expect(coins).toHaveLength(count / MOST);
  const persons = coins.flatMap((coin, person) => (coin ? [person] : []));
  const rowsOf = (person: number) => (person === 0 ? MOST - 1 : MOST);
  const due = persons.reduce((all, person) => all + (rowsOf(person) * 2 ** -person) / 2, 0);
  expect(sum[0]).toBeCloseTo(due, 5);
});

describe("suppression", () => {
  it("counts persons in a class, not their rows", () => {
    const classOf = Int32Array.from([0, 0, 0, 1, 1, 2, 2, 2]);
    const classes = { classOf, sizes: Int32Array.from([3, 2, 3]) };
    const personOf = Int32Array.from([7, 7, 7, 7, 8, 9, 8, 8]);
    expect([...suppressBelow(classes, 2)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...suppressBelow(classes, 2, personOf)]).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
  });
});

describe("a plan with rowsPerPerson", () => {
  it("says so in contract and terms alike, and a client refuses one in which they differ", () => {
    expect(sealed.plan.contract.table).toEqual({
      kind: "people",
      person: "id",
      rowsPerPerson: MOST,
    });
    const { privacy } = sealed.plan;
    expect([privacy.rowsPerPerson, privacy.rows]).toEqual([MOST, MOST * PERSONS]);
    expect(privacy.expectedUnits).toBe(MOST * PERSONS);
    expect(openPlan(sealed.bytes, sealed.hash).plan.privacy).toEqual(privacy);
    const other = {
      ...contract,
      table: { kind: "people", person: "id", rowsPerPerson: 2 },
    } as const;
    const { bytes, hash } = makePlan(scenario, other, "fused");
    expect(() => openPlan(bytes, hash)).toThrow("plan.rowsPerPerson (");
  });
});
