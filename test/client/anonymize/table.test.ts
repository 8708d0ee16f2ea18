import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizer } from "../../../client/anonymize/anonymizer.ts";
import { personReader } from "../../../client/anonymize/table.ts";
import { TableBuilder } from "../../../client/anonymize/table-builder.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { type PlainRow, rawPeople } from "../../support/people.ts";
import { personAt } from "../../support/person-at.ts";

const contract = await contractFor(
  peopleScenario({
    columns: `age: { role: quasiIdentifier, type: integer, bands: [18, 38] }
wage: { role: insensitive, type: number }
zip: { role: quasiIdentifier, type: code, level: 1 }
orders: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 4, amount: { clip: [0, 50] } }
visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 2 }
bought: { role: target }`,
  }),
);
const { columns } = contract;

function built(rows: readonly PlainRow[], rawOf: readonly string[] = []) {
  const people = rawPeople(rows, contract);
  const builder = new TableBuilder(columns, new Set(rawOf));
  people.forEach(builder.adder());
  return { table: builder.finish(), persons: people.map(anonymizer(columns)) };
}

const day = fc.integer({ min: 1, max: 30 }).map((n) => `2024-06-${String(n).padStart(2, "0")}`);
const row = fc.record({
  age: fc.nat({ max: 90 }),
  wage: fc.double({ min: -1e9, max: 1e9, noNaN: true, noDefaultInfinity: true }),
  zip: fc.constantFrom("AB1", "AB2", "CD3"),
  orders: fc.array(fc.tuple(day, fc.nat({ max: 60 }))),
  visits: fc.array(fc.tuple(day)),
  bought: fc.constantFrom("yes", "no"),
});

describe("TableBuilder", () => {
  it.each([
    ["none", []],
    ["all", ["age", "wage", "zip", "bought"]],
  ])(
    "gives every person back as the anonymizer makes them, %s of the raw cells told apart",
    (_, rawOf) => {
      fc.assert(
        fc.property(fc.array(row, { maxLength: 90, size: "max" }), (rows) => {
          const { table, persons } = built(rows, rawOf);
          expect(table.rows).toBe(rows.length);
          expect(persons.map((_, i) => personAt(table, i))).toEqual(persons);
          const read = personReader(table);
          for (const i of [...persons.keys()].reverse()) expect(read(i)).toEqual(persons[i]);
        }),
        { numRuns: 30 },
      );
    },
  );

  it("names the place of a cell that it refuses, though an equal one came before", () => {
    const add = new TableBuilder(columns, new Set(["zip"])).adder();
    const [good, bad] = rawPeople(
      [30, "x"].map((age) => ({ age, wage: 1, zip: "AB1" })),
      contract,
    );
    if (good) add(good);
    expect(() => bad && add({ ...bad, line: 17 })).toThrow(/^data.notANumber \(.*line 17, age\)/);
  });

  it("tells raw cells apart where it is asked to, and holds no cell of them", () => {
    const rows = ["AB1", "AB2", "AB1", "CD3"].map((zip, i) => ({ age: 20 + i, wage: 3, zip }));
    const { table } = built(rows, ["zip", "bought"]);
    expect(table.raw).toEqual(
      new Map([
        ["zip", Int32Array.of(0, 1, 0, 2)],
        ["bought", Int32Array.of(0, 0, 0, 0)],
      ]),
    );
    expect(built(rows).table.raw.size).toBe(0);
    expect(table.columns.get("zip")?.texts).toEqual(["AB*", "CD*"]);
  });

  it("tells cells of two types apart", () => {
    const builder = new TableBuilder(columns, new Set(["bought"]));
    const add = builder.adder();
    for (const person of rawPeople([{ age: 3, wage: 1, zip: "AB1" }], contract))
      for (const cell of [1, "1", null, "", 1])
        add({ ...person, cells: [...person.cells.slice(0, -1), cell] });
    expect(builder.finish().raw.get("bought")).toEqual(Int32Array.of(0, 1, 2, 3, 0));
  });

  it("takes four bytes for an index and eight for a number", () => {
    const { columns: kept } = built([{ age: 3, wage: 1.5, zip: "AB1" }]).table;
    expect(kept.get("age")?.values).toBeInstanceOf(Int32Array);
    expect(kept.get("zip")?.values).toBeInstanceOf(Int32Array);
    expect(kept.get("wage")?.values).toEqual(Float64Array.of(1.5));
  });
});
