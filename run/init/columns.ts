/** A table's columns → how a scenario would keep each: proposals, which its author is to read. */

import { ColumnShape, type Shape } from "../../client/scan/column-shape.ts";
import { proposeRole } from "../../client/scan/propose-role.ts";
import { columnTally } from "../../client/scan/scan-column.ts";
import type { Cell } from "../../client/source/table-source.ts";
import type { ScenarioColumn } from "../../shared/scenario/data-schema.ts";
import { DATE_FORMATS } from "../../shared/scenario/date-format.ts";
import { type ProposedFeature, recodeColumn } from "./recode-column.ts";

export interface ColumnProposal {
  /** camelCase, for formulas. */
  readonly key: string;
  readonly from: string;
  readonly column: ScenarioColumn;
  /** For its author, in a comment; no cell is in it. */
  readonly why: string;
  /** null: it is no input. */
  readonly feature: ProposedFeature | null;
  readonly shape: Shape;
}

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
    // A mark of what is missing is no value of the column's.
    if (this.#shape.add(cell)) this.#tally.add(cell);
  }

  get holdsImages(): boolean {
    return this.#tally.images > 0;
  }

  get marks(): ReadonlyMap<string, number> {
    return this.#shape.marks;
  }

  /**
   * @param key free among the scenario's columns
   * @param isPublic true where what is read off the rows may be written down
   */
  propose(key: string, isPublic: boolean): ColumnProposal {
    const shape = this.#shape.shape();
    const { forms, distinct, images } = this.#tally;
    const { rows } = shape;
    const verdict = this.#tally.verdict();
    const scanned = { name: this.#name, verdict, forms, distinct, rows, images };
    const { role, why } = proposeRole(scanned);
    const named = { key, from: this.#name, shape, feature: null };
    if (role === "directIdentifier") return { ...named, column: { role }, why };
    if (shape.distinct < 2 && shape.empty === 0)
      return { ...named, column: { role: "drop" }, why: "one value throughout tells nothing" };
    const isAge = verdict.type === "age";
    const onlyFeatures = role !== "quasiIdentifier";
    const recoding = recodeColumn({ key, shape, isAge, onlyFeatures, isPublic });
    if (recoding === null) {
      const no = shape.distinct > 0 ? `${why}; ${unkept(shape, forms.date)}` : why;
      return { ...named, column: { role: "drop" }, why: no };
    }
    return { ...named, column: { role, ...recoding.keys }, why, feature: recoding.feature };
  }
}

function unkept({ dates, empty }: Shape, likeDates: boolean): string {
  if (dates.length > 1 && empty === 0)
    return `no row shows whether day or month is first: role: quasiIdentifier, type: date, format: ${dates.join(", or ")}`;
  return likeDates
    ? `dates are kept where every row has one, all written alike: ${DATE_FORMATS.join(", ")}`
    : "text of too many values, which no level fits";
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
