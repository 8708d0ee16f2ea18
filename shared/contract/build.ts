/** Scenario → contract, for the launcher: reads hierarchies and parses formulas, once a run. */

import { ScenarioError } from "../errors.ts";
import type {
  ScenarioColumn,
  ScenarioData,
  ScenarioSource,
  TableData,
} from "../scenario/data-schema.ts";
import type { Scenario } from "../scenario/schema.ts";
import { checkContract } from "./check.ts";
import {
  type Contract,
  type ContractColumn,
  recodedColumns,
  type TableContract,
} from "./contract.ts";
import { dayMs } from "./days.ts";
import { buildFeature } from "./feature-build.ts";
import { parseFormula } from "./formula/parse.ts";
import type { FormulaScope } from "./formula/types.ts";
import { eventScope, personScope } from "./formulas.ts";
import { buildRecoding, type ReadText, vocabularyRecoding, written } from "./recoding-build.ts";
import type { ContractFormula } from "./values.ts";

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
  const bare = await buildTableContract(data, readText, file);
  const { rowsPerPerson } = scenario.privacy;
  const contract = {
    ...bare,
    table:
      bare.table.kind === "people" && rowsPerPerson !== undefined
        ? { ...bare.table, rowsPerPerson }
        : bare.table,
    target: buildTarget(data.target, data.columns, file),
  };
  checkPartition(scenario, contract.columns, file);
  const built = await Promise.all(
    Object.entries(features).map(([name, stated]) =>
      buildFeature(name, stated, contract.columns, readText, `${file}, features.${name}`),
    ),
  );
  const whole = { ...contract, features: built };
  checkContract(whole, file);
  return whole;
}

/** What anonymization reads of a contract: nothing of features and models. Not yet checked. */
export async function buildTableContract(
  { columns, source = { public: false }, target, anonymity }: TableData,
  readText: ReadText,
  file: string,
): Promise<TableContract> {
  const built = await Promise.all(
    Object.entries(columns).map(([name, column]) => buildColumn(name, column, readText, file)),
  );
  const scope = personScope(built);
  return {
    table: await buildTable(source, file),
    columns: built,
    where: await buildFormula(source.where, `${file}, data.source.where`, scope),
    target: target ? buildTarget(target, columns, file) : null,
    anonymity,
  };
}

async function buildColumn(
  name: string,
  column: ScenarioColumn,
  readText: ReadText,
  file: string,
): Promise<ContractColumn> {
  const where = `${file}, data.columns.${name}`;
  const from = column.from ?? name;
  const identifiersKnown = column.identifiersKnown ?? null;
  const { role } = column;
  switch (role) {
    case "drop":
      return { name, from, role };
    case "directIdentifier": {
      const { action = "drop", identifier = "text" } = column;
      const { dropAfterJoin = action === "drop" } = column;
      return { name, from, role, action, identifier, dropAfterJoin };
    }
    case "target": {
      const vocabulary = Array.isArray(column.vocabulary) ? column.vocabulary : null;
      return { name, from, role, vocabulary };
    }
    case "quasiIdentifier":
    case "sensitive":
    case "insensitive": {
      const recoding = await buildRecoding(column, readText, where);
      return { name, from, role, take: column.take ?? null, recoding, identifiersKnown };
    }
    case "eventLog":
      return { name, from, role, ...eventLogRules(column, where), identifiersKnown };
  }
}

function eventLogRules(column: ScenarioColumn, where: string) {
  const {
    time,
    cutOff,
    maxAgeDays,
    maxEvents,
    amount,
    category,
    format,
    truncateDays = 1,
  } = column;
  if (!time || !cutOff || !maxAgeDays || !maxEvents)
    return refuse("eventLog", where, "a key missing", "time, cutOff, maxAgeDays and maxEvents");
  const cutOffMs = dayMs(cutOff);
  if (Number.isNaN(cutOffMs))
    return refuse("cutOff", `${where}.cutOff`, cutOff, "a day of the calendar, YYYY-MM-DD");
  const named = [
    ...(amount ? ["amount" as const] : []),
    ...(category ? ["category" as const] : []),
  ];
  const listed = column.fields ?? named;
  return {
    time,
    ...written(format),
    cutOffMs,
    maxAgeDays,
    maxEvents,
    truncateDays,
    amount: amount ? { ...amount, round: amount.round ?? null } : null,
    category: category
      ? {
          from: category.from ?? "category",
          recoding: vocabularyRecoding(category.vocabulary, {
            unseen: category.unseen,
            normalise: category.normalise,
          }),
        }
      : null,
    listed,
  };
}

async function buildTable(source: ScenarioSource, file: string): Promise<Contract["table"]> {
  const { person = null, events = {} } = source;
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
    where: await buildFormula(rule.where, `${where}.${log}.where`, eventScope(rule.fields)),
  };
}

function buildTarget(
  { name, event, within, column, positive, classes, bounds }: ScenarioData["target"],
  columns: ScenarioData["columns"],
  file: string,
): Contract["target"] {
  if (event !== undefined && within !== undefined)
    return { kind: "event", name, log: event, withinDays: within };
  if (column !== undefined && classes !== undefined)
    return { kind: "classes", name, column, classes };
  if (column !== undefined && bounds !== undefined) return { kind: "number", name, column, bounds };
  if (column === undefined || positive === undefined)
    return refuse("target", `${file}, data.target`, "none", "event and within, or column");
  const type = columns[column]?.type;
  const numeric = type === "integer" || type === "number";
  const value = numeric ? Number(positive) : type === "text" ? String(positive) : positive;
  if (typeof value === "number" && !Number.isFinite(value))
    refuse("positive", `${file}, data.target.positive`, positive, `a number, as ${column} is`);
  return { kind: "column", name, column, positive: value };
}

async function buildFormula(
  text: string | undefined,
  where: string,
  scope: FormulaScope,
): Promise<ContractFormula | null> {
  if (text === undefined) return null;
  return { formula: text, postfix: [...(await parseFormula(text, where, scope))] };
}

/** A partition by column deals whole categories, so the column must have some. */
function checkPartition(
  { data }: Scenario,
  columns: readonly ContractColumn[],
  file: string,
): void {
  const { kind, column: name } = data.partition;
  if (kind !== "byColumn") return;
  const column = recodedColumns(columns).find((candidate) => candidate.name === name);
  const recoded = column?.recoding.kind;
  const expected = "a column with bands, a hierarchy or a vocabulary";
  if (recoded !== "bands" && recoded !== "categories")
    refuse("column", `${file}, data.partition.column`, name, expected);
}

function refuse(what: string, where: string, got: unknown, expected: string): never {
  throw new ScenarioError({ what, where, got, expected, fix: "Mend the scenario." });
}
