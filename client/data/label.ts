/** A person's label. The one reader of events at or after the cut-off, and of the target's cells. */

import { eventLogColumn } from "../../shared/contract/check.ts";
import type { Contract, ContractColumn } from "../../shared/contract/contract.ts";
import { DAY_MS } from "../../shared/contract/days.ts";
import { numberCell, refuseCell, textOf, valueCell } from "../persons/cells.ts";
import { cellPlace, NO_EVENTS, type RawPerson } from "../persons/raw-person.ts";

type Target = Contract["target"];

/**
 * @param quotes true where the rows are public, and a label that is none may be shown
 * @returns a pure function: the number of the label's class, of two that are not listed, 1 is the positive one; or
 *   the number that the label is, in its own units, between its bounds
 */
export function labeller(
  { target, columns }: Pick<Contract, "target" | "columns">,
  quotes = false,
): (person: RawPerson) => number {
  switch (target.kind) {
    case "event":
      return eventLabel(target, columns);
    case "column":
      return columnLabel(target, columns, quotes);
    case "classes":
      return classLabel(target, columns, quotes);
    case "number":
      return numberLabel(target, columns);
  }
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
    const times = logs.get(log)?.times ?? NO_EVENTS.times;
    for (let event = 0; event < times.length; event++) {
      const time = times[event] ?? Number.NaN;
      if (time >= cutOffMs && time < endMs) return 1;
    }
    return 0;
  };
}

function columnLabel(
  { column: name, positive }: Extract<Target, { kind: "column" }>,
  columns: readonly ContractColumn[],
  quotes: boolean,
): (person: RawPerson) => 0 | 1 {
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  const known = column?.role === "target" && column.vocabulary && new Set(column.vocabulary);
  return (person) => {
    const where = () => cellPlace(person, name);
    const { cell, text } = labelCell(person, index, where);
    if (known && !known.has(text))
      refuseCell("data.unknownLabel", where, unknown(text, quotes), [...known].join(" or "));
    const value = typeof positive === "number" ? numberCell(cell, where) : text;
    return value === positive ? 1 : 0;
  };
}

/** Place of the cell's text among the classes; the number 7 is the class "7". */
function classLabel(
  { column: name, classes }: Extract<Target, { kind: "classes" }>,
  columns: readonly ContractColumn[],
  quotes: boolean,
): (person: RawPerson) => number {
  const index = columns.findIndex((column) => column.name === name);
  const numbers = new Map(classes.map((text, number) => [text, number]));
  return (person) => {
    const where = () => cellPlace(person, name);
    const { text } = labelCell(person, index, where);
    const number = numbers.get(text);
    if (number !== undefined) return number;
    const expected = classes.join(" or ");
    return refuseCell("data.unknownLabel", where, unknown(text, quotes), expected);
  };
}

/** Beyond a bound it is that bound: one row then counts for no more than the declared width. */
function numberLabel(
  { column: name, bounds: [low, high] }: Extract<Target, { kind: "number" }>,
  columns: readonly ContractColumn[],
): (person: RawPerson) => number {
  const index = columns.findIndex((column) => column.name === name);
  return (person) => {
    const where = () => cellPlace(person, name);
    const { cell } = labelCell(person, index, where);
    return Math.min(high, Math.max(low, numberCell(cell, where)));
  };
}

function unknown(text: string, quotes: boolean): string {
  return quotes ? JSON.stringify(text) : "another label";
}

/** @throws ScenarioError for a cell that holds no label */
function labelCell({ cells }: RawPerson, index: number, where: () => string) {
  const cell = valueCell(cells[index] ?? null, where);
  const text = textOf(cell);
  if (text === "") refuseCell("data.missingLabel", where, "an empty cell", "a label");
  return { cell, text };
}
