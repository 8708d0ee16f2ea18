import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizer } from "../../../client/anonymize/anonymizer.ts";
import { EventJoin, type PersonKey } from "../../../client/data/join-events.ts";
import type { RawPerson } from "../../../client/persons/raw-person.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";

const columns = `who: { from: customer, role: directIdentifier }
invoice: { role: drop }
country: { role: quasiIdentifier, take: first, vocabulary: [FR, DE, IT], unseen: other }
orders: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 400, maxEvents: 3, amount: { clip: [0, 500] }, category: { from: kind, vocabulary: [toy, book], unseen: other } }`;
const OF_EVENTS = {
  target: "{ name: returns, event: orders, within: 30 }",
  features: 'f: { formula: "sum(orders.amount)" }',
};
const withColumns = (text: string) => peopleScenario({ columns: text, ...OF_EVENTS });

async function contractWith(where?: string, built = withColumns(columns)): Promise<Contract> {
  const events = { orders: { time: "date", fields: ["amount", "items"], where } };
  const source = { ...built.data.source, person: "customer", events };
  return contractFor({ ...built, data: { ...built.data, source } });
}

const HEADER = ["items", "customer", "date", "amount", "kind", "country", "invoice"];
type Row = readonly [
  items: number,
  customer: string,
  day: string,
  amount: number,
  kind: string,
  country: string,
];

function joined(
  contract: Contract,
  rows: readonly (readonly Cell[])[],
  options: { typed?: boolean; personKey?: PersonKey } = {},
): { people: RawPerson[]; join: EventJoin } {
  if (contract.table.kind !== "events") throw new TypeError("no event table");
  const source = { header: HEADER, typed: options.typed ?? false };
  const join = new EventJoin(source, contract.table, contract.columns, "t.csv", options.personKey);
  for (const [i, cells] of rows.entries()) join.add({ line: i + 2, cells: [...cells, "inv"] });
  return { people: [...join.people()], join };
}

const asText = (rows: readonly Row[]) => rows.map((row) => row.map(String));
const cellOf = (person: RawPerson | undefined, contract: Contract, name: string) =>
  person?.cells[contract.columns.findIndex((column) => column.name === name)];

const ROWS: readonly Row[] = [
  [2, "ann", "2024-06-01", 10, "toy", "DE"],
  [1, "bob", "2024-07-02", 99, "toy", "IT"],
  [3, "ann", "2024-01-01", 20, "book", "FR"],
  [4, "ann", "2023-01-01", -5, "car", "IT"],
];

describe("EventJoin", () => {
  it("joins the rows of a person, in the order of first rows, each with its fields", async () => {
    const contract = await contractWith();
    const { people, join } = joined(contract, asText(ROWS));
    expect(join.rows).toBe(4);
    expect(people.map(({ source, line }) => [source, line])).toEqual([
      ["t.csv", 2],
      ["t.csv", 3],
    ]);
    expect(people[0]?.logs.get("orders")).toEqual({
      times: Float64Array.from(["2024-06-01", "2024-01-01", "2023-01-01"], (day) =>
        Date.parse(day),
      ),
      fields: new Map([
        ["amount", Float64Array.of(10, 20, -5)],
        ["items", Float64Array.of(2, 3, 4)],
        ["category", Float64Array.of(0, 1, 2)],
      ]),
    });
  });

  it("reads times as the log's format has them", async () => {
    const american = (row: Row): Row => {
      const [year, month, day] = row[2].split("-");
      return [row[0], row[1], `${month}/${day}/${year}`, row[3], row[4], row[5]];
    };
    const contract = await contractWith();
    const written = columns.replace("time: date,", "time: date, format: MM/DD/YYYY,");
    const formatted = await contractWith(undefined, withColumns(written));
    const { people } = joined(formatted, asText(ROWS.map(american)));
    expect(people).toEqual(joined(contract, asText(ROWS)).people);
    expect(() => joined(contract, asText(ROWS.map(american)))).toThrow("data.invalidDate");
  });

  it("takes the first country before the cut-off, and carries nothing of a single row", async () => {
    const contract = await contractWith();
    const [ann, bob] = joined(contract, asText(ROWS)).people;
    expect(cellOf(ann, contract, "country")).toBe("IT");
    expect(cellOf(ann, contract, "invoice")).toBeNull();
    // When somebody comes back is the label: the row is not looked at.
    expect(cellOf(bob, contract, "country")).toBeNull();
    expect(cellOf(ann, contract, "who")).toBe("ann");
  });

  it("does not look at a row of the cut-off's own instant, and does at one a moment before", async () => {
    const contract = await contractWith();
    const country = (day: string) =>
      cellOf(
        joined(contract, asText([[1, "ann", day, 1, "toy", "FR"]])).people[0],
        contract,
        "country",
      );
    expect(country("2024-06-30")).toBeNull();
    expect(country("2024-06-29T23:59:59.999Z")).toBe("FR");
  });

  it("decides between equal times by the text, not by the order of the file", async () => {
    const contract = await contractWith();
    const rows: Row[] = [
      [1, "ann", "2024-06-01", 1, "toy", "IT"],
      [1, "ann", "2024-06-01", 2, "toy", "DE"],
      [1, "ann", "2024-06-01", 3, "toy", "FR"],
    ];
    for (const one of [rows, rows.toReversed()]) {
      const [ann] = joined(contract, asText(one)).people;
      expect(cellOf(ann, contract, "country")).toBe("DE");
    }
  });

  it("leaves out what the filter calls no event; whose row it is stays a person", async () => {
    const contract = await contractWith("amount > 0 and items < 3");
    const { people, join } = joined(contract, asText(ROWS));
    expect(people.map(({ logs }) => logs.get("orders")?.times.length)).toEqual([1, 1]);
    expect(join.rows).toBe(4);
    expect(cellOf(people[0], contract, "country")).toBe("IT");
  });

  it("knows a person by the key that is given, which is then all that is left of the name", async () => {
    const contract = await contractWith();
    const places: string[] = [];
    const personKey: PersonKey = (cell, where) => {
      places.push(typeof where === "string" ? where : where());
      return `key-${String(cell).toLowerCase()}`;
    };
    const rows = asText(ROWS).map((row, i) => (i === 2 ? row.with(1, "ANN") : row));
    const { people } = joined(contract, rows, { personKey });
    expect(people.map((one) => cellOf(one, contract, "who"))).toEqual(["key-ann", "key-bob"]);
    expect(places[2]).toBe("t.csv, line 4, customer");
  });

  it.each<[string, number, Cell]>([
    ["data.invalidDate (t.csv, line 3, date)", 2, "07/02/2024"],
    ["data.notANumber (t.csv, line 3, amount)", 3, "many"],
    ["data.notANumber (t.csv, line 3, items)", 0, ""],
    ["data.missingIdentifier (t.csv, line 3, customer)", 1, ""],
  ])("refuses as %s, without the cell", async (message, at, cell) => {
    const contract = await contractWith();
    const rows = asText(ROWS).map((row, i): Cell[] => (i === 1 ? row.with(at, String(cell)) : row));
    expect(() => joined(contract, rows)).toThrow(message);
    if (cell !== "") expect(() => joined(contract, rows)).not.toThrow(String(cell));
  });

  it("takes no text for a number where cells have types", async () => {
    const contract = await contractWith();
    expect(joined(contract, ROWS, { typed: true }).people).toHaveLength(2);
    expect(() => joined(contract, asText(ROWS), { typed: true })).toThrow("data.notANumber");
  });

  it("makes the same anonymized people of the same rows in any order", async () => {
    const contract = await contractWith("items != 0");
    const day = fc.integer({ min: 0, max: 60 }).map((n) => {
      return new Date(Date.UTC(2024, 5, 1) + n * 86_400_000).toISOString().slice(0, 10);
    });
    const row: fc.Arbitrary<Row> = fc.tuple(
      fc.nat({ max: 2 }),
      fc.constantFrom("ann", "bob", "cy"),
      day,
      fc.nat({ max: 9 }),
      fc.constantFrom("toy", "book", "car"),
      fc.constantFrom("FR", "DE", "IT"),
    );
    const anonymize = anonymizer(contract.columns);
    const seen = (rows: readonly Row[]) => {
      const { people } = joined(contract, asText(rows));
      const told = people.map((one): [string, unknown] => [
        String(cellOf(one, contract, "who")),
        anonymize(one),
      ]);
      return told.sort(([a], [b]) => (a < b ? -1 : 1));
    };
    const shuffled = fc
      .array(row, { maxLength: 20, size: "max" })
      .chain((rows) =>
        fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
      );
    fc.assert(
      fc.property(shuffled, ([rows, other]) => {
        expect(seen(other)).toEqual(seen(rows));
      }),
    );
  });
});

it("a row that is refused leaves nothing of itself in a person who goes on", async () => {
  const contract = await contractWith();
  if (contract.table.kind !== "events") throw new TypeError("no event table");
  const { columns } = contract;
  const closed = columns.map((column) =>
    column.role === "eventLog" && column.category
      ? {
          ...column,
          category: {
            ...column.category,
            recoding: { ...column.category.recoding, unseen: "error" as const },
          },
        }
      : column,
  );
  const source = { header: HEADER, typed: false };
  const join = new EventJoin(source, contract.table, closed, "t.csv");
  const row = (line: number, day: string, amount: string, kind: string) =>
    join.add({ line, cells: ["1", "ada", day, amount, kind, "FR", "inv"] });
  row(2, "2024-01-05", "10", "toy");
  expect(() => row(3, "2024-01-06", "20", "gun")).toThrow("data.unseen");
  expect(() => row(4, "2024-01-07", "much", "toy")).toThrow("data.notANumber");
  row(5, "2024-01-08", "30", "book");
  const [person, ...others] = [...join.people()];
  expect(others).toEqual([]);
  const log = person?.logs.get("orders");
  expect(log?.times).toHaveLength(2);
  for (const values of log?.fields.values() ?? []) expect(values).toHaveLength(2);
  expect([...(log?.fields.get("amount") ?? [])]).toEqual([10, 30]);
});
