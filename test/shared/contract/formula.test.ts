import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FormulaPerson,
  type Instruction,
  type Postfix,
  runFormula,
} from "../../../shared/contract/formula.ts";
import {
  checkFormula,
  type FormulaScope,
  type ScopeEntry,
} from "../../../shared/contract/formula-check.ts";

const PERSON: FormulaPerson = {
  values: new Map([
    ["age", 2],
    ["income", 40],
  ]),
  logs: new Map([
    ["log", eventLog([1, 8, 9, 70], [10, 20, 25, 5])],
    ["empty", eventLog([], [])],
  ]),
};

const LOG: ScopeEntry = {
  kind: "log",
  events: 50,
  fields: new Map([
    ["daysBefore", { low: 0, high: 360, integer: true }],
    ["amount", { low: -5, high: 500, integer: false }],
  ]),
};

const SCOPE: FormulaScope = new Map<string, ScopeEntry>([
  ["age", { kind: "bands", labels: ["young", "middle", "old"] }],
  ["city", { kind: "categories", labels: ["north", "other", "missing"] }],
  ["income", { kind: "number", low: -10, high: 1000, integer: false }],
  ["log", LOG],
  ["empty", LOG],
  ["email", { kind: "forbidden", why: "no direct identifier: it names a person" }],
]);

function eventLog(daysBefore: number[], amount: number[]) {
  return new Map([
    ["daysBefore", Float64Array.from(daysBefore)],
    ["amount", Float64Array.from(amount)],
  ]);
}

const days = ["field", "log", "daysBefore"] as const;
const amount = ["field", "log", "amount"] as const;
const none = ["field", "empty", "daysBefore"] as const;
const number = (value: number) => ["number", value] as const;
const call = (name: string, count: number) => ["call", name, count] as const;

/** Checks as the launcher and the client do, then runs. */
function value(...postfix: Instruction[]): number {
  checkFormula(postfix, SCOPE, "test");
  return runFormula(postfix, PERSON);
}

describe("runFormula", () => {
  it.each<[string, Instruction[], number]>([
    ["counts a log", [["name", "log"], call("count", 1)], 4],
    ["sums a field", [amount, call("sum", 1)], 60],
    ["means a field", [amount, number(0), call("mean", 2)], 15],
    ["takes the least of a field", [days, number(360), call("min", 2)], 1],
    ["takes the greatest of a field", [days, number(0), call("max", 2)], 70],
    ["counts 0 events", [["name", "empty"], call("count", 1)], 0],
    ["sums no events to 0", [none, call("sum", 1)], 0],
    ["finds no distinct value in an empty log", [none, call("distinct", 1)], 0],
    ["means an empty log as told", [none, number(7), call("mean", 2)], 7],
    ["takes the least of an empty log as told", [none, number(360), call("min", 2)], 360],
    ["takes the greatest of an empty log as told", [none, number(-3), call("max", 2)], -3],
    ["counts a comparison as 0 or 1", [days, number(8), call("<=", 2), call("sum", 1)], 2],
    ["compares strictly", [days, number(8), call("<", 2), call("sum", 1)], 1],
    ["subtracts in order", [number(3), number(5), call("-", 2)], -2],
    ["divides in order", [number(3), number(4), call("/", 2)], 0.75],
    ["negates", [["name", "income"], call("negate", 1)], -40],
    [
      "takes log1p",
      [["name", "income"], number(-10), call("-", 2), call("log1p", 1)],
      Math.log(51),
    ],
    ["clips to constants", [["name", "income"], number(0), number(30), call("clip", 3)], 30],
    ["divides by what may be 0", [number(1), ["name", "income"], number(9), call("div", 3)], 0.025],
    [
      "gives ifZero for a divisor of 0",
      [number(1), none, call("sum", 1), number(9), call("div", 3)],
      9,
    ],
    ["gives a band's index", [["name", "age"], call("ordinal", 1)], 2],
    [
      "takes min and max of two numbers",
      [number(3), number(4), call("max", 2), number(2), call("min", 2)],
      2,
    ],
  ])("%s", (_, postfix, expected) => {
    expect(value(...postfix)).toBeCloseTo(expected, 12);
  });

  it("counts distinct weeks, event by event", () => {
    // (daysBefore - 1) / 7 is 0, 1, 1.14, 9.86: three weeks.
    const weeks = [
      days,
      number(1),
      call("-", 2),
      number(7),
      call("/", 2),
      call("floor", 1),
    ] as const;
    expect(value(...weeks, call("distinct", 1))).toBe(3);
  });

  it("takes no name from a prototype", () => {
    for (const name of ["constructor", "toString", "__proto__", "valueOf"]) {
      expect(() => runFormula([["name", name]], PERSON)).toThrow(TypeError);
      expect(() => runFormula([["number", 1], call(name, 1)], PERSON)).toThrow(TypeError);
    }
  });
});

describe("checkFormula", () => {
  const kindOf = (...postfix: Instruction[]) => checkFormula(postfix, SCOPE, "test");

  it.each<[string, Instruction[], number, number]>([
    ["a count", [["name", "log"], call("count", 1)], 0, 50],
    ["a sum", [amount, call("sum", 1)], -250, 25_000],
    [
      "a sum of positive numbers, for no event is 0",
      [days, number(1), call("+", 2), call("sum", 1)],
      0,
      50 * 361,
    ],
    ["a mean with its value for none", [amount, number(-7), call("mean", 2)], -7, 500],
    ["a count of comparisons", [days, number(60), call("<=", 2), call("sum", 1)], 0, 50],
    ["a product", [["name", "income"], number(-2), call("*", 2)], -2000, 20],
    ["a quotient", [number(6), number(-3), call("/", 2)], -2, -2],
    ["a difference", [number(1), ["name", "income"], call("-", 2)], -999, 11],
    [
      "a whole divisor",
      [amount, call("sum", 1), ["name", "log"], call("count", 1), number(3), call("div", 3)],
      -25_000,
      25_000,
    ],
    [
      "any other divisor, cut off",
      [number(1), ["name", "income"], number(3), call("div", 3)],
      -1e15,
      1e15,
    ],
    ["an ordinal", [["name", "age"], call("ordinal", 1)], 0, 2],
  ])("bounds %s", (_, postfix, low, high) => {
    expect(kindOf(...postfix)).toMatchObject({ kind: "number", low, high });
  });

  it("gives the labels of a oneHot", () => {
    expect(kindOf(["name", "city"], call("oneHot", 1))).toEqual({
      kind: "oneHot",
      labels: ["north", "other", "missing"],
    });
  });

  it.each<[string, Instruction[]]>([
    ["a divisor whose interval holds 0", [number(1), ["name", "income"], call("/", 2)]],
    [
      "a divisor whose interval ends at 0",
      [number(1), ["name", "log"], call("count", 1), call("/", 2)],
    ],
    ["mean without its value for an empty log", [days, call("mean", 1)]],
    ["log1p of what may be -1", [["name", "income"], call("log1p", 1)]],
    ["a sum of a number", [number(1), call("sum", 1)]],
    ["a mean of a number", [number(1), number(1), call("mean", 2)]],
    ["a log where a number is due", [["name", "log"], number(1), call("+", 2)]],
    ["a banded column as a number", [["name", "age"], number(1), call("+", 2)]],
    ["ordinal of unordered categories", [["name", "city"], call("ordinal", 1)]],
    ["oneHot of a number", [["name", "income"], call("oneHot", 1)]],
    ["arithmetic on a oneHot", [["name", "city"], call("oneHot", 1), number(1), call("+", 2)]],
    ["fields of two logs in one operation", [days, none, call("+", 2)]],
    ["an unknown column", [["name", "incme"]]],
    ["an unknown field", [["field", "log", "price"], call("sum", 1)]],
    ["a field of a column", [["field", "income", "x"]]],
    ["an unknown function", [number(1), call("eval", 1)]],
    ["a function with too many arguments", [number(1), number(2), call("floor", 2)]],
    ["a function with no argument", [call("count", 0)]],
    ["a stack that is too short", [number(1), call("+", 2)]],
    ["a stack that ends in two values", [number(1), number(2)]],
    ["an empty list", []],
    ["a stack that grows too deep", Array.from({ length: 51 }, () => number(1))],
    ["a number that is not finite", [number(Infinity)]],
    ["a result that overflows", [number(1e300), number(1e300), call("*", 2)]],
    [
      "an overflow that a clip would hide",
      [number(1e300), number(1e300), call("*", 2), number(0), number(1), call("clip", 3)],
    ],
    [
      "a clip to bounds that are no constants",
      [number(1), ["name", "income"], number(3), call("clip", 3)],
    ],
    ["a clip to crossed bounds", [number(1), number(3), number(2), call("clip", 3)]],
  ])("refuses %s", (_, postfix) => {
    expect(() => kindOf(...postfix)).toThrow(/^expression \(test\)/);
  });

  it("refuses a direct identifier by name, and says why", () => {
    expect(() => kindOf(["name", "email"], call("oneHot", 1))).toThrow("no direct identifier");
  });

  it("names the column that was meant", () => {
    expect(() => kindOf(["name", "incme"])).toThrow("Did you mean income?");
  });

  it("takes no name from a prototype", () => {
    for (const name of ["constructor", "toString", "__proto__", "valueOf"]) {
      expect(() => kindOf(["name", name])).toThrow("expression");
      expect(() => kindOf(["field", "log", name], call("sum", 1))).toThrow("expression");
      expect(() => kindOf(number(1), call(name, 1))).toThrow("expression");
    }
  });
});

const leaf = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((n): Postfix => [number(n)]),
  fc.constantFrom<Postfix>(
    [["name", "income"]],
    [days],
    [amount],
    [["name", "log"], call("count", 1)],
  ),
);
const tree = fc.letrec<{ node: Postfix }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(
        fc.constantFrom("+", "-", "*", "/", "<", "==", "min", "max", "mean"),
        tie("node"),
        tie("node"),
      )
      .map(([name, a, b]): Postfix => [...a, ...b, call(name, 2)]),
    fc
      .tuple(fc.constantFrom("negate", "floor", "log1p", "sum", "distinct", "count"), tie("node"))
      .map(([name, a]): Postfix => [...a, call(name, 1)]),
    fc
      .tuple(fc.constantFrom("div", "clip"), tie("node"), tie("node"), tie("node"))
      .map(([name, a, b, c]): Postfix => [...a, ...b, ...c, call(name, 3)]),
  ),
})).node;

/** People whose values lie within SCOPE, its ends included. */
const person = fc
  .record({
    income: fc.oneof(
      fc.double({ min: -10, max: 1000, noNaN: true }),
      fc.constantFrom(-10, 0, 1000),
    ),
    events: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 360 }), fc.double({ min: -5, max: 500, noNaN: true })),
      { maxLength: 50 },
    ),
  })
  .map(
    ({ income, events }): FormulaPerson => ({
      values: new Map([["income", income]]),
      logs: new Map([
        [
          "log",
          eventLog(
            events.map(([day]) => day),
            events.map(([, x]) => x),
          ),
        ],
      ]),
    }),
  );

it("a checked formula stays within its interval for every person, and is whole where it says so", () => {
  let accepted = 0;
  fc.assert(
    fc.property(tree, fc.array(person, { minLength: 1, maxLength: 4 }), (postfix, people) => {
      const type = checked(postfix);
      if (type?.kind !== "number") return;
      accepted++;
      for (const someone of people) {
        const result = runFormula(postfix, someone);
        // Sums and means round on the way.
        const slack = 1e-9 * Math.max(1, Math.abs(type.low), Math.abs(type.high));
        expect(result).toBeGreaterThanOrEqual(type.low - slack);
        expect(result).toBeLessThanOrEqual(type.high + slack);
        if (type.integer) expect(Number.isInteger(result)).toBe(true);
      }
    }),
    { numRuns: 2_000, seed: 5 },
  );
  expect(accepted).toBeGreaterThan(300);
});

function checked(postfix: Postfix) {
  try {
    return checkFormula(postfix, SCOPE, "test");
  } catch {
    return undefined;
  }
}
