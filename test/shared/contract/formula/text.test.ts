/** The text of a postfix formula: read back, it is that formula. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseFormula } from "../../../../shared/contract/formula/parse.ts";
import { formulaText } from "../../../../shared/contract/formula/text.ts";
import type { FormulaScope } from "../../../../shared/contract/formula/types.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import { SCOPE } from "../../../support/formula-scope.ts";
import { formulaText as randomText } from "../../../support/formulas.ts";

const parse = (text: string, scope: FormulaScope = SCOPE) => parseFormula(text, "test", scope);

it.each([
  ["1+2*3", "1 + (2 * 3)"],
  ["(1 + 2) * 3", "(1 + 2) * 3"],
  ["-income ^ 2", "-(income ^ 2)"],
  ["(-income) ^ 2", "(-income) ^ 2"],
  ["2 ^ -1 ^ 2", "2 ^ (-(1 ^ 2))"],
  ["1 or 1 and 0", "1 or (1 and 0)"],
  ["not (age == 'old')", 'not (age == "old")'],
  ['"old" != age', 'not (age == "old")'],
  ["not (income > 1) and 1", "(not (income > 1)) and 1"],
  [
    "if(city == 'north', mean(log.amount, 0), -0.7)",
    'if(city == "north", mean(log.amount, 0), -0.7)',
  ],
  ["1e-9 + 1e21", "1e-9 + 1e+21"],
  ["oneHot(age) # and nothing of income", "oneHot(age)"],
])("writes %s as %s", async (text, expected) => {
  const postfix = await parse(text);
  expect(formulaText(postfix, SCOPE)).toBe(expected);
  expect(await parse(expected)).toEqual(postfix);
});

it("quotes labels so that they are read as they are", async () => {
  const labels = ['say "no"', "a\\b", "tab\there", "ü \u202e é", "'", "# 1"];
  const scope: FormulaScope = new Map([["word", { kind: "categories", labels }]]);
  for (const [index, label] of labels.entries()) {
    const postfix = [
      ["name", "word"],
      ["number", index],
      ["call", "is", 2],
    ] as const;
    const text = formulaText(postfix, scope);
    expect(await parse(text, scope), label).toEqual(postfix);
  }
});

it("is read back to the same postfix, whatever the formula", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(randomText(SCOPE), async (text) => {
      const postfix = await parse(text).catch((error: unknown) => {
        if (!(error instanceof ScenarioError)) throw error;
        return undefined;
      });
      if (!postfix) return;
      const again = await parse(formulaText(postfix, SCOPE)).catch((error: unknown) => error);
      // Brackets that the first text did without may pass the parser's depth.
      if (again instanceof ScenarioError && /deeper|longer|characters/.test(again.message)) return;
      expect(again).toEqual(postfix);
      read += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(read).toBeGreaterThan(900);
});
