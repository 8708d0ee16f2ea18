import { describe, expect, it } from "vitest";
import { checkFormula } from "../../../../shared/contract/formula/check.ts";
import type { Instruction } from "../../../../shared/contract/formula/formula.ts";
import { amount, call, days, none, number, SCOPE } from "../../../support/formula-scope.ts";

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
    ["a count of some days", [["name", "log"], number(30), call("count", 2)], 0, 50],
    ["a rate", [["name", "log"], number(20), call("rate", 2)], 0, 2.5],
    ["a choice", [["name", "log"], call("count", 1), number(3), number(-4), call("if", 3)], -4, 3],
    ["what is true or not", [["name", "income"], ["name", "income"], call("and", 2)], 0, 1],
    ["a magnitude around 0", [["name", "income"], call("abs", 1)], 0, 1000],
    ["a magnitude below 0", [number(-7), call("abs", 1)], 7, 7],
    ["a root", [["name", "income"], number(35), call("+", 2), call("sqrt", 1)], 5, Math.sqrt(1035)],
    ["an even power around 0", [["name", "income"], number(2), call("^", 2)], 0, 1e6],
    ["an odd power around 0", [["name", "income"], number(3), call("^", 2)], -1000, 1e9],
    ["a power 0", [["name", "income"], number(0), call("^", 2)], 1, 1],
    ["the days before a date", [["name", "joined"], call("daysBefore", 1)], -30, 4000],
    [
      "a bucket's ordinal",
      [["name", "income"], number(1), number(5), call("bucket", 3), call("ordinal", 1)],
      0,
      2,
    ],
    ["a label's test", [["name", "city"], number(2), call("is", 2)], 0, 1],
    [
      "a negative of what ends at 0",
      [["name", "log"], call("count", 1), call("negate", 1)],
      -50,
      0,
    ],
  ])("bounds %s", (_, postfix, low, high) => {
    expect(kindOf(...postfix)).toMatchObject({ kind: "number", low, high });
  });

  it("gives the labels of a oneHot", () => {
    expect(kindOf(["name", "city"], call("oneHot", 1))).toEqual({
      kind: "oneHot",
      labels: ["north", "other", "missing"],
    });
  });

  it("widens a logarithm by what log1p may err", () => {
    const type = kindOf(["name", "log"], call("count", 1), call("log1p", 1));
    expect(type).toMatchObject({ low: 0 });
    expect(type).toHaveProperty("high", expect.closeTo(Math.log(51), 12));
    expect("high" in type && type.high > Math.log1p(50)).toBe(true);
  });

  it("gives the labels of a bucket, the outer ones open-ended", () => {
    const bucket = [["name", "income"], number(1), number(5), call("bucket", 3)] as const;
    const labels = ["(-inf,1)", "[1,5)", "[5,inf)"];
    expect(kindOf(...bucket)).toEqual({ kind: "bands", labels });
    expect(kindOf(...bucket, call("oneHot", 1))).toEqual({ kind: "oneHot", labels });
  });

  it("takes 63 edges and not one more", () => {
    const bucket = (count: number): Instruction[] => [
      ["name", "income"],
      ...Array.from({ length: count }, (_, i) => number(i)),
      call("bucket", count + 1),
    ];
    expect(kindOf(...bucket(63))).toMatchObject({ kind: "bands" });
    expect(() => kindOf(...bucket(64))).toThrow("expression");
  });

  it.each<[string, Instruction[], string]>([
    [
      "a date in arithmetic",
      [["name", "joined"], number(1), call("+", 2)],
      "Write daysBefore(joined)",
    ],
    ["a date compared", [["name", "joined"], number(1), call("<", 2)], "Write daysBefore(joined)"],
    ["a date alone", [["name", "joined"]], "Write daysBefore(column)"],
    ["ordinal of a date", [["name", "joined"], call("ordinal", 1)], "Write daysBefore(joined)"],
    ["oneHot of a date", [["name", "joined"], call("oneHot", 1)], "Write daysBefore(joined)"],
    ["days before a number", [["name", "income"], call("daysBefore", 1)], "a date column"],
    ["days before an event log", [["name", "log"], call("daysBefore", 1)], "read log.daysBefore"],
    ["a text", [["name", "remarks"]], "Declare a vocabulary, bands or a hierarchy for remarks"],
    ["oneHot of a text", [["name", "remarks"], call("oneHot", 1)], "Declare a vocabulary"],
    ["count of a field's days", [days, number(30), call("count", 2)], "Write count(log) for all"],
    [
      "count of a comparison",
      [days, number(30), call("<", 2), call("count", 1)],
      "sum(…) of a comparison",
    ],
    ["rate of a field", [days, number(30), call("rate", 2)], "Write rate(log, 30), say"],
    ["rate of a number", [number(1), number(30), call("rate", 2)], "an event log"],
    ["count of a column", [["name", "income"], call("count", 1)], "an event log"],
    ["a label of a number", [["name", "income"], number(0), call("is", 2)], "a column with labels"],
  ])("refuses %s, and says what to write", (_, postfix, words) => {
    expect(() => kindOf(...postfix)).toThrow(words);
  });

  it.each<[string, Instruction[]]>([
    ["a window of 0 days", [["name", "log"], number(0), call("count", 2)]],
    ["a window of half a day", [["name", "log"], number(0.5), call("rate", 2)]],
    ["a window of 7.5 days", [["name", "log"], number(7.5), call("rate", 2)]],
    ["a window that is no constant", [["name", "log"], ["name", "income"], call("count", 2)]],
    ["a window for each event", [["name", "log"], days, call("count", 2)]],
    ["a rate without its days", [["name", "log"], call("rate", 1)]],
    ["a root of what may be below 0", [["name", "income"], call("sqrt", 1)]],
    ["a power that is no constant", [number(2), ["name", "log"], call("count", 1), call("^", 2)]],
    ["a power below 0", [number(2), number(-1), call("^", 2)]],
    ["a power of 9", [number(2), number(9), call("^", 2)]],
    ["a power of half", [number(2), number(0.5), call("^", 2)]],
    ["edges that fall", [["name", "income"], number(5), number(1), call("bucket", 3)]],
    ["an edge twice", [["name", "income"], number(5), number(5), call("bucket", 3)]],
    ["an edge that is no constant", [number(5), ["name", "income"], call("bucket", 2)]],
    ["a bucket without edges", [["name", "income"], call("bucket", 1)]],
    ["a bucket of every event", [days, number(5), call("bucket", 2)]],
    ["a bucket as a number", [number(5), number(1), call("bucket", 2), number(1), call("+", 2)]],
    ["a bucket of a column with bands", [["name", "age"], number(1), call("bucket", 2)]],
    ["a label's index below 0", [["name", "city"], number(-1), call("is", 2)]],
    ["a label's index beyond the last", [["name", "city"], number(3), call("is", 2)]],
    ["half a label", [["name", "city"], number(0.5), call("is", 2)]],
    ["a label that is no constant", [["name", "city"], ["name", "income"], call("is", 2)]],
    ["a column of categories compared", [["name", "city"], number(1), call("==", 2)]],
    ["categories in a choice", [["name", "city"], number(1), number(2), call("if", 3)]],
    ["a choice between texts", [number(1), ["name", "remarks"], number(2), call("if", 3)]],
    ["a choice over two logs", [days, none, number(2), call("if", 3)]],
    ["a negation of an event log", [["name", "log"], call("not", 1)]],
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
    ["a stack that ends in 51", Array.from({ length: 51 }, () => number(1))],
    [
      "a stack that grows too deep",
      [
        ...Array.from({ length: 101 }, () => number(1)),
        ...Array.from({ length: 100 }, () => call("+", 2)),
      ],
    ],
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
