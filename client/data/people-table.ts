/** Stages 1 and 2 of everybody in a source: collect → anonymize, row by row, into one table of columns. */
import {
  type EventLogColumn,
  rowsPerPersonOf,
  type TableContract,
} from "../../shared/contract/contract.ts";
import { compileFormula } from "../../shared/contract/formula/compile.ts";
import type { ClientStage } from "../../shared/events/host-report.ts";
import { StageTimer } from "../../shared/stage-timer.ts";
import { cellFaults } from "../anonymize/cell-faults.ts";
import { eventsLeftOut as countLeftOut } from "../anonymize/event-log.ts";
import { type AnonymizedTable, personReader } from "../anonymize/table.ts";
import { TableBuilder } from "../anonymize/table-builder.ts";
import { Growing } from "../persons/growing.ts";
import { GrowingPlaces, type PersonPlaces } from "../persons/person-places.ts";
import { chosenRows, GrowingPersonRows, type PersonRows } from "../persons/person-rows.ts";
import { NO_EVENTS, type RawPerson } from "../persons/raw-person.ts";
import type { Collected } from "./collect.ts";
import { labeller } from "./label.ts";
import type { RowsAside } from "./rows-aside.ts";

export interface PeopleTable {
  readonly table: AnonymizedTable;
  /** [rows]: what only training and evaluation may read, numbers of classes, or a number in its own units. */
  readonly labels: Float64Array;
  /**
   * [rows]: 0 for a person outside the population, or set aside, who keeps its place and adds nothing; and
   * for a row beyond those that are used of its person.
   */
  readonly counted: Uint8Array;
  /** [rows]: events before the cut-off that the logs' rules leave out. */
  readonly eventsLeftOut: Int32Array;
  /** [rows]: which of the sources a person came from. */
  readonly sourceOf: Int32Array;
  /** Where the rows' persons stand; null: no column names them, and they go by their lines. */
  readonly places: PersonPlaces | null;
  /** Whose each row is, where a person may have several; null: each is somebody else's. */
  readonly persons: PersonRows | null;
}

/** The columns whose raw cells are told apart, so that risks before recoding can be told. */
export function riskColumns({
  columns,
  target,
  anonymity,
}: Pick<TableContract, "columns" | "target" | "anonymity">): Set<string> {
  const risky = columns.filter(({ role }) => role === "quasiIdentifier" || role === "sensitive");
  const names = [...risky.map(({ name }) => name), ...anonymity.sensitive];
  return new Set(target && "column" in target ? [...names, target.column] : names);
}

/**
 * @param sources one, or a file a client
 * @param rawOf as of `riskColumns`; empty where nobody asks for risks
 * @param clock on which both stages are told apart, though they take turns
 * @throws ScenarioError for cells that the contract has no place for, of a source that sets none aside
 */
export async function gatherPeople(
  contract: TableContract,
  sources: readonly Collected[],
  rawOf: ReadonlySet<string>,
  clock = new StageTimer<ClientStage>(),
): Promise<PeopleTable> {
  const builder = new TableBuilder(contract.columns, rawOf);
  const logs = contract.columns.flatMap((column) => (column.role === "eventLog" ? [column] : []));
  const facts = new PeopleFacts(logs);
  for (const [index, { people, typed, pseudonyms, aside }] of sources.entries()) {
    const label = labelsOf(contract, aside);
    const faults = cellFaults(contract.columns, typed, pseudonyms, label);
    const take = taker(builder, builder.adder(typed, pseudonyms), label, faults, aside);
    for await (const batch of people) {
      clock.lap("collect");
      for (const person of batch) facts.push(person, take(person), index);
      clock.lap("anonymize");
    }
    facts.persons.nextSource();
    clock.lap("collect");
  }
  const table = builder.finish();
  const persons = facts.persons.take(rowsPerPersonOf(contract), table.rows);
  const counted = inPopulation(table, contract, facts.unusable);
  return {
    table,
    labels: facts.labels.take(),
    counted: persons ? chosenRows(persons, counted) : counted,
    eventsLeftOut: facts.eventsLeftOut.take(),
    sourceOf: facts.sourceOf.take(),
    places: facts.places.take(table.rows),
    persons,
  };
}

/** Of rows that are set aside, which are private, no message says what a label is. */
function labelsOf(
  { target, columns }: TableContract,
  aside: RowsAside | undefined,
): (person: RawPerson) => number {
  return target ? labeller({ target, columns }, aside?.refuses !== false) : () => 0;
}

/** What is noted of each person beside the table, row by row. */
class PeopleFacts {
  readonly labels = new Growing<Float64Array<ArrayBuffer>>((length) => new Float64Array(length));
  readonly eventsLeftOut = new Growing<Int32Array<ArrayBuffer>>((length) => new Int32Array(length));
  readonly sourceOf = new Growing<Int32Array<ArrayBuffer>>((length) => new Int32Array(length));
  readonly places = new GrowingPlaces();
  readonly persons = new GrowingPersonRows();
  readonly unusable = new Set<number>();
  #row = 0;
  readonly #logs: readonly EventLogColumn[];

  constructor(logs: readonly EventLogColumn[]) {
    this.#logs = logs;
  }

  /** @param label undefined: nothing of the person can be used */
  push(person: RawPerson, label: number | undefined, source: number): void {
    if (label === undefined) this.unusable.add(this.#row);
    this.#row += 1;
    this.labels.push(label ?? 0);
    this.eventsLeftOut.push(label === undefined ? 0 : leftOut(person, this.#logs));
    this.sourceOf.push(source);
    if (person.place) this.places.push(person.place);
    if (person.row) this.persons.push(person.row);
  }
}

/**
 * Takes a person into the table and gives the label; undefined where nothing of the person can be used:
 * nobody stands in that place then, and `aside` has taken note.
 *
 * @param aside undefined: what cannot be used is refused
 */
function taker(
  builder: TableBuilder,
  add: (person: RawPerson) => void,
  label: (person: RawPerson) => number,
  faults: (person: RawPerson) => unknown[],
  aside: RowsAside | undefined,
): (person: RawPerson) => number | undefined {
  return (person) => {
    if (person.aside) return builder.addNobody();
    const before = builder.rows;
    try {
      add(person);
      return label(person);
    } catch (error) {
      if (!aside) throw error;
      const all = faults(person);
      aside.add(person.line, all.length > 0 ? all : [error]);
      if (builder.rows > before) builder.takeBack();
      return builder.addNobody();
    }
  };
}

/** Everybody who can be used, unless the contract says who; it reads what features read. */
function inPopulation(
  table: AnonymizedTable,
  { where }: Pick<TableContract, "where">,
  unusable: ReadonlySet<number>,
): Uint8Array {
  const counted = new Uint8Array(table.rows).fill(1);
  for (const row of unusable) counted[row] = 0;
  if (where === null) return counted;
  const [person, counts] = [personReader(table), compileFormula(where.postfix)];
  return counted.map((one, row) => (one === 0 || counts(person(row)) === 0 ? 0 : 1));
}

function leftOut(person: RawPerson, logs: readonly EventLogColumn[]): number {
  return logs.reduce(
    (sum, column) => sum + countLeftOut(person.logs.get(column.name) ?? NO_EVENTS, column),
    0,
  );
}

/** Of those rows, the ones that count. */
export function countedRows({ counted }: PeopleTable, rows: Int32Array): Int32Array {
  const those = new Int32Array(rows.length);
  let count = 0;
  for (const row of rows) if (counted[row] !== 0) those[count++] = row;
  return those.slice(0, count);
}

/** 0, 1, … */
export function allRows({ table }: PeopleTable): Int32Array {
  return new Int32Array(table.rows).map((_, row) => row);
}
