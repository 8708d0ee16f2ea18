import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FormulaPerson, runFormula } from "../../../shared/contract/formula.ts";
import {
  checkFormula,
  type FormulaScope,
  type ScopeEntry,
} from "../../../shared/contract/formula-check.ts";
import { parseFormula } from "../../../shared/contract/formula-parse.ts";
import { ScenarioError } from "../../../shared/errors.ts";

const SCOPE: FormulaScope = new Map<string, ScopeEntry>([
  ["age", { kind: "number", low: 0, high: 120, integer: true }],
  ["a", { kind: "number", low: 1, high: 2, integer: false }],
  ["x", { kind: "number", low: 1, high: 2, integer: false }],
  ["email", { kind: "forbidden", why: "no direct identifier: it names a person" }],
  [
    "log",
    {
      kind: "log",
      events: 50,
      fields: new Map([["daysBefore", { low: 0, high: 360, integer: true }]]),
    },
  ],
]);

/** As a scenario's formula is taken in: parsed, then checked. */
async function take(text: string) {
  const postfix = await parseFormula(text, "people.yaml, features.f.formula");
  return { postfix, type: checkFormula(postfix, SCOPE, "people.yaml, features.f.formula") };
}

describe("parseFormula", () => {
  it("writes arguments before functions, and operators by their signs", async () => {
    expect(await parseFormula("distinct(floor((log.daysBefore - 1) / 7))", "test")).toEqual([
      ["field", "log", "daysBefore"],
      ["number", 1],
      ["call", "-", 2],
      ["number", 7],
      ["call", "/", 2],
      ["call", "floor", 1],
      ["call", "distinct", 1],
    ]);
  });

  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["-2 - -3", 1],
    ["8 / 4 / 2", 1],
    ["2 <= 2", 1],
    ["2 < 2", 0],
    ["3 >= 4", 0],
    ["3 != 4", 1],
    ["3 == 4", 0],
    ["4 > 3", 1],
    ["max(age, 3) + 0.5", 41.5],
  ])("reads %s as %d", async (text, expected) => {
    const person: FormulaPerson = { values: new Map([["age", 41]]), logs: new Map() };
    expect(runFormula((await take(text)).postfix, person)).toBe(expected);
  });

  it.each([
    ["a call of import", "import({})"],
    ["a new unit", 'createUnit("x")'],
    ["a property of a function", "cos.constructor"],
    ["a function that calls itself", "f(x)=f(x)"],
    ["an assignment", "x=1"],
    ["an assignment to a property", "x.y = 1"],
    ["a method of a text", '"a".toUpperCase()'],
    ["a matrix as large as memory", "zeros(1e4,1e4)"],
    ["a range", "1:1e9"],
    ["a tower of powers", "9^9^9^9"],
    ["an index into a matrix", "[1,2][1]"],
    ["a property of an object", "{a:1}.a"],
    ["a named argument", "mean(x, empty: 0)"],
    ["a difference of unknown columns", "first-second"],
    ["an unknown column", "unknownColumn"],
    ["a mean of nothing", "mean()"],
    ["a mean without its value for an empty log", "mean(log.daysBefore)"],
    ["5,000 brackets", `${"(".repeat(5_000)}1${")".repeat(5_000)}`],
    ["51 brackets", `${"(".repeat(51)}1${")".repeat(51)}`],
    ["10 kB", `1${"+1".repeat(5_000)}`],
    ["31 levels", `${"-".repeat(31)}1`],
    ["1,000 signs", `${"-".repeat(999)}1`],
    ["a number that is not finite", "1e999"],
    ["a result that is not finite", "1e308 * 10"],
    ["a division by 0", "1 / 0"],
    ["a direct identifier", "oneHot(email)"],
    ["a text", '"a"'],
    ["a truth value", "true"],
    ["nothing", " "],
    ["undefined", "undefined"],
    ["null", "null"],
    ["two formulas", "1; 2"],
    ["two lines", "1\n2"],
    ["an implicit product", "2 age"],
    ["an implicit product of brackets", "count(log)(2)"],
    ["a chain of comparisons", "1 < age < 3"],
    ["a condition", "age > 3 ? 1 : 0"],
    ["logic in words", "age > 3 and age < 5"],
    ["a factorial", "5!"],
    ["a transposition", "age'"],
    ["a remainder", "age % 2"],
    ["an index by text", 'log["daysBefore"]'],
    ["a property of a property", "log.daysBefore.length"],
    ["an optional property", "log?.daysBefore"],
    ["a method of a log", "log.map(1)"],
    ["evaluate", 'evaluate("1")'],
    ["parse", 'parse("1")'],
    ["a constructor", "constructor(1)"],
    ["a prototype", "log.__proto__"],
    ["half a formula", "1 +"],
    ["a lone bracket", "("],
  ])("refuses %s", async (_, text) => {
    await expect(take(text)).rejects.toThrow(ScenarioError);
    await expect(take(text)).rejects.toThrow(/^expression \(people.yaml, features.f.formula\)/);
  });

  it.each([
    ["at most 50 levels of brackets", `${"(".repeat(51)}1${")".repeat(51)}`],
    ["at most 1000", `1${"+1".repeat(5_000)}`],
    ["at most 30 levels", `${"-".repeat(31)}1`],
    [
      "at most 200",
      `max(${Array.from({ length: 8 }, () => "1+1+1+1+1+1+1+1+1+1+1+1+1").join(",")})`,
    ],
  ])("says which limit is hit: %s", async (limit, text) => {
    await expect(take(text)).rejects.toThrow(limit);
  });

  it("takes 50 brackets and 30 levels", async () => {
    expect((await take(`${"(".repeat(29)}1${")".repeat(29)}`)).type.kind).toBe("number");
    const side = `${"(".repeat(20)}1${")".repeat(20)}`;
    expect((await take(`${side} + ${side}`)).type.kind).toBe("number");
  });

  it("gives a postfix or a refusal for any text, within 50 ms", async () => {
    const piece = fc.constantFrom(
      ..."age log . daysBefore ( ) [ ] { } , : ; = + - * / ^ % ! ' \" 1 0.5 1e9 < == ? and sum mean floor".split(
        " ",
      ),
      " ",
      "\n",
      "\u202e",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
    );
    await take("1");
    const timed = async (formula: string) => {
      const start = performance.now();
      const outcome = await take(formula).then(
        ({ type }) => type.kind,
        (error: unknown) => error,
      );
      return { outcome, ms: performance.now() - start };
    };
    await fc.assert(
      fc.asyncProperty(text, async (formula) => {
        const { outcome, ms } = await timed(formula);
        if (typeof outcome !== "string") expect(outcome).toBeInstanceOf(ScenarioError);
        // Once more before it counts: a busy machine stalls anybody, but not twice the same text.
        if (!(ms < 50)) expect((await timed(formula)).ms).toBeLessThan(50);
      }),
      { numRuns: 1_000, seed: 11 },
    );
  });
});
