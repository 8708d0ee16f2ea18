import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFormula } from "../../../../shared/contract/formula/check.ts";
import { compileFormula } from "../../../../shared/contract/formula/compile.ts";
import type { FormulaPerson } from "../../../../shared/contract/formula/formula.ts";
import { parseFormula } from "../../../../shared/contract/formula/parse.ts";
import type { FormulaScope, ScopeEntry } from "../../../../shared/contract/formula/types.ts";
import { ScenarioError } from "../../../../shared/errors.ts";
import { fastestMs } from "../../../support/fastest.ts";

const SCOPE: FormulaScope = new Map<string, ScopeEntry>([
  ["age", { kind: "number", low: 0, high: 120, integer: true }],
  ["a", { kind: "number", low: 1, high: 2, integer: false }],
  ["x", { kind: "number", low: 1, high: 2, integer: false }],
  ["sex", { kind: "categories", labels: ["Female", "Male", "other", "missing"] }],
  ["band", { kind: "bands", labels: ["(-inf,5)", "[5,inf)"] }],
  ["remarks", { kind: "text" }],
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
  const postfix = await parseFormula(text, "people.yaml, features.f.formula", SCOPE);
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
    ["age > 3 and age < 5", 0],
    ["age > 3 or age < 5", 1],
    ["not (age > 3)", 0],
    ["not (age > 50) and not (age < 40)", 1],
    ["1 or 1 and 0", 1],
    ["-2 ^ 2", -4],
    ["2 ^ 3 ^ 0", 2],
    ["abs(-3) + sqrt(4)", 5],
    ["if(age > 40, 7, 8)", 7],
    ["ordinal(bucket(age, -1, 41, 50))", 2],
    ['sex == "Male"', 1],
    ["'Male' == sex", 1],
    ['sex != "Male"', 0],
    ['sex == "Female" or sex == "Male"', 1],
    ['if(band == "[5,inf)", 3, 4)', 4],
  ])("reads %s as %d", async (text, expected) => {
    const values = new Map([
      ["age", 41],
      ["sex", 1],
      ["band", 0],
    ]);
    const person: FormulaPerson = { values, logs: new Map() };
    expect(compileFormula((await take(text)).postfix)(person)).toBe(expected);
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
    ["a condition with ?", "age > 3 ? 1 : 0"],
    ["a condition between signs", "age ?? 3"],
    ["either but not both", "age xor 3"],
    ["bits", "age & 3"],
    ["a function that is an operator", "and(age, 3)"],
    ["a function for a sign", "negate(age)"],
    ["an index for a label", "is(sex, 1)"],
    ["a negation that would bind to a side alone", "not age > 50"],
    ["a negation on the right", "50 < not age"],
    ["a percentage", "2 + 3%"],
    ["a sign that does nothing", "+age"],
    ["a unit", "3 cm to inch"],
    ["a label of a number", 'age == "Male"'],
    ["a label of a text", 'remarks == "good"'],
    ["a label of an identifier", 'email == "a@b.example"'],
    ["a label of an unknown column", 'gender == "Male"'],
    ["a label of an event log", 'log == "Male"'],
    ["a label in order", 'sex < "Male"'],
    ["a label of a label", '"Male" == "Male"'],
    ["a label of a sum", 'age + 1 == "Male"'],
    ["a label of a bracket", '(sex) == "Male"'],
    ["an unknown label", 'sex == "constructor"'],
    ["a label as an argument", 'count("log")'],
    ["categories compared with a number", "sex == 1"],
    ["categories compared with categories", "sex == sex"],
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

  it("names the label that was meant, and keeps to those of the column", async () => {
    await expect(take('sex == "male"')).rejects.toThrow('Did you mean "Male"?');
    await expect(take('sex == "x"')).rejects.toThrow("one of Female, Male, other, missing");
    await expect(parseFormula('sex == "Male"', "test")).rejects.toThrow(ScenarioError);
  });

  it("counts the arguments of a function that has none, and names one that there is not", async () => {
    await expect(take("mean()")).rejects.toThrow("got 0 arguments, expected 2 for mean");
    await expect(take("random()")).rejects.toThrow("got random(), expected one of count, sum");
  });

  it("writes a label as its index", async () => {
    expect((await take('sex != "Male"')).postfix).toEqual([
      ["name", "sex"],
      ["number", 1],
      ["call", "is", 2],
      ["call", "not", 1],
    ]);
  });

  it.each([
    "constructor",
    "__proto__",
    "prototype",
    "hasOwnProperty",
    "toString",
    "valueOf",
    "this",
    "import",
    "evaluate",
    "globalThis",
    "process",
    "require",
  ])("refuses %s in every place of a formula", async (word) => {
    const texts = [
      "W",
      "W(1)",
      "W()",
      "log.W",
      "count(log.W)",
      "W.daysBefore",
      "age.W",
      "log.W(1)",
    ];
    const more = ['W == "Male"', 'sex == "W"', 'log["W"]', "W = 1", "W(x) = x", "{W: 1}", "1 + W"];
    for (const text of [...texts, ...more]) {
      const formula = text.replace("W", word);
      await expect(take(formula), formula).rejects.toThrow(ScenarioError);
    }
  });

  it.each([
    ["5,000 brackets", `${"(".repeat(5_000)}1${")".repeat(5_000)}`],
    ["499 brackets", `${"(".repeat(499)}1${")".repeat(499)}`],
    ["brackets that texts close", `")))))))))" == ${"(".repeat(480)}1${")".repeat(480)}`],
    ["499 functions", `${"abs(".repeat(199)}1${")".repeat(199)}`],
    ["a list in a list", `${"[".repeat(499)}1${"]".repeat(499)}`],
    ["an object in an object", `${"{a:".repeat(240)}1${"}".repeat(240)}`],
    ["10 kB", "1+".repeat(5_000)],
    ["a long name", "a".repeat(1_000)],
    ["a long label", `sex == "${"a".repeat(900)}"`],
    ["100,000 signs", `${"-".repeat(100_000)}1`],
    ["999 signs", `${"-".repeat(999)}1`],
    ["333 negations", `${"not ".repeat(249)}1`],
    ["10,000 commas", `max(${",".repeat(10_000)})`],
    ["500 commas", `max(${"1,".repeat(490)}1)`],
    ["a tower of powers", "9^9^9"],
    ["a long tower of powers", `9${"^9".repeat(499)}`],
    ["a chain of comparisons", `1${"<1".repeat(499)}`],
    ["conditions in conditions", `${"1?".repeat(300)}1${":1".repeat(300)}`],
    ["a matrix as large as memory", "zeros(1e9, 1e9)"],
    ["a range as long as memory", "1:1e15"],
    ["a function of itself", "f(x) = f(x); f(1)"],
  ])("refuses %s in less than 50 ms", async (_, text) => {
    await take("1");
    const refused = () => expect(take(text)).rejects.toThrow(ScenarioError);
    expect(await fastestMs(refused, { enoughMs: 49 })).toBeLessThan(50);
  });

  it("gives a postfix or a refusal for any text, within 50 ms", async () => {
    const piece = fc.constantFrom(
      ..."age log . daysBefore ( ) [ ] { } , : ; = + - * / ^ % ! ' \" 1 0.5 1e9 < == ? and or not sum mean floor if bucket sex Male #".split(
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
    const taken = (formula: string) =>
      take(formula).then(
        ({ type }) => type.kind,
        (error: unknown) => error,
      );
    await fc.assert(
      fc.asyncProperty(text, async (formula) => {
        let outcome: unknown;
        const parse = async () => {
          outcome = await taken(formula);
        };
        expect(await fastestMs(parse, { enoughMs: 49 })).toBeLessThan(50);
        if (typeof outcome !== "string") expect(outcome).toBeInstanceOf(ScenarioError);
      }),
      { numRuns: 1_000, seed: 11 },
    );
  });
});
