import { describe, expect, it } from "vitest";
import { personFromRow } from "../../../client/data/person-row.ts";
import { contractFor, peopleScenario, shippedScenario } from "../../support/contracts.ts";

describe("personFromRow", async () => {
  const contract = await contractFor(shippedScenario("purchases"));
  const row = { age: 34, location: "Lyon", purchaseHistory: [["2024-06-21", 42.9]] };
  const cellsOf = (person: ReturnType<typeof personFromRow>) =>
    Object.fromEntries(contract.columns.map(({ name }, i) => [name, person.cells[i]]));

  it("takes an event as a list or by its fields' names", () => {
    const [listed, named] = [row.purchaseHistory, [{ amount: "42.9", date: "2024-06-21" }]].map(
      (purchaseHistory) => personFromRow({ ...row, purchaseHistory }, contract, "row"),
    );
    expect(named).toEqual(listed);
    expect(listed?.logs.get("purchaseHistory")?.times).toEqual(
      Float64Array.of(Date.UTC(2024, 5, 21)),
    );
  });

  it("asks neither for identifiers, nor for a location, nor for a history", () => {
    const person = personFromRow({ age: 34 }, contract, "row");
    expect(cellsOf(person)).toEqual({
      name: null,
      age: "34",
      location: null,
      purchaseHistory: null,
      email: null,
    });
    expect(person.logs.get("purchaseHistory")?.times).toHaveLength(0);
  });

  it("stands in the contract's order of columns, whatever the row's", () => {
    const named = { email: "a@b.c", location: "Lyon", name: "Ann", age: 34 };
    expect(cellsOf(personFromRow(named, contract, "row"))).toMatchObject({ ...named, age: "34" });
  });

  it("may leave out a number that something stands for, and text", async () => {
    const columns = `age: { role: insensitive, type: number, missing: 3 }
zip: { role: insensitive, type: code }
remark: { role: insensitive, type: text }
size: { role: quasiIdentifier, bands: [3] }
bought: { role: target }`;
    const other = await contractFor(
      peopleScenario({ columns, features: 'f: { formula: "age", bounds: [0, 9] }' }),
    );
    expect(personFromRow({ zip: "AB1", size: 3 }, other, "row").cells).toEqual([
      null,
      "AB1",
      null,
      "3",
      null,
    ]);
    expect(() => personFromRow({ zip: "AB1" }, other, "row")).toThrow("row (row, size)");
    expect(() => personFromRow({ size: 3 }, other, "row")).toThrow("row (row, zip)");
  });

  it.each([
    ["an unknown column", "row", { ...row, height: 180 }],
    ["a name of the prototype", "row", { ...row, constructor: 180 }],
    ["a missing number", "row", { location: "Lyon" }],
    ["a truth value", "row", { ...row, age: true }],
    ["a list for a number", "row", { ...row, age: [34] }],
    ["a history that is no list", "data.events", { ...row, purchaseHistory: "2024-06-21" }],
    ["an event without amount", "data.events", { ...row, purchaseHistory: [["2024-06-21"]] }],
    ["an event without date", "data.events", { ...row, purchaseHistory: [{ amount: 3 }] }],
    [
      "an event of the prototype",
      "data.events",
      { ...row, purchaseHistory: [Object.create({ date: "2024-06-21", amount: 3 })] },
    ],
  ])("refuses %s", (_, what, bad) => {
    expect(() => personFromRow(bad, contract, "row")).toThrow(new RegExp(`^${what} \\(row, `));
  });
});
