/** Events listed in one cell, or in one value of a row: `[["2024-06-21", 42.9], …]` → a person's log. */
import type { EventLogColumn } from "../../shared/contract/contract.ts";
import { recoder } from "../anonymize/recode.ts";
import { numberCell, refuseCell, valueCell } from "../persons/cells.ts";
import type { RawLog } from "../persons/raw-person.ts";
import { timeCell } from "../persons/time-cell.ts";
import type { Cell, Value } from "../source/table-source.ts";

const MAX_EVENTS = 100_000;

/** @throws ScenarioError `data.events` for a cell that holds no JSON list of events */
export function eventsInCell(cell: Cell, column: EventLogColumn, where: string): RawLog {
  if (cell === null || cell === "") return listedEvents([], column, where);
  return listedEvents(parsed(valueCell(cell, where), where), column, where);
}

/**
 * An event is an object of the log's own field names, or a list: its time, then the fields that the
 * contract lists.
 */
export function listedEvents(events: unknown, column: EventLogColumn, where: string): RawLog {
  if (!Array.isArray(events)) return refuseCell("data.events", where, typeof events, "a list");
  if (!(events.length <= MAX_EVENTS))
    return refuseCell("data.events", where, "more events", `at most ${MAX_EVENTS}`);
  const { time, format, listed, amount, category } = column;
  const part = (event: unknown, i: number, index: number, key: string): string | number => {
    const found: unknown = Array.isArray(event) ? event[index] : property(event, key);
    if (typeof found === "string" || typeof found === "number") return found;
    return refuseCell("data.events", `${where}, event ${i + 1}`, "no such part", `a ${key}`);
  };
  const each = (read: (event: unknown, i: number) => number) => Float64Array.from(events, read);
  const timeOf = (event: unknown, i: number) =>
    timeCell(part(event, i, 0, time), `${where}, ${time}`, format);
  const times = each(timeOf);
  const fields = new Map<string, Float64Array>();
  if (amount) {
    const at = 1 + listed.indexOf("amount");
    const read = (event: unknown, i: number) =>
      numberCell(part(event, i, at, "amount"), `${where}, amount`);
    fields.set("amount", each(read));
  }
  if (category) {
    const at = 1 + listed.indexOf("category");
    const recode = recoder(category.recoding);
    const read = (event: unknown, i: number) =>
      Number(recode(part(event, i, at, category.from), `${where}, ${category.from}`));
    fields.set("category", each(read));
  }
  return { times, fields };
}

function parsed(cell: Value, where: string): unknown {
  try {
    return JSON.parse(String(cell));
  } catch {
    return refuseCell("data.events", where, "another text", "a JSON list of events");
  }
}

function property(event: unknown, key: string): unknown {
  if (typeof event !== "object" || event === null || !Object.hasOwn(event, key)) return undefined;
  return Reflect.get(event, key);
}
