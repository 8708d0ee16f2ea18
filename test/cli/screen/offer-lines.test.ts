/** What an owner reads of a plan before any row of the file is. */
import { expect, it } from "vitest";
import { offerLines } from "../../../cli/screen/offer-lines.ts";
import { contractFor, peopleScenario, shippedScenario } from "../../support/contracts.ts";

const lines = async (scenario: ReturnType<typeof peopleScenario>, header: readonly string[]) =>
  offerLines(await contractFor(scenario), header, "rows.csv").join("\n");

it("tells every column of the file, those that the plan lacks and those that it misses", async () => {
  const text = await lines(peopleScenario(), ["email", "bought", "age", "income", "shoe"]);
  expect(text).toMatch(/^ {4}email +directIdentifier +dropped$/m);
  expect(text).toMatch(/^ {4}shoe +not in the plan +join will refuse: each column/m);
  expect(text).toMatch(/^ {4}city +not in the file +the plan wants it: join will refuse$/m);
  expect(text).toMatch(/^ {4}age +quasiIdentifier +3 bands: /m);
});

it("tells a plan's word on people in a column, and that it does not count", async () => {
  const columns = `contact: { role: insensitive, type: category, vocabulary: [a, b], identifiersKnown: "all fine" }
bought: { role: target }`;
  const features = 'who: { formula: "oneHot(contact) # of the age" }';
  const text = await lines(peopleScenario({ columns, features }), ["contact", "bought"]);
  expect(text).toContain('identifiers in it are known, "all fine": that does not count here');
  // The formula that is computed, and no remark beside it.
  expect(text).toMatch(/^ {4}who +oneHot\(contact\) +4 inputs$/m);
  expect(text).not.toContain("of the age");
});

it("tells both filters, and where the label comes from", async () => {
  const text = await lines(shippedScenario("online-retail"), ["CustomerID"]);
  expect(text).toMatch(/^Rows that count: .*; events that count: .*/m);
  expect(text).toMatch(/^The label: \w+, an event of \w+ within \d+ days after the cut-off$/m);
});
