/**
 * What a formula's text means, as slowly and plainly as it can be said: read anew by a grammar of its
 * own, worked out over lists and labels. It shares no code with the parser, the checker or the compiler.
 */

import type { FormulaPerson } from "../../shared/contract/formula/formula.ts";
import type { FormulaScope } from "../../shared/contract/formula/types.ts";

/** A number, a list of one an event, a label, or a whole log by its name. */
type Meaning = number | readonly number[] | string | { readonly log: string };

/** Operators, those that bind least first. */
const LEVELS = [["or"], ["and"], ["<", "<=", ">", ">=", "==", "!="], ["+", "-"], ["*", "/"]];
const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|"[^"]*"|[a-zA-Z]\w*|[<>=!]=|[-+*/^<>(),.])/y;

/** The formula's number for one person; of oneHot, and of bands, the index. */
export function meaningOf(text: string, scope: FormulaScope, person: FormulaPerson): number {
  const reader = new Reader(text, scope, person);
  const meaning = reader.expression(0);
  if (reader.token !== "") throw new Error(`left over: ${reader.token}`);
  return asNumber(meaning);
}

class Reader {
  token = "";
  readonly #text: string;
  readonly #scope: FormulaScope;
  readonly #person: FormulaPerson;
  #at = 0;

  constructor(text: string, scope: FormulaScope, person: FormulaPerson) {
    this.#text = text;
    this.#scope = scope;
    this.#person = person;
    this.#next();
  }

  expression(level: number): Meaning {
    const signs = LEVELS[level];
    if (!signs) return this.#signed();
    let left = this.expression(level + 1);
    while (signs.includes(this.token)) {
      const sign = this.#next();
      const right = this.expression(level + 1);
      left = each([left, right], ([a, b]) => operate(sign, a, b));
    }
    return left;
  }

  #signed(): Meaning {
    if (this.token !== "-" && this.token !== "not") return this.#power();
    const sign = this.#next();
    const of = this.#signed();
    return each([of], ([x]) => (sign === "-" ? -Number(x) : Number(x === 0)));
  }

  #power(): Meaning {
    const base = this.#primary();
    if (this.token !== "^") return base;
    this.#next();
    const exponent = asNumber(this.#signed());
    // x · x · …, from the left.
    return each([base], ([x]) => new Array(exponent).fill(x).reduce((a, b) => a * b, 1));
  }

  #primary(): Meaning {
    const token = this.#next();
    if (token === "(") return this.#bracket();
    if (token.startsWith('"')) return token.slice(1, -1);
    if (/^\d/.test(token)) return Number(token);
    if (this.token === "(") return this.#call(token);
    if (this.token !== ".") return this.#named(token);
    this.#next();
    return [...(this.#person.logs.get(token)?.get(this.#next()) ?? [])];
  }

  #bracket(): Meaning {
    const inner = this.expression(0);
    this.#next();
    return inner;
  }

  #call(name: string): Meaning {
    const args: Meaning[] = [];
    do {
      this.#next();
      args.push(this.expression(0));
    } while (this.token === ",");
    this.#next();
    return applied(name, args, this.#person, this.#scope);
  }

  #named(name: string): Meaning {
    const entry = this.#scope.get(name);
    const value = this.#person.values.get(name);
    if (entry && "labels" in entry) return entry.labels[value ?? NaN] ?? "no label";
    return value ?? { log: name };
  }

  /** Goes on by one token, and gives the one that stood. */
  #next(): string {
    const { token } = this;
    TOKEN.lastIndex = this.#at;
    this.token = TOKEN.exec(this.#text)?.[1] ?? "";
    this.#at = this.token === "" ? this.#text.length : TOKEN.lastIndex;
    return token;
  }
}

function operate(sign: string, a: unknown, b: unknown): number {
  if (sign === "==") return Number(a === b);
  if (sign === "!=") return Number(a !== b);
  const [x, y] = [Number(a), Number(b)];
  if (sign === "+") return x + y;
  if (sign === "-") return x - y;
  if (sign === "*") return x * y;
  if (sign === "/") return x / y;
  if (sign === "and") return Number(x !== 0 && y !== 0);
  if (sign === "or") return Number(x !== 0 || y !== 0);
  if (sign === "<") return Number(x < y);
  if (sign === "<=") return Number(x <= y);
  return Number(sign === ">" ? x > y : x >= y);
}

function applied(
  name: string,
  args: readonly Meaning[],
  person: FormulaPerson,
  scope: FormulaScope,
): Meaning {
  const [first = NaN, second] = args;
  if (name === "count" || name === "rate") {
    const log = typeof first === "object" && "log" in first ? first.log : "";
    const days = [...(person.logs.get(log)?.get("daysBefore") ?? [])];
    const recent = days.filter((day) => second === undefined || day < asNumber(second)).length;
    if (name === "rate") return recent / asNumber(second ?? NaN);
    return Array.isArray(first) ? first.length : recent;
  }
  if (Array.isArray(first) && !Array.isArray(second)) {
    const sorted = [...first].sort((a, b) => a - b);
    const [least = 0, greatest = 0] = [sorted[0], sorted.at(-1)];
    const total = first.reduce((a, b) => a + b, 0);
    const held = (x: number, low: number, high: number) => (x < low ? low : x > high ? high : x);
    const n = first.length;
    // Rounding takes no sum beyond n times its least and greatest number.
    if (name === "sum") return held(total, n * least, n * greatest);
    if (name === "distinct") return sorted.filter((x, i) => i === 0 || x !== sorted[i - 1]).length;
    if (["mean", "min", "max"].includes(name) && n === 0) return second ?? NaN;
    if (name === "mean") return held(total / n, least, greatest);
    if (name === "min") return least;
    if (name === "max") return greatest;
  }
  if (name === "bucket")
    return args.slice(1).filter((edge) => asNumber(first) >= asNumber(edge)).length;
  if (name === "oneHot" || name === "ordinal")
    return typeof first === "string" ? indexOf(first, scope) : first;
  return each(args, ([a, b, c]) => scalar(name, Number(a), Number(b), Number(c)));
}

function scalar(name: string, a: number, b: number, c: number): number {
  switch (name) {
    case "if":
      return a === 0 ? c : b;
    case "div":
      return b === 0 ? c : Math.sign(a / b) * Math.min(Math.abs(a / b), 1e15);
    case "clip":
      return a < b ? b : a > c ? c : a;
    case "min":
      return a < b ? a : b;
    case "max":
      return a > b ? a : b;
    case "abs":
      return a < 0 ? -a : a;
    case "floor":
      return Math.floor(a);
    case "sqrt":
      return Math.sqrt(a);
    case "log1p":
      return Math.log1p(a);
    case "daysBefore":
      return a;
    default:
      throw new Error(`no meaning of ${name}`);
  }
}

/** Labels are told apart by the scope: no two columns of a test share one. */
function indexOf(label: string, scope: FormulaScope): number {
  const lists = [...scope.values()].map((entry) => ("labels" in entry ? entry.labels : []));
  const list = lists.find((labels) => labels.includes(label)) ?? [];
  return list.indexOf(label);
}

/** Event by event where an argument is a list; a number is the same for every event. */
function each(args: readonly Meaning[], of: (one: readonly Meaning[]) => number): Meaning {
  const events = args.map((arg) => (Array.isArray(arg) ? arg.length : -1)).reduce(greater);
  const at = (event: number) =>
    of(args.map((arg): Meaning => (Array.isArray(arg) ? arg[event] : arg)));
  return events < 0 ? at(0) : Array.from({ length: events }, (_, event) => at(event));
}

function greater(a: number, b: number): number {
  return a > b ? a : b;
}

function asNumber(meaning: Meaning): number {
  if (typeof meaning !== "number") throw new Error("no number");
  return meaning;
}
