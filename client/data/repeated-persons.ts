/**
 * How often a column that names persons names one twice: for the owner of the rows alone, before
 * anything is sent. It leaves this process in no message, since it counts private rows.
 */
import { createHash } from "node:crypto";
import type { Contract } from "../../shared/contract/contract.ts";
import { isEmptyCell, isImage, textOf } from "../persons/cells.ts";
import type { RowWatcher } from "./collect.ts";

/** Of one raw column. */
export interface RepeatedPersons {
  readonly column: string;
  /** Different identifiers in it. */
  readonly persons: number;
  /** Those of them in more than one row. */
  readonly repeated: number;
  /** Rows of the one with the most. */
  readonly mostRows: number;
}

const HASH_BYTES = 6;

export class RepeatWatch {
  /** By raw column: rows by the identifier's hash, so that no name is kept. */
  readonly #rows: ReadonlyMap<string, Map<number, number>>;

  /** Watches what is declared to name persons, unless each row is held against a person key anyway. */
  constructor({ columns, table }: Pick<Contract, "columns" | "table">) {
    const naming = columns.filter(({ role }) => role === "directIdentifier");
    const watched = table.person === null ? naming : [];
    this.#rows = new Map(watched.map(({ from }) => [from, new Map<number, number>()]));
  }

  readonly watch: RowWatcher = (header) => {
    const placed = [...this.#rows].flatMap(([from, rows]) => {
      const at = header.indexOf(from);
      return at === -1 ? [] : [{ at, rows }];
    });
    return ({ cells }) => {
      for (const { at, rows } of placed) {
        const cell = cells[at] ?? null;
        if (isEmptyCell(cell) || isImage(cell)) continue;
        const spelling = textOf(cell).normalize("NFC").trim();
        const hash = createHash("sha256").update(spelling, "utf16le").digest();
        const key = hash.readUIntBE(0, HASH_BYTES);
        rows.set(key, (rows.get(key) ?? 0) + 1);
      }
    };
  };

  get repeats(): RepeatedPersons[] {
    return [...this.#rows].map(([column, rows]) => {
      const counts = [...rows.values()];
      return {
        column,
        persons: counts.length,
        repeated: counts.filter((count) => count > 1).length,
        mostRows: counts.reduce((most, count) => Math.max(most, count), 0),
      };
    });
  }
}

/** A sentence for each column that names somebody twice. */
export function repeatLines(repeats: readonly RepeatedPersons[]): string[] {
  return repeats
    .filter(({ repeated }) => repeated > 0)
    .map(
      ({ column, persons, repeated, mostRows }) =>
        `${column} names ${persons} persons, ${repeated} of them in several rows, one in ${mostRows}: ε is per row, and of such a person more than as many times as large`,
    );
}
