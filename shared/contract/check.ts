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
  recodedColumns,
  type TableContract,
} from "./contract.ts";
import { type Feature, isFormulaFeature } from "./feature.ts";
import { checkForesight } from "./foresight.ts";
import { LARGEST_NUMBER } from "./formula/formula.ts";
import type { FormulaScope } from "./formula/types.ts";
import { checkFilters, deriveFeature, personScope } from "./formulas.ts";
import { deriveImageFeature } from "./image-features.ts";
import { checkRecoding, isStep, STEP } from "./recoding-check.ts";
import { isTextRecoding } from "./text-rules/rules.ts";

/**
 * @param file for messages: the scenario's name, or whence the contract came
 * @throws ScenarioError naming the first fault
 */
export function checkContract(contract: Contract, file: string): void {
  checkTableContract(contract, file);
  checkOnce(
    contract.features.map(({ name }) => name),
    `${file}, features`,
  );
  const scope = personScope(contract.columns);
  for (const feature of contract.features) {
    const where = `${file}, features.${feature.name}`;
    const derived = derivedAnew(feature, contract, scope, where);
    const same = canonicalJson(derived) === canonicalJson(feature);
    demand(same, "feature", where, "another width or label", "what follows from its formula");
  }
  checkForesight(contract, file);
}

function derivedAnew(
  feature: Feature,
  { columns }: Contract,
  scope: FormulaScope,
  where: string,
): Feature {
  if (!isFormulaFeature(feature)) return deriveImageFeature(feature, columns, where);
  const { name, formula, postfix, scale, bounds } = feature;
  const learned = feature.kind === "number" ? feature.learned : undefined;
  const spec = { name, formula, postfix, scale, bounds, ...(learned && { learned }) };
  return deriveFeature(spec, scope, where);
}

/** The same of what anonymization reads. @throws ScenarioError naming the first fault */
export function checkTableContract(contract: TableContract, file: string): void {
  for (const column of contract.columns)
    checkColumn(column, `${file}, data.columns.${column.name}`);
  const where = `${file}, data.columns`;
  checkOnce(
    contract.columns.map(({ name }) => name),
    where,
  );
  checkOnce(
    contract.columns.map(({ from }) => from),
    where,
  );
  const targets = contract.columns.filter(({ role }) => role === "target").length;
  demand(targets <= 1, "roleConflict", where, "several columns of role target", "one label");
  checkTable(contract, file);
  if (contract.target) checkTarget(contract.target, contract, file);
  checkAnonymity(contract, file);
  checkFilters(contract, file);
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
  if ("recoding" in column) {
    checkRecoding(column.recoding, where);
    const fits = column.recoding.kind !== "image" || column.role === "insensitive";
    const expected = "insensitive or drop: no measure of risk reads an image";
    demand(fits, "roleConflict", `${where}.role`, column.role, expected);
  }
  if (column.role !== "eventLog") return;
  const { amount, category, truncateDays, maxAgeDays, listed } = column;
  if (amount) {
    const { clip, round, floor, bands } = amount;
    const coarser = [round ?? undefined, floor, bands].filter((rule) => rule !== undefined);
    demand(
      coarser.length < 2,
      "amount",
      `${where}.amount`,
      "several",
      "one of round, floor, bands",
    );
    demand(clip[0] < clip[1], "clip", `${where}.amount.clip`, clip, "[a, b] with a < b");
    demand(isStep(round ?? 1), "round", `${where}.amount.round`, round, STEP);
    demand(isStep(floor ?? 1), "floor", `${where}.amount.floor`, floor, STEP);
    const ends = [clip[0], ...(bands ?? []), clip[1]];
    const rising = ends.every((end, i) => i === 0 || end > (ends[i - 1] ?? end));
    demand(
      rising,
      "bands",
      `${where}.amount.bands`,
      bands,
      "edges inside clip, each above the last",
    );
  }
  if (category) checkRecoding(category.recoding, `${where}.category`);
  const fits = truncateDays <= maxAgeDays;
  demand(fits, "truncateDays", `${where}.truncateDays`, truncateDays, "no more than maxAgeDays");
  const kept = [...(amount ? ["amount" as const] : []), ...(category ? ["category" as const] : [])];
  const unlisted = kept.find((field) => !listed.includes(field));
  const named = unlisted === undefined;
  demand(named, "fields", `${where}.fields`, listed, `${unlisted} among them, for it is kept`);
  const once = new Set(listed).size === listed.length;
  demand(once, "fields", `${where}.fields`, listed, "each field once");
}

function checkOnce(names: readonly string[], where: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  demand(twice === undefined, "duplicate", where, twice, "each name once");
}

function checkTable({ table, columns }: TableContract, file: string): void {
  for (const column of recodedColumns(columns)) {
    const joined = table.kind === "events" && column.recoding.kind === "image";
    const place = `${file}, data.columns.${column.name}.type`;
    demand(!joined, "type", place, "an image of an event", "a row a person, each with its image");
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
  if (table.kind === "people") {
    const named = table.rowsPerPerson === undefined || table.person !== null;
    const where = `${file}, data.source.person`;
    demand(named, "person", where, "none", "the column that names whose rows are counted");
    return;
  }
  const where = `${file}, data.source.events.${table.log}`;
  const log = eventLogColumn(columns, table.log);
  demand(log !== undefined, "events", where, table.log, "a column with role eventLog");
  const sameTime = log === undefined || log.time === table.time;
  demand(sameTime, "time", `${where}.time`, table.time, `the log's own time, ${log?.time}`);
  const hasAmount = !log?.amount || table.fields.includes("amount");
  demand(hasAmount, "fields", `${where}.fields`, table.fields, "amount among them, for it is kept");
  const clear = !table.fields.includes("category");
  demand(clear, "fields", `${where}.fields`, "category", "numbers: a category is named by the log");
  const logs = columns.filter(({ role }) => role === "eventLog").length;
  demand(logs === 1, "events", `${file}, data.columns`, `${logs} event logs`, "one");
}

function checkTarget(
  target: Contract["target"],
  { columns, table }: TableContract,
  file: string,
): void {
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
  if (target.kind === "column") return;
  if (target.kind === "classes") checkOnce(target.classes, `${where}.classes`);
  else checkTargetBounds(target.bounds, `${where}.bounds`);
  const listed = labels.some((column) => column.role === "target" && column.vocabulary !== null);
  const expected =
    target.kind === "classes"
      ? "none beside data.target.classes, which are all there are"
      : "none, since the target is a number";
  demand(!listed, "vocabulary", `${file}, data.columns.${name}.vocabulary`, "a list", expected);
}

/** Two numbers whose width is one too, so that both scale and its inverse are. */
function checkTargetBounds([low, high]: readonly [number, number], where: string): void {
  const inRange = Math.abs(low) <= LARGEST_NUMBER && Math.abs(high) <= LARGEST_NUMBER;
  const fits = low < high && inRange && high - low >= SMALLEST_WIDTH;
  const expected = `two numbers within ±${LARGEST_NUMBER}, the first below the second by ${SMALLEST_WIDTH} at least`;
  demand(fits, "bounds", where, [low, high], expected);
}

const SMALLEST_WIDTH = 1e-9;

function checkAnonymity({ anonymity, columns, target }: TableContract, file: string): void {
  const known = [...(target ? [target.name] : []), ...columns.map(({ name }) => name)];
  const stranger = anonymity.sensitive.find((name) => !known.includes(name));
  const where = `${file}, data.anonymity`;
  demand(
    stranger === undefined,
    "sensitive",
    `${where}.sensitive`,
    stranger,
    "columns, or the target",
  );
  const picture = recodedColumns(columns).find(
    ({ name, recoding }) => recoding.kind === "image" && anonymity.sensitive.includes(name),
  );
  const read = "columns that a measure of risk can read";
  demand(picture === undefined, "sensitive", `${where}.sensitive`, picture?.name, read);
  if (anonymity.mode !== "mondrian") return;
  const quasi = recodedColumns(columns).filter(({ role }) => role === "quasiIdentifier");
  demand(quasi.length > 0, "mode", `${where}.mode`, "no quasi-identifier", "some, to cut along");
  // Cuts lie along an order; an open domain has none.
  const open = quasi.find(({ recoding }) => isTextRecoding(recoding));
  const expected = "numbers, bands, dates or categories, which have an order";
  demand(open === undefined, "mode", `${where}.mode`, `mondrian over ${open?.name}`, expected);
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
