/** IO, stage 1: the source → persons as they are, read once. Nothing is anonymized yet. */
import type { Contract, ContractColumn } from "../shared/contract/contract.ts";
import { eventLogColumn } from "../shared/contract/contract-check.ts";
import { ScenarioError } from "../shared/errors.ts";
import type { DataAssignment } from "./assignment.ts";
import { refuseCell } from "./cells.ts";
import { type CsvTable, readCsv } from "./csv.ts";
import { type Customer, generatePurchases, PURCHASES_COLUMNS } from "./generators/purchases.ts";
import { joinEvents } from "./join-events.ts";
import type { RawLog, RawPerson } from "./raw-person.ts";

export interface Collected {
  readonly people: readonly RawPerson[];
  /** Held-out people of a generator; those of a file are split off later, by person. */
  readonly heldOut: readonly RawPerson[];
  /** Rows and columns of the source itself. */
  readonly records: number;
  readonly recordColumns: readonly string[];
  /** Columns of the contract that a person has. */
  readonly columns: readonly string[];
}

/** @throws ScenarioError where source and contract differ, or a cell cannot be read */
export async function collect(contract: Contract, assignment: DataAssignment): Promise<Collected> {
  const { file } = assignment.source;
  return file === undefined
    ? collectGenerated(contract, assignment)
    : collectFile(contract, assignment, file);
}

function collectGenerated(contract: Contract, assignment: DataAssignment): Collected {
  const { source, seed, heldOut } = assignment;
  const { columns } = contract;
  checkColumns(PURCHASES_COLUMNS, contract, "the generator purchases");
  const log = columns.find(({ from }) => from === "purchaseHistory");
  if (log?.role !== "eventLog" || log.time !== "date")
    return refuseColumn("purchaseHistory", "another role", "role: eventLog, time: date");
  const draw = (count: number, purpose: "person" | "heldOut") =>
    generatePurchases(seed, count, purpose).map((customer, i) =>
      rawCustomer(customer, columns, `generated ${purpose} ${i}`),
    );
  const people = draw(source.rows ?? 0, "person");
  return {
    people,
    heldOut: heldOut ? draw(source.testRows ?? 0, "heldOut") : [],
    records: people.length,
    recordColumns: PURCHASES_COLUMNS,
    columns: columns.map(({ name }) => name),
  };
}

function rawCustomer(
  customer: Customer,
  columns: readonly ContractColumn[],
  place: string,
): RawPerson {
  const { name, email, age, location, times, amounts } = customer;
  const cells = new Map([
    ["name", name],
    ["email", email],
    ["age", String(age)],
    ["location", location],
  ]);
  const values = new Map<string, string>();
  const logs = new Map<string, RawLog>();
  for (const column of columns) {
    if (column.role === "eventLog")
      logs.set(column.name, { times, fields: new Map([["amount", amounts]]) });
    else values.set(column.name, cells.get(column.from) ?? "");
  }
  return { place, values, logs };
}

async function collectFile(
  contract: Contract,
  { folder }: DataAssignment,
  path: string,
): Promise<Collected> {
  const csv = await readCsv(folder, path);
  checkColumns(csv.header, contract, path);
  const { table, columns } = contract;
  const source = { heldOut: [], records: csv.rows.length, recordColumns: csv.header };
  if (table.kind === "people") {
    const people = peopleRows(csv, columns, path);
    if (table.person !== null) checkOneRowEach(people, table.person, columns);
    return { ...source, people, columns: columns.map(({ name }) => name) };
  }
  const log = eventLogColumn(columns, table.log);
  if (!log) throw new TypeError(`unchecked contract: no log ${table.log}`);
  const carried = columns.filter(
    ({ role, from }) => role === "quasiIdentifier" || role === "eventLog" || from === table.person,
  );
  const people = joinEvents(csv, table, columns, log, path);
  return { ...source, people, columns: carried.map(({ name }) => name) };
}

function peopleRows(csv: CsvTable, columns: readonly ContractColumn[], path: string): RawPerson[] {
  const at = columns.map(({ name, from }): [string, number] => [name, csv.header.indexOf(from)]);
  return csv.rows.map(({ line, cells }) => ({
    place: `${path}, line ${line}`,
    values: new Map(at.map(([name, index]) => [name, cells[index] ?? ""])),
    logs: new Map(),
  }));
}

/** A second row would double what one person can contribute. */
function checkOneRowEach(
  people: readonly RawPerson[],
  person: string,
  columns: readonly ContractColumn[],
): void {
  const key = columns.find(({ from }) => from === person)?.name ?? person;
  const seen = new Set<string>();
  for (const { values, place } of people) {
    const id = values.get(key) ?? "";
    if (seen.has(id))
      refuseCell("data.duplicatePerson", `${place}, ${key}`, "a second row", "one row a person");
    seen.add(id);
  }
}

/** Every column is declared, and every declared one is there; neither side is guessed at. */
function checkColumns(header: readonly string[], { table, columns }: Contract, path: string): void {
  const events = table.kind === "events" ? table : null;
  const declared = columns.flatMap(({ role, from }) =>
    events && role === "eventLog" ? [events.time, ...events.fields] : [from],
  );
  const undeclared = header.find((name) => !declared.includes(name));
  if (undeclared !== undefined)
    refuseColumn(undeclared, `a column of ${path}`, "its role under data.columns", "undeclared");
  const missing = declared.find((name) => !header.includes(name));
  if (missing !== undefined)
    refuseColumn(missing, `no such column in ${path}`, "a column of that name", "missing");
}

function refuseColumn(
  column: string,
  got: string,
  expected: string,
  fault: "undeclared" | "missing" = "missing",
): never {
  throw new ScenarioError({
    what: `data.${fault}Column`,
    where: `data.columns, ${column}`,
    got,
    expected,
    fix: "Make data.columns and the source name the same columns; from: gives a raw name.",
  });
}
