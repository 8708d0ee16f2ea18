/** Random formulas from the grammar of formulas, as text, and people within a scope's bounds. */
import fc from "fast-check";
import type { EventLog, FormulaPerson } from "../../shared/contract/formula/formula.ts";
import type { Interval } from "../../shared/contract/formula/interval.ts";
import type { FormulaScope, ScopeEntry } from "../../shared/contract/formula/types.ts";

interface Tree {
  readonly number: string;
  readonly series: string;
}

/** Constants that sit on edges, and some that float64 cannot hold exactly. */
const constant = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map(String),
  fc.constantFrom("0.1", "0.3", "-0.7", "60", "1e9", "1e-9", "2.5e-16"),
);
const days = fc.integer({ min: 1, max: 400 });
const edges = fc.uniqueArray(fc.integer({ min: -20, max: 900 }), { minLength: 1, maxLength: 6 });

/** Texts of features over the names of a scope; most of them, but not all, pass `checkFormula`. */
export function formulaText(scope: FormulaScope): fc.Arbitrary<string> {
  const number = numberText(scope);
  const labelled = [...scope].flatMap(([name, entry]) => ("labels" in entry ? [name] : []));
  const buckets = fc
    .tuple(number, edges)
    .map(([x, list]) => `oneHot(bucket(${x}, ${rising(list)}))`);
  const columns = fc.constantFrom(...labelled.map((name) => `oneHot(${name})`));
  return fc.oneof({ weight: 9, arbitrary: number }, columns, buckets);
}

function rising(list: readonly number[]): string {
  return [...list].sort((x, y) => x - y).join(", ");
}

function numberText(scope: FormulaScope): fc.Arbitrary<string> {
  const named = leavesOf(scope);
  return fc.letrec((tie: fc.LetrecTypedTie<Tree>) => {
    const [n, s] = [tie("number"), tie("series")];
    return {
      number: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        named.number,
        ...composed(n),
        ...reduced(s, n),
      ),
      series: fc.oneof({ maxDepth: 3, depthSize: "small" }, named.series, ...eventwise(s, n)),
    };
  }).number;
}

function leavesOf(scope: FormulaScope) {
  const numbers: fc.Arbitrary<string>[] = [constant];
  const series: string[] = [];
  for (const [name, entry] of scope) {
    if (entry.kind === "number") numbers.push(fc.constant(name));
    if (entry.kind === "date") numbers.push(fc.constant(`daysBefore(${name})`));
    if (entry.kind === "bands") numbers.push(fc.constant(`ordinal(${name})`));
    if (entry.kind === "bands" || entry.kind === "categories")
      numbers.push(
        fc
          .tuple(fc.constantFrom("==", "!="), fc.constantFrom(...entry.labels))
          .map(([sign, label]) => `(${name} ${sign} "${label}")`),
      );
    if (entry.kind !== "log") continue;
    numbers.push(fc.constant(`count(${name})`));
    numbers.push(days.map((window) => `count(${name}, ${window})`));
    numbers.push(days.map((window) => `rate(${name}, ${window})`));
    for (const [field, { low }] of entry.fields) {
      series.push(`${name}.${field}`);
      // A root at its edge, which sums that round past n times their least number fall off.
      const least = Math.min(0, entry.events * low);
      numbers.push(fc.constant(`sqrt(sum(${name}.${field}) - ${least})`));
    }
  }
  return { number: fc.oneof(...numbers), series: fc.constantFrom(...series) };
}

const SIGNS = ["+", "-", "*", "<", "<=", ">", ">=", "==", "!=", "and", "or"];

function composed(n: fc.Arbitrary<string>): fc.Arbitrary<string>[] {
  return [
    fc.tuple(fc.constantFrom(...SIGNS), n, n).map(([sign, a, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(n, n).map(([a, b]) => `(${a} / (1 + abs(${b})))`),
    fc.tuple(n, constant).map(([a, b]) => `(${a} / ${b})`),
    fc.tuple(fc.constantFrom("sqrt", "log1p"), n).map(([f, a]) => `${f}(abs(${a}))`),
    fc.tuple(fc.constantFrom("sqrt", "log1p"), n).map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom("abs", "floor", "-", "not "), n).map(([f, a]) => `(${f}(${a}))`),
    fc.tuple(n, fc.integer({ min: 0, max: 8 })).map(([a, power]) => `((${a}) ^ ${power})`),
    fc.tuple(fc.constantFrom("min", "max"), n, n).map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc.tuple(fc.constantFrom("if", "div"), n, n, n).map(([f, a, b, c]) => `${f}(${a}, ${b}, ${c})`),
    fc.tuple(n, fc.nat(9)).map(([a, width]) => `clip(${a}, ${width - 5}, ${width})`),
    fc.tuple(n, edges).map(([a, list]) => `ordinal(bucket(${a}, ${rising(list)}))`),
  ];
}

function reduced(s: fc.Arbitrary<string>, n: fc.Arbitrary<string>): fc.Arbitrary<string>[] {
  return [
    fc.tuple(fc.constantFrom("sum", "distinct", "count"), s).map(([f, a]) => `${f}(${a})`),
    fc.tuple(fc.constantFrom("mean", "min", "max"), s, n).map(([f, a, b]) => `${f}(${a}, ${b})`),
  ];
}

function eventwise(s: fc.Arbitrary<string>, n: fc.Arbitrary<string>): fc.Arbitrary<string>[] {
  const signed = fc.constantFrom(...SIGNS);
  return [
    fc.tuple(signed, s, n).map(([sign, a, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(signed, n, s).map(([sign, a, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(signed, s, s).map(([sign, a, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(fc.constantFrom("abs", "floor", "-", "not "), s).map(([f, a]) => `(${f}(${a}))`),
    fc.tuple(fc.constantFrom("if", "div"), s, s, n).map(([f, a, b, c]) => `${f}(${a}, ${b}, ${c})`),
    fc.tuple(s, fc.nat(9)).map(([a, width]) => `clip(${a}, ${width - 5}, ${width})`),
    fc.tuple(s, n).map(([a, b]) => `min(${b}, ${a})`),
  ];
}

/** People whose values lie within a scope's bounds, its ends somewhat more often. */
export function personWithin(scope: FormulaScope): fc.Arbitrary<FormulaPerson> {
  const values: Record<string, fc.Arbitrary<number>> = {};
  const logs: Record<string, fc.Arbitrary<EventLog>> = {};
  for (const [name, entry] of scope) {
    const value = valueWithin(entry);
    if (value) values[name] = value;
    if (entry.kind === "log") logs[name] = logWithin(entry);
  }
  return fc.record({ values: fc.record(values), logs: fc.record(logs) }).map((person) => ({
    values: new Map(Object.entries(person.values)),
    logs: new Map(Object.entries(person.logs)),
  }));
}

function valueWithin(entry: ScopeEntry): fc.Arbitrary<number> | undefined {
  switch (entry.kind) {
    case "number":
      return within(entry);
    case "date":
      return within({ ...entry, integer: true });
    case "bands":
    case "categories":
      return fc.nat({ max: entry.labels.length - 1 });
    default:
      return undefined;
  }
}

function logWithin(entry: Extract<ScopeEntry, { kind: "log" }>): fc.Arbitrary<EventLog> {
  const count = fc.oneof(fc.nat({ max: entry.events }), fc.constantFrom(0, entry.events));
  return count.chain((events) => {
    const fields = Object.fromEntries(
      [...entry.fields].map(([name, interval]) => [name, series(interval, events)]),
    );
    return fc.record(fields).map((log) => new Map(Object.entries(log)));
  });
}

/** Equal numbers are where sums leave n times their bound, so they come often. */
function series(interval: Interval, events: number): fc.Arbitrary<Float64Array> {
  const any = fc.array(within(interval), { minLength: events, maxLength: events });
  const equal = within(interval).map((x) => new Array<number>(events).fill(x));
  return fc.oneof(any, equal).map((numbers) => Float64Array.from(numbers));
}

function within({ low, high, integer }: Interval): fc.Arbitrary<number> {
  const ends = fc.constantFrom(low, high);
  if (integer) return fc.oneof(fc.integer({ min: low, max: high }), ends);
  return fc.oneof(fc.double({ min: low, max: high, noNaN: true }), ends);
}
