/** What a plan would do with an owner's file: every column, every model input, the filter and the label. */

import type { Contract, ContractColumn } from "../../shared/contract/contract.ts";
import { describeColumn } from "../../shared/contract/describe-column.ts";
import { type Feature, isFormulaFeature } from "../../shared/contract/feature.ts";
import { formulaText } from "../../shared/contract/formula/text.ts";
import { eventScope, personScope } from "../../shared/contract/formulas.ts";
import { columns as aligned } from "./print-trace.ts";

/** Categories of one column that are shown; a plan may name a thousand. */
const MOST_LABELS = 12;

/**
 * @param header the file's columns, in its order
 * @param file its name
 */
export function offerLines(contract: Contract, header: readonly string[], file: string): string[] {
  const { features, where, columns } = contract;
  const inputs = features.reduce((sum, { width }) => sum + width, 0);
  const counts = where ? formulaText(where.postfix, personScope(columns)) : "every row";
  return [
    `What becomes of each column of ${file}`,
    ...aligned(columnRows(contract, header)).map((line) => `    ${line}`),
    `Rows that count: ${counts}${eventsThatCount(contract)}`,
    `The label: ${labelText(contract.target)}`,
    `What the model reads of a row, ${inputs} ${inputs === 1 ? "input" : "inputs"}, and nothing else`,
    ...aligned(features.map((feature) => featureRow(feature, columns))).map(
      (line) => `    ${line}`,
    ),
  ];
}

function columnRows(contract: Contract, header: readonly string[]): string[][] {
  const uses = columnUses(contract);
  // An empty file has no names to miss any.
  const missing =
    header.length === 0 ? [] : [...uses.keys()].filter((name) => !header.includes(name));
  return [
    ...header.map((name) => [name, ...(uses.get(name) ?? ["not in the plan", NOT_TAKEN])]),
    ...missing.map((name) => [name, "not in the file", "the plan wants it: join will refuse"]),
  ];
}

const NOT_TAKEN = "join will refuse: each column is to have its place";

/** Raw column → its role, and what is kept of it. */
function columnUses({ columns, table }: Contract): ReadonlyMap<string, readonly [string, string]> {
  const uses = new Map<string, readonly [string, string]>();
  for (const column of columns) {
    const kept = `${describeColumn(column)}${labelsOf(column)}${claimOf(column)}`;
    if (column.role !== "eventLog" || table.kind !== "events") {
      uses.set(column.from, [column.role, kept]);
      continue;
    }
    uses.set(column.time, [column.role, `the time of an event: ${kept}`]);
    for (const field of table.fields)
      uses.set(field, [column.role, field === "amount" ? "of each event" : "read by the filter"]);
    if (column.category) uses.set(column.category.from, [column.role, "of each event"]);
  }
  return uses;
}

function labelsOf(column: ContractColumn): string {
  if (!("recoding" in column) || !("labels" in column.recoding)) return "";
  const { labels } = column.recoding;
  const shown = labels.slice(0, MOST_LABELS).join(", ");
  return `: ${shown}${labels.length > MOST_LABELS ? `, and ${labels.length - MOST_LABELS} more` : ""}`;
}

/** A plan's own word on people in a column is shown, and counts for nothing. */
function claimOf(column: ContractColumn): string {
  if (!("identifiersKnown" in column) || column.identifiersKnown === null) return "";
  return ` (the plan says that identifiers in it are known, "${column.identifiersKnown}": that does not count here)`;
}

function eventsThatCount({ table }: Contract): string {
  if (table.kind !== "events" || !table.where) return "";
  return `; events that count: ${formulaText(table.where.postfix, eventScope(table.fields))}`;
}

function labelText(target: Contract["target"]): string {
  switch (target.kind) {
    case "event":
      return `${target.name}, an event of ${target.log} within ${target.withinDays} days after the cut-off`;
    case "column":
      return `${target.name}, ${target.column} == ${JSON.stringify(target.positive)}`;
    case "classes":
      return `${target.name}, ${target.column} is one of ${target.classes.length} classes`;
    case "number":
      return `${target.name}, the number ${target.column}, cut to [${target.bounds.join(", ")}]`;
  }
}

function featureRow(feature: Feature, columns: Contract["columns"]): string[] {
  const { name, width } = feature;
  const inputs = `${width} ${width === 1 ? "input" : "inputs"}`;
  if (!isFormulaFeature(feature)) return [name, `${feature.kind} of ${feature.column}`, inputs];
  const { bounds, scale, postfix } = feature;
  const cut = bounds ? `, cut to [${bounds.join(", ")}]` : "";
  const logarithm = scale === "log" ? ", its logarithm" : "";
  return [name, formulaText(postfix, personScope(columns)), `${inputs}${cut}${logarithm}`];
}
