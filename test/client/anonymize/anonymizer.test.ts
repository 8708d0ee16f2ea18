import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizer, keptColumns, readablePerson } from "../../../client/anonymize/anonymizer.ts";
import { isTextRecoding } from "../../../shared/contract/text-rules/rules.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { type PlainRow, rawPeople } from "../../support/people.ts";

const contract = await contractFor(
  peopleScenario({
    columns: `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
note: { role: drop }
wage: { role: insensitive, type: number, floor: 100 }
zip: { role: quasiIdentifier, type: code, length: 5, charset: digits, level: 2 }
illness: { role: sensitive, vocabulary: [flu, cold], unseen: other }
remark: { role: insensitive, type: text }
orders: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 2, amount: { clip: [0, 50] } }
bought: { role: target }`,
  }),
);
const { columns } = contract;
const ROW = {
  email: "someone@example.com",
  age: 34,
  note: "tall",
  wage: 2345,
  zip: "02138",
  illness: "flu",
  remark: "likes boats",
  orders: [
    ["2024-06-29", 12],
    ["2024-06-30", 13],
    ["2024-06-01", 99],
  ],
  bought: "yes",
};
const anonymized = (row: PlainRow) => rawPeople([row], contract).map(anonymizer(columns))[0];

describe("anonymizer", () => {
  it("leaves no direct identifier, no target and no dropped column", () => {
    const person = anonymized(ROW);
    const kept = ["age", "wage", "illness", "zip", "remark", "orders"];
    expect(
      [...(person?.values ?? []), ...(person?.texts ?? []), ...(person?.logs ?? [])].map(
        ([name]) => name,
      ),
    ).toEqual(kept);
    const inside = JSON.stringify([...(person?.values ?? []), ...(person?.texts ?? [])]);
    for (const gone of ["someone", "tall", "yes", "02138", "2345"])
      expect(inside).not.toContain(gone);
  });

  it("keeps numbers and labels for formulas, and open text apart from them", () => {
    const person = anonymized(ROW);
    expect(person?.values).toEqual(
      new Map([
        ["age", 1],
        ["wage", 2300],
        ["illness", 0],
      ]),
    );
    expect(person?.texts).toEqual(
      new Map([
        ["zip", "021**"],
        ["remark", "likes boats"],
      ]),
    );
    expect(person?.logs.get("orders")).toEqual(
      new Map([
        ["daysBefore", Float64Array.of(1, 29)],
        ["amount", Float64Array.of(12, 50)],
      ]),
    );
  });

  it("keeps a number in a column of text from formulas", () => {
    const [raw] = rawPeople([ROW], contract);
    const cells = raw?.cells.map((cell, i) => (columns[i]?.name === "remark" ? 7 : cell)) ?? [];
    const person = raw && anonymizer(columns)({ ...raw, cells });
    expect([person?.values.has("remark"), person?.texts.get("remark")]).toEqual([false, 7]);
  });

  it("takes a person without a log for one without events", () => {
    const [raw] = rawPeople([ROW], contract);
    const person = raw && anonymizer(columns)({ ...raw, logs: new Map() });
    expect(person?.logs.get("orders")?.get("daysBefore")).toEqual(new Float64Array());
  });

  it("names the cell at fault by file, line and column", () => {
    const [raw] = rawPeople([ROW], contract);
    const cells = raw?.cells.map((cell, i) => (columns[i]?.name === "age" ? "old" : cell)) ?? [];
    const bad = { source: "people.csv", line: 17, cells, logs: new Map() };
    expect(() => anonymizer(columns)(bad)).toThrow("data.notANumber (people.csv, line 17, age)");
  });

  it("recodes each person by itself: whoever stands beside, and in what order", () => {
    const row = fc.record({
      age: fc.nat({ max: 120 }),
      wage: fc.integer({ min: -1e6, max: 1e6 }),
      zip: fc.stringMatching(/^[0-9]{5}$/),
      illness: fc.constantFrom("flu", "cold", "gout", ""),
      remark: fc.string(),
    });
    const anonymize = anonymizer(columns);
    fc.assert(
      fc.property(fc.array(row), row, fc.array(row), (before, own, after) => {
        const all = rawPeople([...before, own, ...after], contract).map(anonymize);
        expect(all[before.length]).toEqual(anonymized(own));
      }),
      { numRuns: 100 },
    );
  });
});

it("keeps columns in the contract's order", () => {
  const kept = ["age", "wage", "zip", "illness", "remark", "orders"];
  expect(keptColumns(contract).map(({ name }) => name)).toEqual(kept);
});

it("knows which domains no contract can list", () => {
  const open = columns.filter((column) => "recoding" in column && isTextRecoding(column.recoding));
  expect(open.map(({ name }) => name)).toEqual(["zip", "remark"]);
});

it("shows a person as people read it", () => {
  const person = anonymized(ROW);
  expect(person && readablePerson(person, columns)).toEqual({
    age: "[18,38)",
    wage: "[2300,2400)",
    zip: "021**",
    illness: "flu",
    remark: "likes boats",
    orders: [
      [1, 12],
      [29, 50],
    ],
  });
});
