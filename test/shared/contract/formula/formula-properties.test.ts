/** What holds for every formula: soundness of the check, and that nothing else gets past it. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkFormula } from "../../../../shared/contract/formula/check.ts";
import { compileFormula } from "../../../../shared/contract/formula/compile.ts";
import type { Postfix } from "../../../../shared/contract/formula/formula.ts";
import type { Interval } from "../../../../shared/contract/formula/interval.ts";
import { parseFormula } from "../../../../shared/contract/formula/parse.ts";
import type {
  FormulaScope,
  FormulaType,
  ScopeEntry,
} from "../../../../shared/contract/formula/types.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import { meaningOf } from "../../../support/formula-oracle.ts";
import { formulaText, personWithin } from "../../../support/formulas.ts";

const SCOPE: FormulaScope = new Map<string, ScopeEntry>([
  ["age", { kind: "bands", labels: ["young", "middle", "old"] }],
  ["city", { kind: "categories", labels: ["north", "other", "missing"] }],
  ["income", { kind: "number", low: -10, high: 1000, integer: false }],
  ["share", { kind: "number", low: 0.1, high: 0.3, integer: false }],
  ["joined", { kind: "date", low: -30, high: 4000 }],
  [
    "log",
    {
      kind: "log",
      events: 40,
      fields: new Map([
        ["daysBefore", { low: 0, high: 360, integer: true }],
        ["amount", { low: -0.1, high: 0.7, integer: false }],
      ]),
    },
  ],
]);

/** The postfix of a text that is accepted, and its type; undefined where it is refused. */
async function accepted(
  text: string,
): Promise<{ postfix: Postfix; type: FormulaType } | undefined> {
  try {
    const postfix = await parseFormula(text, "test", SCOPE);
    return { postfix, type: checkFormula(postfix, SCOPE, "test") };
  } catch (error) {
    expect(error, text).toBeInstanceOf(ScenarioError);
    return undefined;
  }
}

it("an accepted formula means what its text says, within its interval for everybody, whole where it says so", async () => {
  const functions = new Set<string>();
  let numbers = 0;
  const people = fc.array(personWithin(SCOPE), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(formulaText(SCOPE), people, async (text, someone) => {
      const formula = await accepted(text);
      if (!formula) return;
      const { postfix, type } = formula;
      const { low, high, integer } = boundsOf(type);
      numbers++;
      for (const [kind, name] of postfix) if (kind === "call") functions.add(name);
      const compiled = compileFormula(postfix);
      // Everybody twice: what one person leaves behind is nothing to the next.
      for (const person of [...someone, ...someone]) {
        const value = compiled(person);
        // No slack: a bound that rounding may leave is no bound for a divisor or a root.
        expect(value, `${text} above its lower bound`).toBeGreaterThanOrEqual(low);
        expect(value, `${text} below its upper bound`).toBeLessThanOrEqual(high);
        if (integer) expect(Number.isInteger(value), `${text} is whole`).toBe(true);
        // + 0: the two zeros are one.
        expect(value + 0, text).toBe(meaningOf(text, SCOPE, person) + 0);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(numbers).toBeGreaterThan(1_000);
  const all =
    "count sum distinct floor log1p abs sqrt ordinal oneHot daysBefore mean min max rate clip div if" +
    " bucket + - * / ^ < <= > >= == != and or is negate not";
  expect([...functions].sort()).toEqual(all.split(" ").sort());
}, 60_000);

/** Of a oneHot, the indices of its labels. */
function boundsOf(type: FormulaType): Interval {
  if (type.kind === "number") return type;
  if (type.kind === "oneHot") return { low: 0, high: type.labels.length - 1, integer: true };
  throw new TypeError(`no feature: ${type.kind}`);
}

it("any JSON list gives a type or a refusal, and what passes runs", () => {
  const word = fc.constantFrom(
    ..."age city income log joined daysBefore amount count sum is if bucket + ^ negate not constructor __proto__".split(
      " ",
    ),
  );
  const step = fc.oneof(
    fc.tuple(fc.constant("number"), fc.integer({ min: -3, max: 70 })),
    fc.tuple(fc.constant("name"), word),
    fc.tuple(fc.constant("field"), fc.constant("log"), word),
    fc.tuple(fc.constant("call"), word, fc.integer({ min: 0, max: 4 })),
  );
  const list = fc.oneof(
    fc.array(fc.jsonValue(), { maxLength: 5 }),
    fc.array(step, { maxLength: 6 }),
  );
  let passed = 0;
  fc.assert(
    fc.property(list, personWithin(SCOPE), (json, person) => {
      const postfix: Postfix = JSON.parse(JSON.stringify(json));
      let type: FormulaType;
      try {
        type = checkFormula(postfix, SCOPE, "test");
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
        return;
      }
      if (type.kind === "log" || type.kind === "series") return;
      passed++;
      expect(compileFormula(postfix)(person)).not.toBeNaN();
    }),
    { numRuns: 8_000 },
  );
  expect(passed).toBeGreaterThan(130);
});

it.each<[string, string]>([
  ["null", "[null]"],
  ["a list in a list", '[[["number", 1]]]'],
  ["a number as text", '[["number", "1"]]'],
  ["a number too many", '[["number", 1, 2]]'],
  ["a name too many", '[["name", "income", "x"]]'],
  ["a field without its log", '[["field", "log"]]'],
  ["a call of no whole number", '[["number", 1], ["call", "abs", 1.5]]'],
  ["a call of everything", '[["number", 1], ["call", "abs", 1e9]]'],
  ["an object", '[{ "0": "number", "1": 1 }]'],
  ["another step", '[["number", 1], ["eval", "1"]]'],
  ["a step of a prototype", '[["number", 1], ["__proto__", "x", 1]]'],
  ["401 steps", JSON.stringify([["number", 1], ...new Array(400).fill(["call", "abs", 1])])],
])("refuses %s for a step", (_, json) => {
  const postfix: Postfix = JSON.parse(json);
  expect(() => checkFormula(postfix, SCOPE, "test")).toThrow(ScenarioError);
});

it("takes 400 steps, nested all, and runs them", () => {
  const postfix: Postfix = JSON.parse(
    JSON.stringify([["number", -1], ...new Array(399).fill(["call", "negate", 1])]),
  );
  expect(checkFormula(postfix, SCOPE, "test")).toMatchObject({ kind: "number", low: 1, high: 1 });
  const nobody = { values: new Map(), logs: new Map() };
  expect(compileFormula(postfix)(nobody)).toBe(1);
});
