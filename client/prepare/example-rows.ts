/**
 * The first people of a source on their way through the stages, in words: for the report of a run on
 * generated or public rows, and of no other.
 */
import type { Contract } from "../../shared/contract/contract.ts";
import { isFormulaFeature } from "../../shared/contract/feature.ts";
import { shown } from "../../shared/errors.ts";
import { keptColumns, readablePerson } from "../anonymize/anonymizer.ts";
import { personReader } from "../anonymize/table.ts";
import type { Collected } from "../data/collect.ts";
import type { PeopleTable } from "../data/people-table.ts";
import { preparedPerson } from "../features/engineer.ts";
import { NO_EVENTS, type RawLog, type RawPerson } from "../persons/raw-person.ts";

/** People of whom a page shows every stage. */
export const EXAMPLES = 3;
/** Events of a log that a cell shows. */
const EVENTS = 2;
const MS_PER_DAY = 86_400_000;

/** Rows of each stage, by the columns that come out of it. */
export interface ExampleRows {
  readonly collect: string[][];
  readonly anonymize: string[][];
  readonly engineer: string[][];
}

/** The source again, and the `count` people that came first, once it has been through. */
export function watchFirst(
  source: Collected,
  count: number,
): { readonly source: Collected; readonly first: readonly RawPerson[] } {
  const first: RawPerson[] = [];
  async function* people() {
    for await (const batch of source.people) {
      if (first.length < count) first.push(...batch.slice(0, count - first.length));
      yield batch;
    }
  }
  return { source: { ...source, people: people() }, first };
}

/** @param first of the people, in the table's order; images are no words, and leave no rows */
export function exampleRows(
  first: readonly RawPerson[],
  columns: readonly string[],
  { table }: PeopleTable,
  contract: Contract,
): ExampleRows | undefined {
  if (first.length === 0 || !contract.features.every(isFormulaFeature)) return undefined;
  const person = personReader(table);
  const kept = keptColumns(contract).map(({ name }) => name);
  return {
    collect: first.map((raw) => columns.map((name) => rawCell(raw, name, contract))),
    anonymize: first.map((_, row) => {
      const readable = readablePerson(person(row), contract.columns);
      return kept.map((name) => keptCell(readable[name]));
    }),
    engineer: first.map((_, row) =>
      preparedPerson(person(row), kept, contract).features.map(({ value }) =>
        shown(typeof value === "number" ? Number(value.toPrecision(4)) : value),
      ),
    ),
  };
}

function rawCell({ cells, logs }: RawPerson, name: string, { columns }: Contract): string {
  const at = columns.findIndex((column) => column.name === name);
  if (columns[at]?.role === "eventLog") return rawLog(logs.get(name) ?? NO_EVENTS);
  return shown(cells[at] ?? "");
}

/** The newest events, each with its day; the last one may lie beyond the cut-off. */
function rawLog({ times, fields }: RawLog): string {
  const order = [...times.keys()].sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));
  return events(order.length, (i) => {
    const at = order[i] ?? 0;
    const day = new Date(Math.floor((times[at] ?? 0) / MS_PER_DAY) * MS_PER_DAY);
    return [day.toISOString().slice(0, 10), ...[...fields.values()].map((field) => field[at])];
  });
}

function keptCell(value: unknown): string {
  if (!Array.isArray(value)) return shown(value ?? "");
  return events(value.length, (i) => {
    const [days, ...rest]: unknown[] = value[i] ?? [];
    return [`${Number(days)} days before`, ...rest];
  });
}

function events(count: number, event: (i: number) => readonly unknown[]): string {
  if (count === 0) return "no events";
  const told = Array.from({ length: Math.min(EVENTS, count) }, (_, i) => event(i).join(" · "));
  return shown(`${told.join("; ")}${count > EVENTS ? `; … ${count} in all` : ""}`);
}
