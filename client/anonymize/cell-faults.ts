/** All that is wrong with a row's cells, where its first fault was enough to give it up. */
import type { ContractColumn } from "../../shared/contract/contract.ts";
import { cellPlace, type RawPerson } from "../persons/raw-person.ts";
import { cellRecoders, imageKeepers } from "./anonymizer.ts";
import type { Recoder } from "./recode.ts";

/**
 * @param typed true where the source's cells have types of their own
 * @param pseudonyms of the columns that keep one
 * @param label reads the person's
 * @returns what each column that cannot be kept throws, and what the label does
 */
export function cellFaults(
  columns: readonly ContractColumn[],
  typed: boolean,
  pseudonyms: ReadonlyMap<string, Recoder>,
  label: (person: RawPerson) => number,
): (person: RawPerson) => unknown[] {
  const readers = [...cellRecoders(columns, typed, pseudonyms), ...imageKeepers(columns)];
  return (person) => {
    const reads = readers.map((reader) => () => {
      const cell = person.cells[reader.index] ?? null;
      const where = () => cellPlace(person, reader.name);
      return "keep" in reader ? reader.keep(cell, where) : reader.recode(cell, where);
    });
    return [...reads, () => label(person)].flatMap((read) => {
      try {
        read();
        return [];
      } catch (error) {
        return [error];
      }
    });
  };
}
