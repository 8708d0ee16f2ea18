/**
 * Checked postfix → a function of a person, made once and run for everybody: pure, total, and after a
 * first few people without taking memory. Steps over event logs write into arrays of their own, which
 * the next person's events overwrite.
 */
import { DAYS_BEFORE, type FormulaPerson, type Postfix } from "./formula.ts";
import { ELEMENTWISE, REDUCERS, RENAMED, type Reducer, type Scalar } from "./functions.ts";

/** A number; of `oneHot` the category's index. */
export type CompiledFormula = (person: FormulaPerson) => number;

/** What a step holds of the person read last. */
interface Register {
  readonly read: (person: FormulaPerson) => void;
  values: Float64Array;
  /** Of `values`, those that are this person's. */
  count: number;
  /** 1: an event after the other; 0: the one number is that of all events. */
  readonly step: 0 | 1;
}

/** A step that was compiled; what a name stands for depends on what takes it. */
type Part =
  | { readonly kind: "number"; readonly run: CompiledFormula }
  | { readonly kind: "series"; readonly series: Register }
  | { readonly kind: "name"; readonly name: string };

/** @param postfix a list that `checkFormula` has passed; any other throws, here or when it is run */
export function compileFormula(postfix: Postfix): CompiledFormula {
  const stack: Part[] = [];
  for (const instruction of postfix) {
    switch (instruction[0]) {
      case "number": {
        const value = instruction[1];
        stack.push({ kind: "number", run: () => value });
        break;
      }
      case "name":
        stack.push({ kind: "name", name: instruction[1] });
        break;
      case "field":
        stack.push({ kind: "series", series: fieldOf(instruction[1], instruction[2]) });
        break;
      case "call":
        stack.push(call(instruction[1], stack.splice(-instruction[2])));
    }
  }
  const [result] = stack;
  if (!result || stack.length !== 1) throw unchecked("no one value");
  return numberOf(result);
}

function unchecked(what: string): TypeError {
  return new TypeError(`unchecked formula: ${what}`);
}

function call(name: string, args: readonly Part[]): Part {
  const [first, second] = args;
  if (name === "bucket") return bucket(args);
  if (RENAMED.has(name) && first) return { kind: "number", run: numberOf(first) };
  const reducer = REDUCERS.get(name);
  // Without a reading of its own as numbers, as min and max have, a reducer takes a whole log.
  const whole = first?.kind === "name" && !ELEMENTWISE.has(name);
  if (reducer && first && (whole || first.kind === "series") && second?.kind !== "series")
    return reduced(reducer, seriesOf(first), second);
  const scalar = ELEMENTWISE.get(name);
  if (!scalar) throw unchecked(`no function ${name}`);
  return args.some(({ kind }) => kind === "series")
    ? eventwise(scalar, args)
    : numberwise(scalar, args.map(numberOf));
}

/** Half-open bands, as of bandOf, whose edges are constants. */
function bucket([x, ...rest]: readonly Part[]): Part {
  if (!x) throw unchecked("bucket of nothing");
  const value = numberOf(x);
  const edges = rest.map(numberOf);
  const run = (person: FormulaPerson) => {
    const number = value(person);
    let band = 0;
    for (const edge of edges) if (number >= edge(person)) band++;
    return band;
  };
  return { kind: "number", run };
}

function reduced(reducer: Reducer, series: Register, second: Part | undefined): Part {
  const other = second && numberOf(second);
  const run = (person: FormulaPerson) => {
    series.read(person);
    return reducer(series.values, series.count, other ? other(person) : Infinity);
  };
  return { kind: "number", run };
}

/** A closure for each arity: a function of one number is the commonest. */
function numberwise(scalar: Scalar, [a, b, c]: readonly CompiledFormula[]): Part {
  if (!a) throw unchecked("a function of nothing");
  if (!b) return { kind: "number", run: (person) => scalar(a(person), NaN, NaN) };
  if (!c) return { kind: "number", run: (person) => scalar(a(person), b(person), NaN) };
  return { kind: "number", run: (person) => scalar(a(person), b(person), c(person)) };
}

/** Event by event; numbers are the same for all events of a person. */
function eventwise(scalar: Scalar, args: readonly Part[]): Part {
  const registers = args.map((arg) => (arg.kind === "series" ? arg.series : constantOf(arg)));
  const [a = NOTHING, b = NOTHING, c = NOTHING] = registers;
  const events = registers.find(({ step }) => step === 1) ?? NOTHING;
  const read = (person: FormulaPerson) => {
    for (const register of registers) register.read(person);
    const { count } = events;
    if (count > series.values.length) series.values = new Float64Array(2 * count);
    series.count = count;
    const { values } = series;
    for (let i = 0; i < count; i++) values[i] = scalar(at(a, i), at(b, i), at(c, i));
  };
  const series: Register = { read, values: new Float64Array(FIRST_EVENTS), count: 0, step: 1 };
  return { kind: "series", series };
}

const FIRST_EVENTS = 64;

/** Stands for an argument that is not there. */
const NOTHING: Register = { read: () => {}, values: Float64Array.of(NaN), count: 0, step: 0 };

function at({ values, step }: Register, event: number): number {
  return values[event * step] ?? NaN;
}

function constantOf(part: Part): Register {
  const number = numberOf(part);
  const values = new Float64Array(1);
  const read = (person: FormulaPerson) => {
    values[0] = number(person);
  };
  return { read, values, count: 0, step: 0 };
}

function fieldOf(log: string, field: string): Register {
  const read = (person: FormulaPerson) => {
    const values = person.logs.get(log)?.get(field);
    if (!values) throw unchecked(`no ${log}.${field}`);
    series.values = values;
    series.count = values.length;
  };
  const series: Register = { read, values: new Float64Array(), count: 0, step: 1 };
  return series;
}

function numberOf(part: Part): CompiledFormula {
  if (part.kind === "number") return part.run;
  if (part.kind === "series") throw unchecked("a series for a number");
  const { name } = part;
  return (person) => {
    const value = person.values.get(name);
    if (value === undefined) throw unchecked(`no ${name}`);
    return value;
  };
}

function seriesOf(part: Part): Register {
  if (part.kind === "series") return part.series;
  if (part.kind === "number") throw unchecked("a number for a series");
  return fieldOf(part.name, DAYS_BEFORE);
}
