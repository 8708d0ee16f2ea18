/** A table's columns → how a scenario would keep each: proposals, which its author is to read. */

import { ColumnShape, type Shape } from "../../client/scan/column-shape.ts";
import { proposeRole } from "../../client/scan/propose-role.ts";
import { columnTally } from "../../client/scan/scan-column.ts";
import type { Cell } from "../../client/source/table-source.ts";
import type { ScenarioColumn } from "../../shared/scenario/data-schema.ts";

export interface ColumnProposal {
  /** camelCase, for formulas. */
  readonly key: string;
  readonly from: string;
  readonly column: ScenarioColumn;
  /** For its author, in a comment; no cell is in it. */
  readonly why: string;
  /** A formula over it; null: it is no input. */
  readonly feature: string | null;
  readonly shape: Shape;
}

/** Rows that must have a value before it is written into a vocabulary: others become `other`. */
const LEAST_ROWS = 5;
/** Longer text is in no vocabulary. */
export const LONGEST_VALUE = 1_000;
const OLDEST = 130;
const AGE_BANDS = [18, 25, 35, 45, 55, 65];
const NO_KEYS: ReadonlySet<string> = new Set(
  "and or not xor mod to in true false null end".split(" "),
);

/** One while the table is read. */
export class ColumnReader {
  readonly #name: string;
  readonly #shape: ColumnShape;
  readonly #tally: ReturnType<typeof columnTally>;

  /** @param typed true where text is text, however like a number it looks */
  constructor(name: string, typed: boolean) {
    this.#name = name;
    this.#shape = new ColumnShape(typed);
    this.#tally = columnTally(name);
  }

  add(cell: Cell): void {
    this.#shape.add(cell);
    this.#tally.add(cell);
  }

  get holdsImages(): boolean {
    return this.#tally.images > 0;
  }

  get marks(): ReadonlyMap<string, number> {
    return this.#shape.marks;
  }

  /**
   * @param key free among the scenario's columns
   * @param mark the one that stands for nothing in the whole table, or null
   */
  propose(key: string, mark: string | null): ColumnProposal {
    const shape = this.#shape.shape(mark);
    const { forms, distinct, images } = this.#tally;
    const { rows } = shape;
    const verdict = this.#tally.verdict();
    const scanned = { name: this.#name, verdict, forms, distinct, rows, images };
    const { role, why } = proposeRole(scanned);
    const named = { key, from: this.#name, shape };
    if (role === "directIdentifier") return { ...named, column: { role }, why, feature: null };
    const recoding = recodingOf(key, shape, why);
    if (recoding === null)
      return {
        ...named,
        column: { role: "drop" },
        why: `${why}; no level fits all its values`,
        feature: null,
      };
    return { ...named, column: { role, ...recoding.keys }, why, feature: recoding.feature };
  }
}

/** "marital-status" → maritalStatus; unlike any of `taken`. */
export function columnKey(name: string, taken: ReadonlySet<string>): string {
  const words = name
    .normalize("NFKD")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  const joined = words
    .map((word, i) => {
      const rest = word.slice(1).toLowerCase();
      return (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + rest;
    })
    .join("")
    .slice(0, 48);
  const safe = /^[a-z]/.test(joined) && !NO_KEYS.has(joined) ? joined : `column${joined}`;
  let key = safe;
  for (let i = 2; taken.has(key); i++) key = `${safe}${i}`;
  return key;
}

interface ProposedRecoding {
  readonly keys: Partial<ScenarioColumn>;
  readonly feature: string | null;
}

function recodingOf(key: string, shape: Shape, why: string): ProposedRecoding | null {
  const { type, empty } = shape;
  const missing = empty > 0 ? { missing: 0 } : {};
  switch (type) {
    case "integer":
    case "number": {
      if (/\bage\b/i.test(why) && !shape.negative && shape.largest <= OLDEST)
        return {
          keys: { type, bounds: [0, OLDEST], bands: AGE_BANDS, ...missing },
          feature: `ordinal(${key})`,
        };
      const bounds: [number, number] = [shape.negative ? -shape.magnitude : 0, shape.magnitude];
      return { keys: { type, bounds, ...missing }, feature: key };
    }
    case "date":
      return { keys: { type, level: "year", reference: "2025-01-01" }, feature: null };
    case "code":
      if (shape.length === null) return null;
      return {
        keys: { type, length: shape.length, level: Math.ceil(shape.length / 2) },
        feature: null,
      };
    case "category": {
      const vocabulary = shape.values
        .filter(([text, rows]) => rows >= LEAST_ROWS && text.length <= LONGEST_VALUE)
        .map(([text]) => text);
      if (vocabulary.length === 0) return null;
      return { keys: { vocabulary, unseen: "other" }, feature: `oneHot(${key})` };
    }
    default:
      return null;
  }
}
