import { describe, expect, it } from "vitest";
import { personFromRow } from "../../client/person-row.ts";
import { contractFor, shippedScenario } from "../support/contracts.ts";

describe("personFromRow", async () => {
  const contract = await contractFor(shippedScenario("purchases"));
  const row = { age: 34, location: "Lyon", purchaseHistory: [["2024-06-21", 42.9]] };

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
    expect([...person.values]).toEqual([["age", "34"]]);
    expect(person.logs.get("purchaseHistory")?.times).toHaveLength(0);
  });

  it.each([
    ["an unknown column", { ...row, height: 180 }],
    ["a missing number", { location: "Lyon" }],
    ["a truth value", { ...row, age: true }],
    ["a history that is no list", { ...row, purchaseHistory: "2024-06-21" }],
    ["an event without amount", { ...row, purchaseHistory: [["2024-06-21"]] }],
    ["an event without date", { ...row, purchaseHistory: [{ amount: 3 }] }],
    [
      "an event of the prototype",
      { ...row, purchaseHistory: [Object.create({ date: "2024-06-21", amount: 3 })] },
    ],
  ])("refuses %s", (_, bad) => {
    expect(() => personFromRow(bad, contract, "row")).toThrow(/^row \(row, /);
  });
});
