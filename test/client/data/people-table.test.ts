import { expect, it } from "vitest";
import {
  allRows,
  countedRows,
  gatherPeople,
  riskColumns,
} from "../../../client/data/people-table.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { parseFormula } from "../../../shared/contract/formula/parse.ts";
import { personScope } from "../../../shared/contract/formulas.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { logOf, writtenSource } from "../../support/written-people.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);
const plain = await contractFor(peopleScenario());
const PEOPLE = [
  { cells: ["ann@example.com", "17", "Rome", "5", "yes"] },
  { cells: ["bob@example.com", "18", "Oslo", "7.5", "no"] },
  { cells: ["cem@example.com", "17", "Lima", "5.0", "no"] },
  { cells: ["dee@example.com", "90", "", "5", "yes"] },
  { cells: ["eve@example.com", "017", "Rome", "9", "no"] },
];

it("recodes everybody into columns, and keeps the label apart", async () => {
  const { table, labels, counted } = await gatherPeople(
    plain,
    [writtenSource(plain, PEOPLE)],
    new Set(),
  );
  expect(table.rows).toBe(5);
  expect([...table.columns.keys()]).toEqual(["age", "city", "income"]);
  // Bands (-inf,18), [18,38), [38,inf); south, north, other, missing.
  expect([...(table.columns.get("age")?.values ?? [])]).toEqual([0, 1, 0, 2, 0]);
  expect([...(table.columns.get("city")?.values ?? [])]).toEqual([0, 1, 2, 3, 0]);
  expect([...(table.columns.get("income")?.values ?? [])]).toEqual([5, 7.5, 5, 5, 9]);
  expect([...labels]).toEqual([1, 0, 0, 1, 0]);
  expect([...counted]).toEqual([1, 1, 1, 1, 1]);
  expect(table.raw.size).toBe(0);
});

it("tells raw cells apart where risks are asked for, by what they say and not what they mean", async () => {
  const { table } = await gatherPeople(plain, [writtenSource(plain, PEOPLE)], riskColumns(plain));
  // Neither the address, which goes; nor anything but quasi-identifiers and the label.
  expect([...table.raw.keys()]).toEqual(["age", "city", "income", "bought"]);
  // 17 and 017 are one age and two texts; so are 5 and 5.0.
  expect([...(table.raw.get("age") ?? [])]).toEqual([0, 1, 0, 2, 3]);
  expect([...(table.raw.get("income") ?? [])]).toEqual([0, 1, 2, 0, 3]);
});

it("asks of sensitive columns too, and of the label where it is a column", () => {
  const { columns, target } = plain;
  const anonymity = { mode: "report", k: 5, sensitive: ["buys"], unsafe: false } as const;
  expect(riskColumns({ columns, target, anonymity })).toEqual(
    new Set(["age", "city", "income", "buys", "bought"]),
  );
  const event = { kind: "event", name: "back", log: "visits", withinDays: 30 } as const;
  const none = { ...anonymity, sensitive: [] };
  expect(riskColumns({ columns, target: event, anonymity: none })).toEqual(
    new Set(["age", "city", "income"]),
  );
});

it("remembers of which source each came, in the sources' order", async () => {
  const sources = [
    writtenSource(plain, PEOPLE.slice(0, 3)),
    writtenSource(plain, []),
    writtenSource(plain, PEOPLE.slice(3)),
  ];
  const people = await gatherPeople(plain, sources, new Set());
  expect([...people.sourceOf]).toEqual([0, 0, 0, 2, 2]);
  expect([...allRows(people)]).toEqual([0, 1, 2, 3, 4]);
});

it("keeps whoever is outside the population in place, uncounted", async () => {
  const formula = "ordinal(age) > 0";
  const postfix = await parseFormula(formula, "where", personScope(plain.columns));
  const contract = { ...plain, where: { formula, postfix } };
  const people = await gatherPeople(contract, [writtenSource(plain, PEOPLE)], new Set());
  expect([...people.counted]).toEqual([0, 1, 0, 1, 0]);
  expect(people.table.rows).toBe(5);
  expect([...countedRows(people, Int32Array.of(4, 3, 0))]).toEqual([3]);
});

it("counts each person's events that the log's rules leave out", async () => {
  const scenario = peopleScenario({
    columns: `email: { role: directIdentifier }
visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 2, amount: { clip: [0, 50] } }`,
    target: "{ name: back, event: visits, within: 30 }",
    features: 'count: { formula: "count(visits)", bounds: [0, 9] }',
  });
  const contract = await contractFor(scenario);
  const at = (...days: number[]) => ({
    cells: ["x@example.com", null],
    logs: { visits: logOf(...days.map((day) => [CUT_OFF - day * DAY_MS, day] as const)) },
  });
  // Too old; one too many; at the cut-off and after it, which is the label's and not left out.
  const people = [at(91, 90), at(1, 2, 3), at(1, 0, -4), { cells: ["y@example.com", null] }];
  const gathered = await gatherPeople(contract, [writtenSource(contract, people)], new Set());
  expect([...gathered.eventsLeftOut]).toEqual([1, 1, 0, 0]);
  expect([...gathered.labels]).toEqual([0, 0, 1, 0]);
  const { starts, fields } = gathered.table.logs.get("visits") ?? {};
  expect([...(starts ?? [])]).toEqual([0, 1, 3, 4, 4]);
  expect([...(fields?.get("daysBefore") ?? [])]).toEqual([90, 1, 2, 1]);
});

it("refuses a cell the contract has no place for, telling where and not what", async () => {
  const bad = [...PEOPLE, { cells: ["fay@example.com", "317", "Rome", "5", "no"] }];
  const read = gatherPeople(plain, [writtenSource(plain, bad, "some.csv")], new Set());
  await expect(read).rejects.toThrow("data.aboveDeclaredMaximum (some.csv, line 6, age)");
  await expect(read).rejects.not.toThrow("317");
});
