/**
 * Whether the parts of a contract fit together: run by the launcher on what it built, and by every
 * client on what it received, formulas and the widths that follow from them included.
 */
import { canonicalJson } from "../canonical.ts";
import { isRefusal, ScenarioError } from "../errors.ts";
import {
  type Contract,
  type ContractColumn,
  contractShape,
  type EventLogColumn,
  type Recoding,
} from "./contract.ts";
import { checkFilters, deriveFeature, personScope } from "./contract-formulas.ts";

/** The two categories that every domain has, so that its width never depends on rows. */
export const OTHER = "other";
export const MISSING = "missing";

/**
 * @param file for messages: the scenario's name, or whence the contract came
 * @throws ScenarioError naming the first fault
 */
export function checkContract(contract: Contract, file: string): void {
  for (const column of contract.columns)
    checkColumn(column, `${file}, data.columns.${column.name}`);
  checkUnique(contract, file);
  checkTable(contract, file);
  checkTarget(contract, file);
  checkSensitive(contract, file);
  checkFilters(contract, file);
  const scope = personScope(contract.columns);
  for (const feature of contract.features) {
    const where = `${file}, features.${feature.name}`;
    const { name, formula, postfix, scale, kind, bounds } = feature;
    const stated = kind === "oneHot" ? null : bounds;
    const derived = deriveFeature({ name, formula, postfix, scale, bounds: stated }, scope, where);
    const same = canonicalJson(derived) === canonicalJson(feature);
    demand(same, "feature", where, "another width or label", "what follows from its formula");
  }
}

/** "[18,38)" and the like, one more than there are edges; the outer two are open-ended. */
export function bandLabels(edges: readonly number[]): string[] {
  const ends = ["-inf", ...edges.map(String), "inf"];
  return ends.slice(1).map((end, i) => `${i === 0 ? "(" : "["}${ends[i]},${end})`);
}

/** The event log that a contract's target or table names. */
export function eventLogColumn(
  columns: readonly ContractColumn[],
  name: string,
): EventLogColumn | undefined {
  const column = columns.find((candidate) => candidate.name === name);
  return column?.role === "eventLog" ? column : undefined;
}

function checkColumn(column: ContractColumn, where: string): void {
  if (column.role === "quasiIdentifier") checkRecoding(column.recoding, where);
  if (column.role === "eventLog" && column.amount) {
    const { clip } = column.amount;
    demand(clip[0] < clip[1], "clip", `${where}.amount.clip`, clip, "[a, b] with a < b");
  }
}

function checkRecoding(recoding: Recoding, where: string): void {
  if (recoding.kind !== "categories" && recoding.bounds) {
    const [low, high] = recoding.bounds;
    demand(low < high, "bounds", `${where}.bounds`, recoding.bounds, "[a, b] with a < b");
  }
  if (recoding.kind === "bands") {
    const { edges, labels, bounds } = recoding;
    const ascending = edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? Infinity));
    demand(ascending, "bands", `${where}.bands`, edges, "inner edges, each above the one before");
    const inside = edges.every((edge) => !bounds || (edge > bounds[0] && edge <= bounds[1]));
    demand(inside, "bands", `${where}.bands`, edges, "edges inside the bounds");
    const fits = canonicalJson(labels) === canonicalJson(bandLabels(edges));
    demand(fits, "labels", where, "other labels", "those that follow from the bands");
  }
  if (recoding.kind === "categories") {
    const { labels, leaves } = recoding;
    const closed = canonicalJson(labels.slice(-2)) === canonicalJson([OTHER, MISSING]);
    demand(closed, "labels", where, "another end", `${OTHER} and ${MISSING} last`);
    demand(new Set(labels).size === labels.length, "labels", where, "one twice", "distinct labels");
    const inside = leaves.every(([, value]) => value < labels.length - 2);
    demand(inside, "leaves", where, "a value beyond the labels", "the index of a label");
    const distinct = new Set(leaves.map(([leaf]) => leaf)).size === leaves.length;
    demand(distinct, "leaves", where, "a leaf twice", "each leaf once");
  }
}

function checkUnique({ columns, features }: Contract, file: string): void {
  const check = (names: readonly string[], where: string) => {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    demand(twice === undefined, "duplicate", `${file}, ${where}`, twice, "each name once");
  };
  const names = columns.map(({ name }) => name);
  const rawNames = columns.map(({ from }) => from);
  check(names, "data.columns");
  check(rawNames, "data.columns");
  const featureNames = features.map(({ name }) => name);
  check(featureNames, "features");
}

function checkTable({ table, columns }: Contract, file: string): void {
  for (const column of columns) {
    if (column.role !== "quasiIdentifier") continue;
    const where = `${file}, data.columns.${column.name}.take`;
    const expected =
      table.kind === "events" ? "first: a person has several rows" : "none: a row is a person";
    demand(
      (column.take === "first") === (table.kind === "events"),
      "take",
      where,
      column.take,
      expected,
    );
  }
  if (table.person !== null) {
    const key = columns.find(({ from }) => from === table.person);
    const names = key?.role === "directIdentifier" || key?.role === "drop";
    const where = `${file}, data.source.person`;
    demand(names, "person", where, table.person, "a column with role directIdentifier");
  }
  if (table.kind === "people") return;
  const where = `${file}, data.source.events.${table.log}`;
  const log = eventLogColumn(columns, table.log);
  demand(log !== undefined, "events", where, table.log, "a column with role eventLog");
  const sameTime = log === undefined || log.time === table.time;
  demand(sameTime, "time", `${where}.time`, table.time, `the log's own time, ${log?.time}`);
  const hasAmount = !log?.amount || table.fields.includes("amount");
  demand(hasAmount, "fields", `${where}.fields`, table.fields, "amount among them, for it is kept");
  const logs = columns.filter(({ role }) => role === "eventLog").length;
  demand(logs === 1, "events", `${file}, data.columns`, `${logs} event logs`, "one");
}

function checkTarget({ target, columns, table }: Contract, file: string): void {
  const labels = columns.filter(({ role }) => role === "target");
  const where = `${file}, data.target`;
  if (target.kind === "event") {
    const log = eventLogColumn(columns, target.log);
    demand(log !== undefined, "event", `${where}.event`, target.log, "a column with role eventLog");
    demand(labels.length === 0, "target", where, labels[0]?.name, "one label, the event");
    return;
  }
  const rows = table.kind === "people" ? "a row a person" : "a row an event";
  demand(table.kind === "people", "target", where, rows, "event and within, or a row a person");
  const { name } = labels[0] ?? { name: "no column" };
  const one = labels.length === 1 && name === target.column;
  demand(one, "target", `${where}.column`, target.column, "the one column with role target");
}

function checkSensitive({ anonymity, columns, target }: Contract, file: string): void {
  const known = [target.name, ...columns.map(({ name }) => name)];
  const stranger = anonymity.sensitive.find((name) => !known.includes(name));
  const where = `${file}, data.anonymity.sensitive`;
  demand(stranger === undefined, "sensitive", where, stranger, "columns, or the target");
}

function demand(holds: boolean, what: string, where: string, got: unknown, expected: string): void {
  if (holds) return;
  throw new ScenarioError({ what, where, got: got ?? "none", expected, fix: "Mend the scenario." });
}

/** A contract from elsewhere: its shape, then every formula, width and label derived anew. */
export const contractSchema = contractShape.superRefine((contract, context) => {
  try {
    checkContract(contract, "the contract");
  } catch (error) {
    if (!isRefusal(error)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});
