/** Scenario → contract, for the launcher: reads hierarchies and parses formulas, once a run. */

import { ScenarioError } from "../errors.ts";
import type { Scenario, ScenarioColumn } from "../scenario/scenario-schema.ts";
import type { Contract, ContractColumn, ContractFormula, Recoding } from "./contract.ts";
import { bandLabels, checkContract } from "./contract-check.ts";
import { deriveFeature, personScope } from "./contract-formulas.ts";
import { parseFormula } from "./formula-parse.ts";
import { type HierarchySource, resolveHierarchy } from "./hierarchy.ts";

/** Reads a file by its path relative to the scenario's folder, which it must not leave. */
export type ReadText = (relativePath: string) => Promise<string>;

/**
 * @param file the scenario's file name, for messages
 * @throws ScenarioError naming the first fault and its place
 */
export async function buildContract(
  scenario: Scenario,
  readText: ReadText,
  file = `${scenario.name}.yaml`,
): Promise<Contract> {
  const { data, features } = scenario;
  const entries = Object.entries(data.columns);
  const columns = await Promise.all(
    entries.map(([name, column]) => buildColumn(name, column, readText, file)),
  );
  const contract = {
    table: await buildTable(scenario, file),
    columns,
    where: await buildFormula(data.source.where, `${file}, data.source.where`),
    target: buildTarget(scenario, file),
    anonymity: data.anonymity,
  };
  checkLogs(scenario, file);
  checkPartition(scenario, columns, file);
  const scope = personScope(columns);
  const built = await Promise.all(
    Object.entries(features).map(async ([name, { formula, bounds, scale }]) => {
      const where = `${file}, features.${name}`;
      const postfix = await parseFormula(formula, `${where}.formula`);
      const spec = { name, formula, postfix, bounds: bounds ?? null, scale };
      return deriveFeature(spec, scope, where);
    }),
  );
  const whole = { ...contract, features: built };
  checkContract(whole, file);
  return whole;
}

async function buildColumn(
  name: string,
  column: ScenarioColumn,
  readText: ReadText,
  file: string,
): Promise<ContractColumn> {
  const where = `${file}, data.columns.${name}`;
  const from = column.from ?? name;
  const { role } = column;
  switch (role) {
    case "directIdentifier":
    case "drop":
    case "target":
      return { name, from, role };
    case "quasiIdentifier": {
      const recoding = await buildRecoding(column, readText, where);
      return { name, from, role, take: column.take ?? null, recoding };
    }
    case "eventLog":
      return { name, from, role, ...eventLogRules(column, where) };
  }
}

function eventLogRules(column: ScenarioColumn, where: string) {
  const { time, cutOff, maxAgeDays, maxEvents, amount } = column;
  if (!time || !cutOff || !maxAgeDays || !maxEvents)
    return refuse("eventLog", where, "a key missing", "time, cutOff, maxAgeDays and maxEvents");
  const cutOffMs = Date.parse(`${cutOff}T00:00:00Z`);
  // Date.parse takes 31 February for a day of March.
  if (Number.isNaN(cutOffMs) || new Date(cutOffMs).toISOString().slice(0, 10) !== cutOff)
    return refuse("cutOff", `${where}.cutOff`, cutOff, "a day of the calendar, YYYY-MM-DD");
  const kept = amount ? { clip: amount.clip, round: amount.round ?? null } : null;
  return { time, cutOffMs, maxAgeDays, maxEvents, amount: kept };
}

async function buildRecoding(
  column: ScenarioColumn,
  readText: ReadText,
  where: string,
): Promise<Recoding> {
  const { type, bounds, bands, hierarchy, level, unseen } = column;
  const steps = column.normalise ?? [];
  if (hierarchy !== undefined) {
    if (bands || bounds || (type && type !== "text"))
      refuse("hierarchy", where, "numbers beside it", "a hierarchy alone, for text");
    if (level === undefined)
      return refuse("level", `${where}.level`, "none", "the one fixed level, by name or number");
    const source = await hierarchySource(hierarchy, readText);
    return resolveHierarchy(source, { level, normalise: steps, unseen: unseen ?? "error" }, where);
  }
  if (level !== undefined || unseen || column.normalise)
    refuse("hierarchy", where, "none", "one, for level, unseen and normalise to act on");
  if (type === "text" || !(bands || type))
    return refuse("recoding", where, "none", "bands, a hierarchy, or type: number with bounds");
  const integer = type === "integer";
  if (bands)
    return {
      kind: "bands",
      integer,
      bounds: bounds ?? null,
      edges: bands,
      labels: bandLabels(bands),
    };
  if (!bounds) return refuse("bounds", `${where}.bounds`, "none", "public bounds [a, b]");
  return { kind: "number", integer, bounds };
}

async function hierarchySource(
  hierarchy: NonNullable<ScenarioColumn["hierarchy"]>,
  readText: ReadText,
): Promise<HierarchySource> {
  if (typeof hierarchy !== "string") return { kind: "inline", tree: hierarchy };
  return { kind: "file", name: hierarchy, text: await readText(hierarchy) };
}

async function buildTable({ data }: Scenario, file: string): Promise<Contract["table"]> {
  const { person = null, events = {} } = data.source;
  const [entry, second] = Object.entries(events);
  const where = `${file}, data.source.events`;
  if (second) refuse("events", where, "several logs", "one event log in this version");
  if (!entry) return { kind: "people", person };
  if (person === null) return refuse("person", where, "none", "data.source.person, to join on");
  const [log, rule] = entry;
  return {
    kind: "events",
    person,
    log,
    time: rule.time,
    fields: rule.fields,
    where: await buildFormula(rule.where, `${where}.${log}.where`),
  };
}

function buildTarget({ data }: Scenario, file: string): Contract["target"] {
  const { name, event, within, column, positive } = data.target;
  if (event !== undefined && within !== undefined)
    return { kind: "event", name, log: event, withinDays: within };
  if (column === undefined || positive === undefined)
    return refuse("target", `${file}, data.target`, "neither", "event and within, or column");
  const type = data.columns[column]?.type;
  const numeric = type === "integer" || type === "number";
  const value = numeric ? Number(positive) : type === "text" ? String(positive) : positive;
  if (typeof value === "number" && !Number.isFinite(value))
    refuse("positive", `${file}, data.target.positive`, positive, `a number, as ${column} is`);
  return { kind: "column", name, column, positive: value };
}

async function buildFormula(
  text: string | undefined,
  where: string,
): Promise<ContractFormula | null> {
  if (text === undefined) return null;
  return { formula: text, postfix: [...(await parseFormula(text, where))] };
}

/** Events come with generated people, or from a table of events; a row a person holds none. */
function checkLogs({ data }: Scenario, file: string): void {
  const log = Object.entries(data.columns).find(([, { role }]) => role === "eventLog");
  const { file: table, events } = data.source;
  if (log && table !== undefined && events === undefined)
    refuse("events", `${file}, data.columns.${log[0]}`, "no events", "data.source.events");
}

/** A partition by column deals whole categories, so the column must have some. */
function checkPartition(
  { data }: Scenario,
  columns: readonly ContractColumn[],
  file: string,
): void {
  const { kind, column: name } = data.partition;
  if (kind !== "byColumn") return;
  const column = columns.find((candidate) => candidate.name === name);
  const recoded = column?.role === "quasiIdentifier" && column.recoding.kind !== "number";
  const expected = "a quasiIdentifier with bands or a hierarchy";
  if (!recoded) refuse("column", `${file}, data.partition.column`, name, expected);
}

function refuse(what: string, where: string, got: unknown, expected: string): never {
  throw new ScenarioError({ what, where, got, expected, fix: "Mend the scenario." });
}
