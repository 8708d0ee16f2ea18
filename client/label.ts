/** A person's label. The one reader of events at or after the cut-off, and of the target's cells. */
import type { Contract, ContractColumn } from "../shared/contract/contract.ts";
import { eventLogColumn } from "../shared/contract/contract-check.ts";
import { DAY_MS } from "../shared/contract/days.ts";
import { numberCell, refuseCell, textOf } from "./cells.ts";
import { cellPlace, type RawPerson } from "./raw-person.ts";

type Target = Contract["target"];

/** @returns a pure function: 1 for a positive label, else 0 */
export function labeller({
  target,
  columns,
}: Pick<Contract, "target" | "columns">): (person: RawPerson) => 0 | 1 {
  return target.kind === "event" ? eventLabel(target, columns) : columnLabel(target, columns);
}

/** Whether there is any event in [cutOff, cutOff + within days). */
function eventLabel(
  { log, withinDays }: Extract<Target, { kind: "event" }>,
  columns: readonly ContractColumn[],
): (person: RawPerson) => 0 | 1 {
  const column = eventLogColumn(columns, log);
  if (!column) throw new TypeError(`unchecked contract: no log ${log}`);
  const { cutOffMs } = column;
  const endMs = cutOffMs + withinDays * DAY_MS;
  return ({ logs }) => {
    const times = logs.get(log)?.times ?? new Float64Array();
    return times.some((time) => time >= cutOffMs && time < endMs) ? 1 : 0;
  };
}

function columnLabel(
  { column: name, positive }: Extract<Target, { kind: "column" }>,
  columns: readonly ContractColumn[],
): (person: RawPerson) => 0 | 1 {
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  const known = column?.role === "target" && column.vocabulary && new Set(column.vocabulary);
  return (person) => {
    const cell = person.cells[index] ?? null;
    const where = () => cellPlace(person, name);
    const text = textOf(cell);
    if (text === "") refuseCell("data.missingLabel", where, "an empty cell", "a label");
    if (known && !known.has(text))
      refuseCell("data.unknownLabel", where, "another label", [...known].join(" or "));
    const value = typeof positive === "number" ? numberCell(cell, where) : text;
    return value === positive ? 1 : 0;
  };
}
