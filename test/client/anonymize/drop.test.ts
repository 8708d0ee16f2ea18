import { expect, it } from "vitest";
import { dropColumns } from "../../../client/anonymize/drop.ts";
import { personFromRow } from "../../../client/person-row.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";

it("leaves no direct identifier, no target and no dropped column", async () => {
  const columns = `email: { role: directIdentifier }
age: { role: quasiIdentifier, bands: [18] }
note: { role: drop }
bought: { role: target }`;
  const contract = await contractFor(peopleScenario({ columns }));
  const row = { email: "someone@example.com", age: 34, note: "tall", bought: "yes" };
  const person = personFromRow(row, contract, "row");
  expect(person.values.size).toBe(4);
  expect([...dropColumns(person, contract.columns)]).toEqual([["age", "34"]]);
});
