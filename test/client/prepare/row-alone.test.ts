/**
 * From file to model inputs: what comes of a row hangs on that row alone, in tables of people as of
 * events; the order of rows changes nothing at all; and where a requirement looks at other rows, one
 * person's absence changes no more of them than its k.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readablePerson } from "../../../client/anonymize/anonymizer.ts";
import { collectFile } from "../../../client/data/collect.ts";
import {
  allRows,
  countedRows,
  gatherPeople,
  type PeopleTable,
  riskColumns,
} from "../../../client/data/people-table.ts";
import { contractHash, type PersonKeys, personKeys } from "../../../client/data/person-keys.ts";
import { engineer } from "../../../client/features/engineer.ts";
import { ownerReport } from "../../../client/report/owner-report.ts";
import { requireK } from "../../../client/risk/require-k.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { csvText } from "../../support/canary-tables.ts";
import { contractFor } from "../../support/contracts.ts";
import { personAt } from "../../support/person-at.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-row-alone-"));
afterAll(() => rmSync(folder, { recursive: true }));

const REST = `
training: { rounds: 1 }
privacy: { epsilon: 1, delta: 1e-5, population: 100 }
clients: { count: 2, minCohort: 2 }
`;
const ID = "{ role: directIdentifier, action: pseudonym, dropAfterJoin: false }";
const LOG =
  "role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 3, truncateDays: 7, amount: { clip: [0, 50], round: 5 }";

/** A column of every kind that is kept; mondrian wants an order of each quasi-identifier. */
const PEOPLE = `
format: 1
name: people
data:
  source: { file: people.csv, testRows: 1, public: true, where: "height > 0" }
  columns:
    id: ${ID}
    note: { role: drop }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
    height: { role: quasiIdentifier, type: number, bounds: [0, 300], floor: 50 }
    city: { role: quasiIdentifier, hierarchy: { Rome: [south], Bari: [south], Oslo: [north] }, level: 1, unseen: other }
    zip: { role: insensitive, type: code, length: 5, level: 3 }
    since: { role: insensitive, type: date, bounds: [2000-01-01, 2030-01-01], reference: 2024-06-30, level: month }
    trade: { role: sensitive, vocabulary: [smith, baker], unseen: other }
    visits: { ${LOG}, category: { vocabulary: [a, b], unseen: other } }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features:
  age: { formula: "oneHot(age)" }
  height: { formula: "height" }
  city: { formula: "oneHot(city)" }
  trade: { formula: "oneHot(trade)" }
  visits: { formula: "count(visits)", bounds: [0, 3] }
  spent: { formula: "mean(visits.amount, 0)", bounds: [0, 50], scale: log }
  last: { formula: "min(visits.daysBefore, 90)", bounds: [0, 90] }
${REST}`;

const EVENTS = `
format: 1
name: events
data:
  source: { file: events.csv, testRows: 1, public: true, person: id, events: { visits: { time: date, fields: [amount], where: "amount > 0" } } }
  columns:
    id: ${ID}
    city: { role: quasiIdentifier, take: first, vocabulary: [Rome, Oslo], unseen: other }
    height: { role: quasiIdentifier, take: first, type: integer, bounds: [0, 300], missing: 0 }
    visits: { ${LOG} }
  target: { name: back, event: visits, within: 30 }
features:
  city: { formula: "oneHot(city)" }
  height: { formula: "height" }
  visits: { formula: "count(visits)", bounds: [0, 3] }
  spent: { formula: "sum(visits.amount)", bounds: [0, 150] }
${REST}`;

interface Prepared {
  readonly people: PeopleTable;
  readonly contract: Contract;
  readonly keys: PersonKeys;
}

type Row = readonly unknown[];

async function preparer(text: string, header: readonly string[]) {
  const scenario = parseScenario(text, "scenario.yaml");
  const plain = await contractFor(scenario);
  const { source } = scenario.data;
  const keys = await personKeys(plain, { source, seed: 1, keys: {}, folder });
  return async (
    rows: readonly Row[],
    anonymity: Partial<Contract["anonymity"]> = {},
  ): Promise<Prepared> => {
    const contract = { ...plain, anonymity: { ...plain.anonymity, ...anonymity } };
    writeFileSync(join(folder, "rows.csv"), csvText(header, rows));
    const options = { personKey: keys.join, pseudonyms: keys.pseudonyms };
    const collected = await collectFile(contract, source, folder, "rows.csv", options);
    const people = await gatherPeople(contract, [collected], riskColumns(contract));
    return { people, contract, keys };
  };
}

const PEOPLE_HEADER = [
  "id",
  "note",
  "age",
  "height",
  "city",
  "zip",
  "since",
  "trade",
  "visits",
  "bought",
];
const people = await preparer(PEOPLE, PEOPLE_HEADER);
const events = await preparer(EVENTS, ["id", "date", "amount", "city", "height"]);

/** Of every person, by pseudonym: the anonymized row, the model's inputs, the label, whether it counts. */
async function outputs({
  people: { table, labels, counted },
  contract,
}: Prepared): Promise<Map<string, string>> {
  const { inputs, width } = await engineer((row) => personAt(table, row), labels, contract);
  return new Map(
    Array.from({ length: table.rows }, (_, row) => {
      const person = personAt(table, row);
      const shown = readablePerson(person, contract.columns);
      const own = [...inputs.subarray(row * width, (row + 1) * width)];
      const id = String(person.texts.get("id"));
      return [id, JSON.stringify([shown, own, labels[row], counted[row]])] as const;
    }),
  );
}

/** Often one of two before the cut-off: events of one time must be told apart by what they are. */
const day = fc.oneof(
  { arbitrary: fc.constantFrom("2024-06-03", "2024-06-29"), weight: 2 },
  {
    arbitrary: fc
      .integer({ min: 0, max: 130 })
      .map((days) => new Date(Date.UTC(2024, 6, 10) - days * DAY_MS).toISOString().slice(0, 10)),
    weight: 1,
  },
);
const amount = fc.constantFrom(-5, 0, 2.5, 12.49, 30, 70);
/** Few values a column, so that rows are alike, and some that the contract has no value for. */
const personRow = fc
  .tuple(
    fc.constantFrom("", "x", "y"),
    fc.integer({ min: 15, max: 60 }),
    fc.constantFrom(0, 99.9, 100, 180),
    fc.constantFrom("Rome", "Bari", "Oslo", "Lima", ""),
    fc.constantFrom("01234", "01299", "99999"),
    fc.constantFrom("2019-03-01", "2019-03-31", "2021-01-05"),
    fc.constantFrom("smith", "baker", "cook", ""),
    fc.array(fc.tuple(day, amount, fc.constantFrom("a", "b", "c")), { maxLength: 6 }),
    fc.constantFrom("yes", "no"),
  )
  .map((cells): Row => cells);
const eventRow = fc
  .tuple(day, amount, fc.constantFrom("Rome", "Oslo", "Lima", ""), fc.constantFrom(150, 180, ""))
  .map((cells): Row => cells);

const withIds = (rows: readonly Row[], prefix: string) =>
  rows.map((row, i) => [`${prefix}${i}`, ...row]);
/** Each of the rows, in an order drawn. */
const shuffled = <T>(rows: readonly T[]) =>
  fc.shuffledSubarray([...rows], { minLength: rows.length, maxLength: rows.length });
const people12 = fc.array(personRow, { minLength: 1, maxLength: 12 });
/** Of few kinds, so that some are alike k by k and some are not; but for what is theirs alone. */
const alike = fc
  .tuple(fc.array(personRow, { minLength: 1, maxLength: 4 }), people12)
  .chain(([kinds, own]) =>
    fc.tuple(
      fc.array(fc.constantFrom(...kinds), { minLength: own.length, maxLength: own.length }),
      fc.constant(own),
    ),
  )
  // Note, age, height, city and zip of the kind; since, trade, visits and label of the row.
  .map(([kinds, own]) => own.map((row, i) => [...(kinds[i] ?? []).slice(0, 5), ...row.slice(5)]));
const RUNS = { numRuns: 60 };

describe("in a table of people", () => {
  it("a row comes out the same whoever else is there, in whatever order", async () => {
    const others = fc.tuple(people12, people12).chain(([rows, more]) => {
      const own = withIds(rows, "own");
      // The first stays; of the others some go, others come, and all change places.
      return fc.tuple(
        fc.constant(own),
        fc
          .subarray(own.slice(1))
          .chain((left) => shuffled([...own.slice(0, 1), ...left, ...withIds(more, "new")])),
      );
    });
    const differences = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(others, async ([before, after]) => {
        const [first, second] = [
          await outputs(await people(before)),
          await outputs(await people(after)),
        ];
        const shared = [...first].filter(([id]) => second.has(id));
        expect(shared.length).toBeGreaterThan(0);
        for (const [id, output] of shared) expect(second.get(id)).toBe(output);
        differences.add(first.size === second.size && shared.length === first.size);
      }),
      RUNS,
    );
    expect(differences).toContain(false);
  });
});

describe("in a table of events", () => {
  const logs = fc.array(fc.array(eventRow, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 6,
  });
  const rowsOf = (log: readonly (readonly Row[])[], prefix: string) =>
    log.flatMap((own, person) => own.map((row) => [`${prefix}${person}`, ...row]));

  it("a person comes out the same whatever the others' rows, in whatever order all of them are", async () => {
    const others = fc.tuple(logs, logs).chain(([log, more]) => {
      const own = rowsOf(log.slice(0, 1), "own");
      return fc.tuple(
        shuffled([...own, ...rowsOf(log.slice(1), "other")]),
        shuffled([...own, ...rowsOf(more, "other")]),
      );
    });
    await fc.assert(
      fc.asyncProperty(others, async ([before, after]) => {
        const [first, second] = [await events(before), await events(after)];
        const id = first.keys.join?.("own0", "") ?? "";
        const output = (await outputs(first)).get(id);
        expect(output).toBeDefined();
        expect((await outputs(second)).get(id)).toBe(output);
      }),
      RUNS,
    );
  });

  it("the order of rows changes nobody", async () => {
    const orders = logs
      .map((log) => rowsOf(log, "own"))
      .chain((rows) => fc.tuple(fc.constant(rows), shuffled(rows)));
    await fc.assert(
      fc.asyncProperty(orders, async ([before, after]) => {
        expect(new Map([...(await outputs(await events(after)))].sort())).toEqual(
          new Map([...(await outputs(await events(before)))].sort()),
        );
      }),
      RUNS,
    );
  });
});

describe.each(["report", "suppress", "mondrian"] as const)("under mode %s", (mode) => {
  const k = 2;

  it("the order of rows changes neither whom features see, nor any number of the report", async () => {
    const orders = alike.chain((rows) => {
      const own = withIds(rows, "own");
      return fc.tuple(fc.constant(own), shuffled(own));
    });
    await fc.assert(
      fc.asyncProperty(orders, async ([before, after]) => {
        const first = await summary(await people(before, { mode, k }));
        expect(await summary(await people(after, { mode, k }))).toEqual(first);
      }),
      RUNS,
    );
  });
});

async function summary({ people: table, contract, keys }: Prepared) {
  const rows = allRows(table);
  const required = requireK(table, rows, contract);
  const keySources = keys.sources;
  const hash = contractHash(contract);
  const source = { people: table, contract, hash, seed: 1, keySources, findings: [] };
  return {
    seen: (await seen(table, contract)).sort(),
    report: ownerReport(source, rows, required),
  };
}

/** Of each slot: what a client trains on. */
async function seen(table: PeopleTable, contract: Contract): Promise<string[]> {
  const { kept, person } = requireK(table, allRows(table), contract);
  const { inputs, width } = await engineer(person, table.labels, contract);
  return Array.from(kept, (keep, slot) => {
    const own = [...inputs.subarray(slot * width, (slot + 1) * width)];
    return keep ? JSON.stringify([own, table.labels[slot]]) : "suppressed";
  });
}

describe("under suppress", () => {
  it("one person out of the population changes at most k rows, itself among them, and may change k", async () => {
    const k = 3;
    let most = 0;
    await fc.assert(
      fc.asyncProperty(alike, async (rows) => {
        const { people: table, contract } = await people(withIds(rows, "own"), {
          mode: "suppress",
          k,
        });
        const before = await seen(table, contract);
        for (const gone of countedRows(table, allRows(table))) {
          const counted = table.counted.slice();
          counted[gone] = 0;
          const after = await seen({ ...table, counted }, contract);
          const changed = before.filter((shown, slot) => after[slot] !== shown);
          expect(changed.length).toBeLessThanOrEqual(k);
          most = Math.max(most, changed.length);
        }
      }),
      RUNS,
    );
    expect(most).toBe(k);
  });
});
