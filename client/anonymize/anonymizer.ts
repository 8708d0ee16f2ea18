/** Stage 2: a raw person → what may be engineered, by the contract alone and each person apart. */
import type { Contract, ContractColumn } from "../../shared/contract/contract.ts";
import type { FormulaPerson } from "../../shared/contract/formula/formula.ts";
import { isTextRecoding } from "../../shared/contract/text-rules/rules.ts";
import { cellPlace, NO_EVENTS, type RawPerson } from "../persons/raw-person.ts";
import type { Value } from "../source/table-source.ts";
import { anonymizeLog } from "./event-log.ts";
import { imageKeeper, type Recoder, readable, recoder } from "./recode.ts";

/** What is left of a person: numbers and logs that formulas may read, text and images that they may not. */
export interface AnonymizedPerson extends FormulaPerson {
  /** Columns of an open domain, as they are kept. */
  readonly texts: ReadonlyMap<string, Value>;
  /** Their bytes. */
  readonly images: ReadonlyMap<string, Uint8Array>;
}

/** Columns of the anonymized table, in the contract's order. */
export function keptColumns({ columns }: Pick<Contract, "columns">): ContractColumn[] {
  return columns.filter(
    (column) => "recoding" in column || column.role === "eventLog" || isKeptPseudonym(column),
  );
}

/** True for a direct identifier whose pseudonym stays once rows are joined. */
export function isKeptPseudonym(column: ContractColumn): boolean {
  return (
    column.role === "directIdentifier" && column.action === "pseudonym" && !column.dropAfterJoin
  );
}

/**
 * Nothing of a person outlives it but what kept columns make of their own cells: neither identifiers,
 * nor the label, nor what is declared unwanted.
 *
 * @param typed true where the source's cells have types of their own
 * @param pseudonyms of the columns that keep one; where none is given, nothing is kept
 * @returns a pure function: recode, and event logs cut off and capped
 */
export function anonymizer(
  columns: readonly ContractColumn[],
  typed = false,
  pseudonyms: ReadonlyMap<string, Recoder> = new Map(),
): (person: RawPerson) => AnonymizedPerson {
  const recoded = cellRecoders(columns, typed, pseudonyms);
  const keepers = imageKeepers(columns);
  const eventLogs = columns.flatMap((column) => (column.role === "eventLog" ? [column] : []));
  return (person) => ({
    ...recodedCells(person, recoded),
    images: new Map(
      keepers.map(({ index, name, keep }) => {
        const cell = person.cells[index] ?? null;
        return [name, keep(cell, () => cellPlace(person, name))] as const;
      }),
    ),
    logs: new Map(
      eventLogs.map((column) => {
        const log = person.logs.get(column.name) ?? NO_EVENTS;
        return [column.name, anonymizeLog(log, column)] as const;
      }),
    ),
  });
}

/** How the cell at one place is kept. */
export interface CellRecoder {
  readonly index: number;
  readonly name: string;
  readonly recode: Recoder;
  readonly open: boolean;
}

/** Of the columns that keep something of a cell; parameters as of `anonymizer`. */
export function cellRecoders(
  columns: readonly ContractColumn[],
  typed: boolean,
  pseudonyms: ReadonlyMap<string, Recoder>,
): CellRecoder[] {
  return columns.flatMap((column, index): CellRecoder[] => {
    const { name } = column;
    if ("recoding" in column) {
      const { recoding } = column;
      if (recoding.kind === "image") return [];
      return [{ index, name, recode: recoder(recoding, typed), open: isTextRecoding(recoding) }];
    }
    const recode = isKeptPseudonym(column) && pseudonyms.get(name);
    return recode ? [{ index, name, recode, open: true }] : [];
  });
}

/** How the image at one place is kept. */
export interface ImageKeeper {
  readonly index: number;
  readonly name: string;
  readonly keep: ReturnType<typeof imageKeeper>;
}

/** Of the columns that hold images. */
export function imageKeepers(columns: readonly ContractColumn[]): ImageKeeper[] {
  return columns.flatMap((column, index) => {
    if (!("recoding" in column) || column.recoding.kind !== "image") return [];
    return [{ index, name: column.name, keep: imageKeeper(column.recoding) }];
  });
}

function recodedCells(person: RawPerson, recoded: readonly CellRecoder[]) {
  const values = new Map<string, number>();
  const texts = new Map<string, Value>();
  for (const { index, name, recode, open } of recoded) {
    const kept = recode(person.cells[index] ?? null, () => cellPlace(person, name));
    if (!open && typeof kept === "number") values.set(name, kept);
    else texts.set(name, kept);
  }
  return { values, texts };
}

/** An anonymized person as people read it: labels, events as [days before, amount]; of an image, nothing. */
export function readablePerson(
  person: AnonymizedPerson,
  columns: readonly ContractColumn[],
): Record<string, Value | number[][]> {
  const entries = keptColumns({ columns }).map((column) => {
    if ("recoding" in column) {
      const { name, recoding } = column;
      if (recoding.kind === "image") return [name, null] as const;
      const value = person.values.get(name) ?? person.texts.get(name) ?? null;
      return [name, readable(recoding, value)] as const;
    }
    if (column.role !== "eventLog")
      return [column.name, person.texts.get(column.name) ?? null] as const;
    const [days = new Float64Array(), ...fields] = person.logs.get(column.name)?.values() ?? [];
    const events = Array.from(days, (day, i) => [day, ...fields.map((field) => field[i] ?? NaN)]);
    return [column.name, events] as const;
  });
  return Object.fromEntries(entries);
}
