/** One person stated in a scenario or on the command line, in the contract's own column names. */
import type { Contract, EventLogColumn } from "../shared/contract/contract.ts";
import { ScenarioError } from "../shared/errors.ts";
import { numberCell, timeCell } from "./cells.ts";
import type { RawLog, RawPerson } from "./raw-person.ts";

/**
 * Columns that are not kept may be left out, and so may an event log. An event is an object
 * `{ date, amount }` of the log's own field names, or the list [date, amount].
 *
 * @param place for messages: "predict.row"
 */
export function personFromRow(
  row: Readonly<Record<string, unknown>>,
  { columns }: Contract,
  place: string,
): RawPerson {
  const cells = new Map(Object.entries(row));
  const stranger = [...cells.keys()].find((key) => !columns.some(({ name }) => name === key));
  if (stranger !== undefined) {
    const known = columns.map(({ name }) => name).join(", ");
    refuse(`${place}, ${stranger}`, "an unknown column", `one of ${known}`);
  }
  const values = new Map<string, string>();
  const logs = new Map<string, RawLog>();
  for (const column of columns) {
    const cell = cells.get(column.name);
    const where = `${place}, ${column.name}`;
    if (column.role === "eventLog") logs.set(column.name, rawLog(cell ?? [], column, where));
    else if (typeof cell === "string" || typeof cell === "number")
      values.set(column.name, String(cell));
    else if (cell !== undefined && cell !== null) refuse(where, typeof cell, "text or a number");
    else if (column.role === "quasiIdentifier" && column.recoding.kind !== "categories")
      refuse(where, "nothing", "a number");
  }
  return { place, values, logs };
}

function rawLog(events: unknown, { time, amount }: EventLogColumn, where: string): RawLog {
  if (!Array.isArray(events)) return refuse(where, typeof events, "a list of events");
  const part = (event: unknown, i: number, index: number, key: string): string => {
    const found = Array.isArray(event) ? event[index] : property(event, key);
    if (typeof found === "string" || typeof found === "number") return String(found);
    return refuse(`${where}, event ${i + 1}`, "no such part", `a ${key}`);
  };
  const times = events.map((event, i) => timeCell(part(event, i, 0, time), `${where}, ${time}`));
  const fields = new Map<string, Float64Array>();
  if (amount) {
    const amounts = events.map((event, i) =>
      numberCell(part(event, i, 1, "amount"), `${where}, amount`),
    );
    fields.set("amount", Float64Array.from(amounts));
  }
  return { times: Float64Array.from(times), fields };
}

function property(event: unknown, key: string): unknown {
  if (typeof event !== "object" || event === null || !Object.hasOwn(event, key)) return undefined;
  return Reflect.get(event, key);
}

function refuse(where: string, got: string, expected: string): never {
  const fix = "Give one value for each kept column, by its key under data.columns.";
  throw new ScenarioError({ what: "row", where, got, expected, fix });
}
