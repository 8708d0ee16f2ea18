/** A contract whose formulas read one thing and compute another is no contract to join by. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../../shared/canonical.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { isFormulaFeature } from "../../../shared/contract/feature.ts";
import { parseFormula } from "../../../shared/contract/formula/parse.ts";
import { checkFormulaTexts } from "../../../shared/contract/formula-agreement.ts";
import { personScope } from "../../../shared/contract/formulas.ts";
import { ProtocolError, ScenarioError } from "../../../shared/errors.ts";
import { contractFor, shippedScenario } from "../../support/contracts.ts";
import { formulaText } from "../../support/formulas.ts";

const SHIPPED = ["purchases", "online-retail", "adult", "clinics", "mnist-scatter"];

it.each(SHIPPED)("takes the formulas of %s, spelled as their author did", async (name) => {
  const contract = await contractFor(shippedScenario(name));
  await expect(checkFormulaTexts(contract)).resolves.toBeUndefined();
});

/** The text of its first feature exchanged, what is computed left as it is. */
function reworded(contract: Contract, formula: string): Contract {
  const [first, ...others] = contract.features;
  if (!first || !isFormulaFeature(first)) throw new Error("a formula comes first");
  return { ...contract, features: [{ ...first, formula }, ...others] };
}

it.each([
  ["another column's name", "recency"],
  ["another constant", "count(purchaseHistory, 31)"],
  ["what is no formula", "how often they buy"],
  ["the rest as a remark", "1 # count(purchaseHistory)"],
  ["nothing that it may name", "email"],
])("refuses a feature's text with %s", async (_, text) => {
  const contract = await contractFor(shippedScenario("purchases"));
  const refused = checkFormulaTexts(reworded(contract, text));
  await expect(refused).rejects.toThrow(ProtocolError);
  await expect(refused).rejects.toThrow(
    /^plan\.formula \(the plan received, features\.\w+\.formula/,
  );
});

it("refuses the text of a filter, of persons or of events, that is not what is computed", async () => {
  const contract = await contractFor(shippedScenario("online-retail"));
  const { table, where } = contract;
  if (table.kind !== "events" || !table.where || !where) throw new Error("both filters are there");
  const of = (change: Partial<Contract>) => checkFormulaTexts({ ...contract, ...change });
  await expect(of({})).resolves.toBeUndefined();
  await expect(of({ where: { ...where, formula: "1" } })).rejects.toThrow("data.source.where");
  const events = { ...table, where: { ...table.where, formula: "1" } };
  await expect(of({ table: events })).rejects.toThrow(`data.source.events.${table.log}.where`);
});

it("takes a text exactly where it is parsed to the postfix beside it, over random pairs", async () => {
  const contract = await contractFor(shippedScenario("purchases"));
  const scope = personScope(contract.columns);
  const [first] = contract.features;
  if (!first) throw new Error("no feature");
  const parsed = (text: string) =>
    parseFormula(text, "test", scope).catch((error: unknown) => {
      if (!(error instanceof ScenarioError)) throw error;
      return undefined;
    });
  const texts = formulaText(scope);
  let [taken, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(texts, texts, fc.boolean(), async (shown, computed, same) => {
      const [text, postfix] = [same ? computed : shown, await parsed(computed)];
      if (!postfix) return;
      const features = [{ ...first, formula: text, postfix }] as Contract["features"];
      const agrees = canonicalJson(await parsed(text)) === canonicalJson(postfix);
      const outcome = await checkFormulaTexts({ ...contract, features }).catch((error) => error);
      if (agrees) expect(outcome).toBeUndefined();
      else expect(outcome).toBeInstanceOf(ProtocolError);
      if (agrees) taken += 1;
      else refused += 1;
    }),
    { numRuns: 300 },
  );
  expect(Math.min(taken, refused)).toBeGreaterThan(50);
});
