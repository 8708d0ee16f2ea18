import { describe, expect, it } from "vitest";
import { checkFormula } from "../../../../shared/contract/formula/check.ts";
import { compileFormula } from "../../../../shared/contract/formula/compile.ts";
import type { Instruction } from "../../../../shared/contract/formula/formula.ts";
import {
  amount,
  call,
  days,
  eventLog,
  none,
  number,
  PERSON,
  SCOPE,
} from "../../../support/formula-scope.ts";

/** Checks as the launcher and the client do, then runs. */
function value(...postfix: Instruction[]): number {
  checkFormula(postfix, SCOPE, "test");
  return compileFormula(postfix)(PERSON);
}

describe("compileFormula", () => {
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
    [
      "counts the last 9 days, day 9 not among them",
      [["name", "log"], number(9), call("count", 2)],
      2,
    ],
    ["counts today alone", [["name", "log"], number(1), call("count", 2)], 0],
    ["counts no events of a window", [["name", "empty"], number(9), call("count", 2)], 0],
    ["rates events a day", [["name", "log"], number(10), call("rate", 2)], 0.3],
    [
      "takes the first of if where its condition is not 0",
      [number(-0.5), number(3), number(4), call("if", 3)],
      3,
    ],
    [
      "takes the second of if where its condition is 0",
      [number(0), number(3), number(4), call("if", 3)],
      4,
    ],
    [
      "chooses event by event",
      [days, number(8), call("<=", 2), amount, number(-1), call("if", 3), call("sum", 1)],
      28,
    ],
    ["ands 0 and 1", [number(0), number(1), call("and", 2)], 0],
    ["ands 2 and -1", [number(2), number(-1), call("and", 2)], 1],
    ["ors 0 and 0", [number(0), number(0), call("or", 2)], 0],
    ["ors 0 and -1", [number(0), number(-1), call("or", 2)], 1],
    ["ors 3 and 0", [number(3), number(0), call("or", 2)], 1],
    ["nots 0", [number(0), call("not", 1)], 1],
    ["nots 2", [number(2), call("not", 1)], 0],
    ["takes what is above 0 of a number below it", [number(-7), call("abs", 1)], 7],
    ["takes the root", [number(6.25), call("sqrt", 1)], 2.5],
    ["raises to a power", [number(-3), number(5), call("^", 2)], -243],
    ["raises to the power 0", [number(-3), number(0), call("^", 2)], 1],
    ["gives the days before a date", [["name", "joined"], call("daysBefore", 1)], 400],
    ["says 1 where the label is the column's", [["name", "city"], number(1), call("is", 2)], 1],
    ["says 0 where it is another", [["name", "age"], number(1), call("is", 2)], 0],
  ])("%s", (_, postfix, expected) => {
    expect(value(...postfix)).toBeCloseTo(expected, 12);
  });

  it.each([
    [-11, 0],
    [-10, 1],
    [39.999, 1],
    [40, 2],
    [1000, 3],
  ])("puts %d into band %d of three edges, its lower one in it", (x, band) => {
    const bucket = [number(x), number(-10), number(40), number(900), call("bucket", 4)];
    expect(value(...bucket, call("ordinal", 1))).toBe(band);
    expect(value(...bucket, call("oneHot", 1))).toBe(band);
  });

  it("keeps sums and means of equal numbers at what they cannot leave", () => {
    // Summed one by one, forty times 0.1 is 4.000000000000001.
    const log = eventLog(new Array(40).fill(1), new Array(40).fill(0.1));
    const person = { values: new Map(), logs: new Map([["log", log]]) };
    expect(compileFormula([amount, call("sum", 1)])(person)).toBe(4);
    expect(compileFormula([amount, number(0), call("mean", 2)])(person)).toBe(0.1);
    const least = eventLog(new Array(40).fill(1), new Array(40).fill(-0.1));
    const other = { values: new Map(), logs: new Map([["log", least]]) };
    expect(compileFormula([amount, call("sum", 1)])(other)).toBe(-4);
    expect(compileFormula([amount, number(0), call("mean", 2)])(other)).toBe(-0.1);
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

  it("leaves nothing of a long log to the next person, nor stops at the first arrays it took", () => {
    const half = [amount, number(2), call("/", 2)] as const;
    const sum = compileFormula([...half, call("sum", 1)]);
    const kinds = compileFormula([...half, call("distinct", 1)]);
    const person = (amounts: number[]) => ({
      values: new Map(),
      logs: new Map([["log", eventLog(amounts, amounts)]]),
    });
    const long = person(Array.from({ length: 200 }, (_, i) => 1 + (i % 90)));
    const short = person([6, 8, 6]);
    for (let round = 0; round < 2; round++) {
      expect([sum(short), kinds(short)]).toEqual([10, 2]);
      expect([sum(long), kinds(long)]).toEqual([(200 + 2 * 89 * 45 + 19 * 10) / 2, 90]);
      expect([sum(person([])), kinds(person([]))]).toEqual([0, 0]);
    }
  });

  it("takes no name from a prototype", () => {
    for (const name of ["constructor", "toString", "__proto__", "valueOf"]) {
      expect(() => compileFormula([["name", name]])(PERSON)).toThrow(TypeError);
      expect(() => compileFormula([["number", 1], call(name, 1)])(PERSON)).toThrow(TypeError);
    }
  });
});
