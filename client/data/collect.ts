/** IO, stage 1: the source → persons as they are, streamed once. Nothing is anonymized yet. */
import type { EventLogColumn } from "../../shared/contract/contract.ts";
import type { ScenarioSource } from "../../shared/scenario/data-schema.ts";
import type { Recoder } from "../anonymize/recode.ts";
import { refuseCell, type Where } from "../persons/cells.ts";
import type { PersonPlace, PersonPlacer } from "../persons/person-place.ts";
import type { PersonRow } from "../persons/person-rows.ts";
import { cellPlace, type RawLog, type RawPerson } from "../persons/raw-person.ts";
import type { MemoryFiles } from "../source/memory-files.ts";
import type { Cell, SourceRow, TableSource } from "../source/table-source.ts";
import { checkColumns, checkImages, type SourceContract } from "./declared-columns.ts";
import { eventsInCell } from "./event-list.ts";
import { EventJoin, namedBy, type PersonKey } from "./join-events.ts";
import type { NamedPersons } from "./person-keys.ts";
import { RowsAside } from "./rows-aside.ts";

export interface Collected {
  /** Once through, in the source's order, in batches. */
  readonly people: AsyncIterable<readonly RawPerson[]>;
  /** True where cells have types of their own. */
  readonly typed: boolean;
  /** Of the columns that keep one, by name. */
  readonly pseudonyms: ReadonlyMap<string, Recoder>;
  /** Columns of the source itself. */
  readonly recordColumns: readonly string[];
  /** Columns of the contract that a person has. */
  readonly columns: readonly string[];
  /** Rows of the source, once `people` has been through. */
  readonly records: () => number;
  /** Takes note of rows that cannot be used; undefined: there can be none but by a bug. */
  readonly aside?: RowsAside | undefined;
}

/** What sees each row as it is read: the scanner, for one. */
export type RowWatcher = (header: readonly string[]) => (row: SourceRow) => void;

export interface CollectOptions {
  readonly watch?: RowWatcher | undefined;
  /** By what rows of one person are joined; the identifier itself unless given. */
  readonly personKey?: PersonKey | undefined;
  /** How rows name their persons: who is who, and where each stands. Undefined: by their lines. */
  readonly person?: NamedPersons | undefined;
  /** By the name of the column: a cell to the pseudonym that is kept of it. */
  readonly pseudonyms?: ReadonlyMap<string, Recoder> | undefined;
  /** Where rows that cannot be used are noted; absent: all are refused, once the file has been read. */
  readonly aside?: RowsAside | undefined;
  /** Are read in the place of files of their names. */
  readonly memory?: MemoryFiles | undefined;
}

/**
 * @param folder the scenario's, absolute: no path of the source may leave it
 * @throws ScenarioError where file and contract differ; or, at the end of `people`, where cells cannot be read, unless their rows are set aside
 */
export async function collectFile(
  contract: SourceContract,
  source: Pick<ScenarioSource, "header" | "delimiter" | "decimal" | "missing">,
  folder: string,
  path: string,
  options: CollectOptions = {},
): Promise<Collected> {
  const { openTable } = await import("../source/open-table.ts");
  const { aside = new RowsAside(true), memory } = options;
  const table = await openTable(folder, path, {
    ...(source.header && { header: source.header }),
    delimiter: source.delimiter,
    decimal: source.decimal,
    keepsFaulty: true,
    mayBeEmpty: !aside.refuses,
    memory,
  });
  // An empty file, which is no fault where rows may be set aside, names no columns.
  if (table.header.length > 0) checkColumns(table.header, contract, path);
  checkImages(table, contract, path);
  let records = 0;
  const watch = options.watch?.(table.header);
  async function* rows() {
    for await (const batch of withoutMarks(table.batches, source.missing)) {
      records += batch.length;
      if (watch) for (const row of batch) watch(row);
      yield batch;
    }
  }
  const { columns } = contract;
  const { person, personKey } = options;
  const placeOf: PersonPlacer | undefined =
    person && ((cell, where) => person.place(person.spell(cell, where)));
  const events = contract.table.kind === "events" ? contract.table : null;
  const carried = columns.filter(
    ({ role, from }) =>
      !events || from === events.person || !["directIdentifier", "drop", "target"].includes(role),
  );
  return {
    people: events
      ? joinedPeople(rows(), aside, new EventJoin(table, events, columns, path, personKey, placeOf))
      : tablePeople(rows(), contract, table, path, person, aside),
    typed: table.typed,
    pseudonyms: options.pseudonyms ?? new Map(),
    recordColumns: table.header,
    columns: carried.map(({ name }) => name),
    records: () => records,
    aside,
  };
}

/** Rows in which a cell that holds a mark of what is missing is empty. */
export async function* withoutMarks(
  batches: AsyncIterable<readonly SourceRow[]>,
  missing: ScenarioSource["missing"] = [],
): AsyncGenerator<readonly SourceRow[]> {
  const marks: readonly Cell[] = typeof missing === "string" ? [missing] : missing;
  for await (const batch of batches)
    yield marks.length === 0 ? batch : batch.map((row) => withoutMark(row, marks));
}

function withoutMark(row: SourceRow, marks: readonly Cell[]): SourceRow {
  if (!row.cells.some((cell) => marks.includes(cell))) return row;
  return { ...row, cells: row.cells.map((cell) => (marks.includes(cell) ? null : cell)) };
}

async function* joinedPeople(
  rows: AsyncIterable<readonly SourceRow[]>,
  aside: RowsAside,
  join: EventJoin,
): AsyncGenerator<readonly RawPerson[]> {
  for await (const batch of rows)
    for (const row of batch) orAside(aside, row, () => join.add(readable(row)));
  yield [...join.people()];
  // What took these has noted by now what cannot be used of them.
  aside.refuse();
}

async function* tablePeople(
  rows: AsyncIterable<readonly SourceRow[]>,
  { columns, table }: SourceContract,
  { header }: TableSource,
  source: string,
  person: NamedPersons | undefined,
  aside: RowsAside,
): AsyncGenerator<readonly RawPerson[]> {
  const places = columns.map(({ from }) => header.indexOf(from));
  const logs = columns.flatMap((column, i) => (column.role === "eventLog" ? [{ column, i }] : []));
  const key = columns.findIndex(({ from }) => from === table.person);
  const spell = person?.spell ?? namedBy;
  const several = table.kind === "people" && table.rowsPerPerson !== undefined;
  const numberOf = several ? person?.rowNumbers() : undefined;
  const seen = new Set<string>();
  for await (const batch of rows) {
    yield batch.flatMap((row): RawPerson[] => {
      const { line, cells: given } = row;
      const cells = places.map((at) => given[at] ?? null);
      const bare = { source, line, cells, logs: NO_LOGS };
      const name = columns[key]?.name;
      let place: PersonPlace | undefined;
      let numbered: PersonRow | undefined;
      const read = (): RawPerson => {
        readable(row);
        if (name !== undefined) {
          const where = () => cellPlace(bare, name);
          const id = spell(cells[key] ?? null, where);
          if (!several) checkNew(seen, id, where);
          numbered = numberOf?.(id, cells.toSpliced(key, 1));
          place = person?.place(id);
        }
        const own = { place, row: numbered };
        return { ...bare, ...own, ...(logs.length > 0 && { logs: listedLogs(bare, logs) }) };
      };
      const whole = orAside(aside, row, read);
      if (whole) return [whole];
      // A row that names nobody, or somebody twice, has no place of its own to keep.
      return person && !place ? [] : [{ ...bare, place, row: numbered, aside: true as const }];
    });
  }
  aside.refuse();
}

/** The row itself. @throws ScenarioError its fault */
function readable(row: SourceRow): SourceRow {
  if (row.fault) throw row.fault;
  return row;
}

/** What `read` gives; undefined where it refuses a row, of which `aside` has then taken note. */
function orAside<T>(aside: RowsAside, { line }: SourceRow, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    aside.add(line, [error]);
    return undefined;
  }
}

const NO_LOGS: ReadonlyMap<string, RawLog> = new Map();

function listedLogs(
  person: RawPerson,
  logs: readonly { readonly column: EventLogColumn; readonly i: number }[],
): ReadonlyMap<string, RawLog> {
  return new Map(
    logs.map(({ column, i }) => {
      const where = cellPlace(person, column.name);
      return [column.name, eventsInCell(person.cells[i] ?? null, column, where)] as const;
    }),
  );
}

const SEVERAL =
  "Remove it; where a person may have several rows, say privacy.rowsPerPerson: how many of them count.";

/** A second row would double what one person can contribute. */
function checkNew(seen: Set<string>, id: string, where: Where): void {
  if (!seen.has(id)) seen.add(id);
  else refuseCell("data.duplicatePerson", where, "a second row", "one row a person", SEVERAL);
}
