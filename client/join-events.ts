/** A table of events → persons: the rows of one person joined on the column that names them. */
import type { Contract, ContractColumn, EventLogColumn } from "../shared/contract/contract.ts";
import { runFormula } from "../shared/contract/formula.ts";
import { numberCell, timeCell } from "./cells.ts";
import type { CsvRow, CsvTable } from "./csv.ts";
import type { RawPerson } from "./raw-person.ts";

export type EventTable = Extract<Contract["table"], { kind: "events" }>;

/** A person while their rows come in. */
interface Gathered {
  readonly line: number;
  readonly times: number[];
  readonly fields: readonly number[][];
  /** Of each joined column: the cell of the earliest row before the cut-off, and its time. */
  readonly first: { timeMs: number; cell: string }[];
}

/**
 * Persons in the order of their first rows. Only joined columns and the log are carried: an account
 * number of a single row belongs to no person as a whole.
 *
 * @param log the contract's column for `table.log`
 */
export function joinEvents(
  csv: CsvTable,
  table: EventTable,
  columns: readonly ContractColumn[],
  log: EventLogColumn,
  path: string,
): RawPerson[] {
  const index = (raw: string) => csv.header.indexOf(raw);
  const [person, time] = [index(table.person), index(table.time)];
  const fields = table.fields.map(index);
  const joined = columns.filter(({ role }) => role === "quasiIdentifier");
  const joinedIndex = joined.map(({ from }) => index(from));
  const people = new Map<string, Gathered>();
  for (const row of csv.rows) {
    const cell = (at: number) => row.cells[at] ?? "";
    const place = `${path}, line ${row.line}`;
    const gathered = people.get(cell(person)) ?? newlyGathered(row, fields.length, joined.length);
    people.set(cell(person), gathered);
    const timeMs = timeCell(cell(time), `${place}, ${table.time}`);
    const numbers = fields.map((at, i) => numberCell(cell(at), `${place}, ${table.fields[i]}`));
    for (const [i, at] of joinedIndex.entries()) takeFirst(gathered, i, cell(at), timeMs, log);
    if (!isEvent(table, numbers)) continue;
    gathered.times.push(timeMs);
    for (const [i, number] of numbers.entries()) gathered.fields[i]?.push(number);
  }
  const key = columns.find(({ from }) => from === table.person)?.name ?? table.person;
  return [...people].map(([id, gathered]) => {
    const cells = joined.map(({ name }, i): [string, string] => [
      name,
      gathered.first[i]?.cell ?? "",
    ]);
    return {
      place: `${path}, line ${gathered.line}`,
      values: new Map([[key, id], ...cells]),
      logs: new Map([[table.log, rawLog(gathered, table.fields)]]),
    };
  });
}

function newlyGathered({ line }: CsvRow, fields: number, joined: number): Gathered {
  return {
    line,
    times: [],
    fields: Array.from({ length: fields }, () => []),
    first: Array.from({ length: joined }, () => ({ timeMs: Infinity, cell: "" })),
  };
}

/** Rows at or after the cut-off are not looked at: when somebody comes back is the label. */
function takeFirst(
  { first }: Gathered,
  column: number,
  cell: string,
  timeMs: number,
  { cutOffMs }: EventLogColumn,
): void {
  const known = first[column];
  if (!known || timeMs >= cutOffMs) return;
  // Equal times are decided by the text, never by the order of the file.
  if (timeMs < known.timeMs || (timeMs === known.timeMs && cell < known.cell))
    first[column] = { timeMs, cell };
}

function isEvent({ where, fields }: EventTable, numbers: readonly number[]): boolean {
  if (!where) return true;
  const values = new Map(fields.map((field, i) => [field, numbers[i] ?? NaN]));
  return runFormula(where.postfix, { values, logs: new Map() }) !== 0;
}

function rawLog({ times, fields }: Gathered, names: readonly string[]) {
  return {
    times: Float64Array.from(times),
    fields: new Map(names.map((name, i) => [name, Float64Array.from(fields[i] ?? [])])),
  };
}
