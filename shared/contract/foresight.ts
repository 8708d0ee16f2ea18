/**
 * That no formula sees past the cut-off, proven from its tree. The leaves of a formula are names, each
 * the name of one column, and of each column the contract itself says how late it reaches: an event log
 * to its own cut-off, a date to the last day that it may be. Only the label reads later events.
 */
import { ScenarioError } from "../errors.ts";
import type { Contract, ContractColumn } from "./contract.ts";
import { DAY_MS } from "./days.ts";
import { isFormulaFeature } from "./feature.ts";
import type { Postfix } from "./formula/formula.ts";

/** @throws ScenarioError `futureEvent` where something as late as the label's window could be read */
export function checkForesight(contract: Contract, file: string): void {
  const { columns, target, features, where } = contract;
  const log = columns.find(({ name }) => target.kind === "event" && name === target.log);
  // A label that is a column of its own has no moment at which it begins.
  if (log?.role !== "eventLog") return;
  for (const { name, postfix } of features.filter(isFormulaFeature))
    checkNames(postfix, columns, log.cutOffMs, `${file}, features.${name}.formula`);
  if (where) checkNames(where.postfix, columns, log.cutOffMs, `${file}, data.source.where`);
}

function checkNames(
  postfix: Postfix,
  columns: readonly ContractColumn[],
  cutOffMs: number,
  where: string,
): void {
  for (const [kind, name] of postfix) {
    if (kind !== "name" && kind !== "field") continue;
    const column = columns.find((candidate) => candidate.name === name);
    const until = column ? reachMs(column) : Number.POSITIVE_INFINITY;
    if (until <= cutOffMs) continue;
    throw new ScenarioError({
      what: "futureEvent",
      where,
      got: `${name}, which reaches beyond the cut-off of the label`,
      expected: `nothing at or after ${new Date(cutOffMs).toISOString().slice(0, 10)}`,
      fix: "End it there: cutOff of an event log, the last of a date's bounds.",
    });
  }
}

/** The moment before which all lies that a column tells of; of what has no time, always. */
function reachMs(column: ContractColumn): number {
  if (column.role === "eventLog") return column.cutOffMs;
  if (!("recoding" in column) || column.recoding.kind !== "date") return Number.NEGATIVE_INFINITY;
  const { boundsMs } = column.recoding;
  return boundsMs ? boundsMs[1] + DAY_MS : Number.POSITIVE_INFINITY;
}
