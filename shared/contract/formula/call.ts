/**
 * The type of a function's result from the types of its arguments, with bounds that hold for every
 * person: the one place that says what a function of formulas takes.
 */
import { nearest } from "../../scenario/refusal/nearest.ts";
import { bandLabels } from "./band-labels.ts";
import { FUNCTION_ARITY, OPERATOR_ARITY } from "./functions.ts";
import { INTERVALS, type Interval, isConstant, span, whole, ZERO } from "./interval.ts";
import { listed, refuse } from "./refusal.ts";
import type { StackType } from "./types.ts";

/** @throws ScenarioError `expression` for an unknown function, or a wrong number of arguments */
export function checkArity(name: string, count: number, where: string): void {
  const arity = FUNCTION_ARITY.get(name) ?? OPERATOR_ARITY.get(name);
  if (arity === undefined) {
    const functions = [...FUNCTION_ARITY.keys()];
    const near = nearest(name.slice(0, MAX_NAME), functions);
    const fix = near ? `Did you mean ${near}?` : "Use a function of the list.";
    refuse(where, `${name}()`, `one of ${functions.join(", ")}`, fix);
  }
  if (count === 1 && ["mean", "min", "max"].includes(name)) {
    const expected = "a second argument, the value for an empty log";
    refuse(where, `${name} of one argument`, expected, `Write ${name}(log.field, 0), say.`);
  }
  const [fewest, most] = arity;
  const expected = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  if (!(count >= fewest && count <= most))
    refuse(where, `${count} arguments`, `${expected} for ${name}`);
}

const MAX_NAME = 100;

/**
 * @param args as many as `checkArity` takes for `name`
 * @throws ScenarioError `expression`
 */
export function callType(name: string, args: readonly StackType[], where: string): StackType {
  const [first, second] = args;
  switch (name) {
    case "ordinal":
    case "oneHot":
      return recodedType(name, first, where);
    case "bucket":
      return bucketType(args, where);
    case "is":
      return labelTest(first, second, where);
    case "daysBefore":
      if (first?.kind === "date") return { kind: "number", ...first.days };
      return refuse(where, `daysBefore of ${got(first)}`, "a date column", hint(first));
    case "count":
    case "rate":
      return windowType(name, first, second, where);
  }
  if (first?.kind === "series" && second?.kind !== "series") {
    const reduced = reducedInterval(name, first, second);
    if (reduced) return finite({ kind: "number", ...reduced }, name, args, where);
  }
  if (!INTERVALS.has(name)) return refuse(where, got(first), `a field of an event log for ${name}`);
  return finite(elementwiseType(name, args, where), name, args, where);
}

/** Nothing may overflow on the way, even where a later `clip` would hide it. */
function finite(
  type: StackType & Interval,
  name: string,
  args: readonly StackType[],
  where: string,
): StackType {
  if (Number.isFinite(type.low) && Number.isFinite(type.high)) return type;
  return refuse(where, `${name} of ${ranges(args)}`, "a result that cannot overflow");
}

function recodedType(
  name: "ordinal" | "oneHot",
  of: StackType | undefined,
  where: string,
): StackType {
  if (name === "ordinal") {
    if (of?.kind === "bands") return { kind: "number", ...whole(0, of.labels.length - 1) };
    const fix = of?.kind === "categories" ? "Take oneHot, or bands." : hint(of);
    return refuse(where, `ordinal of ${got(of)}`, "a column with bands, or bucket(…)", fix);
  }
  if (of?.kind === "bands" || of?.kind === "categories")
    return { kind: "oneHot", labels: of.labels };
  const expected = "a column with bands or categories, or bucket(…)";
  return refuse(where, `oneHot of ${got(of)}`, expected, hint(of));
}

/** The half-open bands between constant edges, of a number that the formula itself made. */
function bucketType([x, ...rest]: readonly StackType[], where: string): StackType {
  if (x?.kind !== "number") return refuse(where, `bucket of ${got(x)}`, "a number", hint(x));
  const edges = rest.flatMap((edge) =>
    edge.kind === "number" && isConstant(edge) ? [edge.low] : [],
  );
  const ascending = edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? Infinity));
  if (edges.length < rest.length || !ascending)
    return refuse(
      where,
      "other edges",
      "constants, each above the one before: bucket(x, 1, 5)",
      "Mend the edges.",
    );
  return { kind: "bands", labels: bandLabels(edges, false) };
}

/** column == "label", the label by its index. */
function labelTest(
  column: StackType | undefined,
  label: StackType | undefined,
  where: string,
): StackType {
  if (column?.kind !== "bands" && column?.kind !== "categories")
    return refuse(where, `a label beside ${got(column)}`, "a column with labels", hint(column));
  const known =
    label?.kind === "number" &&
    isConstant(label) &&
    label.integer &&
    label.low >= 0 &&
    label.low < column.labels.length;
  if (!known) return refuse(where, "an index of none", `a label: ${listed(column.labels)}`);
  return { kind: "number", ...whole(0, 1) };
}

/** Events of the last so many days, or of all that are kept; a day for `rate`. */
function windowType(
  name: "count" | "rate",
  log: StackType | undefined,
  days: StackType | undefined,
  where: string,
): StackType {
  if (log?.kind !== "log") {
    const fix =
      log?.kind !== "series"
        ? hint(log)
        : name === "count"
          ? `Write count(${log.log}) for all, or sum(…) of a comparison for those that pass it.`
          : `Write rate(${log.log}, 30), say.`;
    return refuse(where, `${name} of ${got(log)}`, "an event log", fix);
  }
  if (days === undefined) return { kind: "number", ...whole(0, log.events) };
  if (days.kind !== "number" || !isConstant(days) || !days.integer || !(days.low >= 1))
    return refuse(where, "other days", `a constant, whole and at least 1: ${name}(log, 30)`);
  if (name === "count") return { kind: "number", ...whole(0, log.events) };
  return { kind: "number", ...span([0, log.events / days.low], days.low === 1) };
}

/** Of a function that takes a series down to one number; undefined: it is none. */
function reducedInterval(
  name: string,
  series: Interval & { readonly events: number },
  ifEmpty: StackType | undefined,
): Interval | undefined {
  const { low, high, integer, events } = series;
  if (name === "distinct") return whole(0, events);
  if (name === "sum") return span([0, events * low, events * high], integer);
  if (ifEmpty?.kind !== "number") return undefined;
  const all = [low, high, ifEmpty.low, ifEmpty.high];
  if (name === "mean") return span(all, false);
  if (name === "min" || name === "max") return span(all, integer && ifEmpty.integer);
  return undefined;
}

function elementwiseType(
  name: string,
  args: readonly StackType[],
  where: string,
): StackType & Interval {
  let log: { readonly log: string; readonly events: number } | undefined;
  const intervals = args.map((arg): Interval => {
    if (arg.kind === "series") {
      if (log && log.log !== arg.log) refuse(where, `${log.log} and ${arg.log}`, "one event log");
      log = arg;
      return arg;
    }
    if (arg.kind === "number") return arg;
    return refuse(where, `${got(arg)} in ${name}`, "numbers", hint(arg));
  });
  const [a = ZERO, b = ZERO, c = ZERO] = intervals;
  const result = INTERVALS.get(name)?.(a, b, c) ?? "a known function";
  if (typeof result === "string") return refuse(where, `${name} of ${ranges(args)}`, result);
  if (!log) return { kind: "number", ...result };
  return { kind: "series", log: log.log, events: log.events, ...result };
}

function got(type: StackType | undefined): string {
  switch (type?.kind) {
    case "log":
      return `the event log ${type.log}`;
    case "bands":
      return "a column with bands";
    case "categories":
      return "a column of categories";
    case "series":
      return `a field of ${type.log}`;
    case "date":
      return `the date ${type.column}`;
    default:
      return type?.kind === "oneHot" ? "a oneHot" : "a number";
  }
}

function hint(type: StackType | undefined): string {
  switch (type?.kind) {
    case "log":
      return `Count it, or read ${type.log}.daysBefore.`;
    case "bands":
      return "Write ordinal(column).";
    case "categories":
      return 'Write oneHot(column), alone, or column == "label".';
    case "series":
      return "Reduce it: sum, mean, min, max, distinct.";
    case "date":
      return `Write daysBefore(${type.column}).`;
    default:
      return type?.kind === "oneHot" ? "Let oneHot(column) stand alone." : "Mend the formula.";
  }
}

function ranges(types: readonly StackType[]): string {
  return types
    .map((type) => ("low" in type ? `[${type.low}, ${type.high}]` : got(type)))
    .join(", ");
}
