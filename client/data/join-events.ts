/** A table of events → persons: the rows of one person joined on the column that names them. */

import { eventLogColumn } from "../../shared/contract/check.ts";
import {
  type Contract,
  type ContractColumn,
  type EventLogColumn,
  type RecodedColumn,
  recodedColumns,
} from "../../shared/contract/contract.ts";
import { compileFormula } from "../../shared/contract/formula/compile.ts";
import { type Recoder, recoder } from "../anonymize/recode.ts";
import {
  isEmptyCell,
  numberCell,
  refuseCell,
  textOf,
  valueCell,
  type Where,
} from "../persons/cells.ts";
import type { PersonPlace, PersonPlacer } from "../persons/person-place.ts";
import type { RawLog, RawPerson } from "../persons/raw-person.ts";
import { timeCell } from "../persons/time-cell.ts";
import type { Cell, SourceRow, TableSource, Value } from "../source/table-source.ts";

export type EventTable = Extract<Contract["table"], { kind: "events" }>;

/** By what rows of one person are known; a pseudonym, or the identifier itself while the join lasts. */
export type PersonKey = (cell: Cell, where: Where) => string;

/** A person while their rows come in. */
interface Gathered {
  readonly line: number;
  readonly place: PersonPlace | undefined;
  readonly times: number[];
  readonly fields: readonly number[][];
  /** Of each joined column: the cell of the earliest row before the cut-off, and its time. */
  readonly first: { timeMs: number; cell: Value }[];
}

/**
 * Persons in the order of their first rows. Only joined columns and the log are carried: an account
 * number of a single row belongs to no person as a whole.
 *
 * @param path for messages
 * @param personKey by default the identifier itself; it throws for a cell that names nobody
 * @param placeOf where the person of a cell stands; undefined: nobody asks
 */
export class EventJoin {
  readonly #people = new Map<string, Gathered>();
  readonly #path: string;
  readonly #columns: readonly ContractColumn[];
  readonly #joined: readonly RecodedColumn[];
  readonly #personKey: PersonKey;
  readonly #placeOf: PersonPlacer | undefined;
  readonly #isPerson: (column: ContractColumn) => boolean;
  readonly #cells: RowCells;
  #rows = 0;

  constructor(
    { header, typed }: Pick<TableSource, "header" | "typed">,
    table: EventTable,
    columns: readonly ContractColumn[],
    path: string,
    personKey: PersonKey = namedBy,
    placeOf?: PersonPlacer,
  ) {
    this.#path = path;
    this.#columns = columns;
    this.#joined = recodedColumns(columns);
    this.#personKey = personKey;
    this.#placeOf = placeOf;
    this.#isPerson = ({ from }) => from === table.person;
    this.#cells = rowCells(header, typed, table, columns, this.#joined);
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  add(row: SourceRow): void {
    this.#rows++;
    const { person, time, fields, joined, log, table, category, isEvent } = this.#cells;
    const cell = (at: number) => row.cells[at] ?? null;
    const place = (column: string) => () => `${this.#path}, line ${row.line}, ${column}`;
    const key = this.#personKey(cell(person), place(table.person));
    const gathered = this.#people.get(key) ?? this.#newlyGathered(row);
    this.#people.set(key, gathered);
    const timeMs = timeCell(cell(time), place(table.time), log.format);
    const numbers = fields.map(({ at, name }) =>
      numberCell(cell(at), place(name), this.#cells.typed),
    );
    for (const [i, at] of joined.entries()) {
      const value = valueCell(cell(at), () => place(this.#joined[i]?.from ?? "")());
      takeFirst(gathered, i, value, timeMs, log);
    }
    if (!isEvent(numbers)) return;
    const recoded = category
      ? [Number(category.recode(cell(category.at), place(category.from)))]
      : [];
    // Whole or not at all: a row that is refused may be set aside, and its person go on.
    gathered.times.push(timeMs);
    for (const [i, number] of [...numbers, ...recoded].entries()) gathered.fields[i]?.push(number);
  }

  *people(): Generator<RawPerson> {
    const { table, category } = this.#cells;
    const names = [...table.fields, ...(category ? ["category"] : [])];
    const places = this.#columns.map((column) =>
      this.#joined.findIndex(({ name }) => name === column.name),
    );
    const person = this.#columns.findIndex(this.#isPerson);
    for (const [id, { line, place, times, fields, first }] of this.#people) {
      const cells = places.map((at, i) => (i === person ? id : (first[at]?.cell ?? null)));
      const log: RawLog = {
        times: Float64Array.from(times),
        fields: new Map(names.map((name, i) => [name, Float64Array.from(fields[i] ?? [])])),
      };
      yield { source: this.#path, line, place, cells, logs: new Map([[table.log, log]]) };
    }
  }

  #newlyGathered({ line, cells }: SourceRow): Gathered {
    const { table, category, joined, person } = this.#cells;
    const where = () => `${this.#path}, line ${line}, ${table.person}`;
    return {
      line,
      place: this.#placeOf?.(cells[person] ?? null, where),
      times: [],
      fields: Array.from({ length: table.fields.length + Number(category !== null) }, () => []),
      first: joined.map(() => ({ timeMs: Number.POSITIVE_INFINITY, cell: null })),
    };
  }
}

/** Rows that name nobody would all be one person's, who is none. */
export function namedBy(cell: Cell, where: Where): string {
  if (isEmptyCell(cell))
    refuseCell("data.missingIdentifier", where, "an empty cell", "an identifier");
  return textOf(valueCell(cell, where));
}

/** Where in a row the parts of an event stand. */
interface RowCells {
  readonly table: EventTable;
  readonly log: EventLogColumn;
  readonly typed: boolean;
  readonly person: number;
  readonly time: number;
  readonly fields: readonly { readonly at: number; readonly name: string }[];
  readonly joined: readonly number[];
  readonly category: {
    readonly at: number;
    readonly from: string;
    readonly recode: Recoder;
  } | null;
  readonly isEvent: (fields: readonly number[]) => boolean;
}

function rowCells(
  header: readonly string[],
  typed: boolean,
  table: EventTable,
  columns: readonly ContractColumn[],
  joined: readonly RecodedColumn[],
): RowCells {
  const index = (raw: string) => header.indexOf(raw);
  const log = eventLogColumn(columns, table.log);
  if (!log) throw new TypeError(`unchecked contract: no log ${table.log}`);
  const { category } = log;
  return {
    table,
    log,
    typed,
    person: index(table.person),
    time: index(table.time),
    fields: table.fields.map((name) => ({ at: index(name), name })),
    joined: joined.map(({ from }) => index(from)),
    category: category && {
      at: index(category.from),
      from: category.from,
      recode: recoder(category.recoding, typed),
    },
    isEvent: eventFilter(table),
  };
}

/** Rows at or after the cut-off are not looked at: when somebody comes back is the label. */
function takeFirst(
  { first }: Gathered,
  column: number,
  cell: Value,
  timeMs: number,
  { cutOffMs }: EventLogColumn,
): void {
  const known = first[column];
  if (!known || timeMs >= cutOffMs) return;
  // Equal times are decided by the text, never by the order of the file.
  const earlier = timeMs === known.timeMs && textOf(cell) < textOf(known.cell);
  if (timeMs < known.timeMs || earlier) first[column] = { timeMs, cell };
}

/** Whether a row is an event, by its own fields alone. */
function eventFilter({ where, fields }: EventTable): (numbers: readonly number[]) => boolean {
  if (!where) return () => true;
  const keeps = compileFormula(where.postfix);
  const values = new Map<string, number>();
  const row = { values, logs: new Map() };
  return (numbers) => {
    for (const [i, field] of fields.entries()) values.set(field, numbers[i] ?? Number.NaN);
    return keeps(row) !== 0;
  };
}
