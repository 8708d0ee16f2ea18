/** What is counted of a column's cells, for its verdict. */
import type { CellForm } from "./cell-form.ts";
import type { Label } from "./detect/finding.ts";
import type { NameLikeness } from "./detect/name-likeness.ts";
import type { HeaderSays } from "./header-words.ts";

/** Cells that hold a label. */
export interface LabelCount {
  cells: number;
  /** By a form or a word that chance does not explain. */
  sure: number;
  /** Nothing beside it in the cell. */
  whole: number;
  distinct: number;
}

export interface ColumnCount {
  readonly header: HeaderSays;
  readonly looked: number;
  readonly distinct: number;
  readonly labels: ReadonlyMap<Label, LabelCount>;
  /** Cells with more than one label. */
  readonly mixed: number;
  /** Distinct cells whose form was taken; how many have which. */
  readonly formed: number;
  readonly forms: ReadonlyMap<string, number>;
  /** Distinct cells with the outward form of a checksummed number, right or wrong. */
  readonly shaped: ReadonlyMap<Label, number>;
  /** Distinct first parts of dotted numbers, up to a few. */
  readonly firstParts: ReadonlySet<string>;
  /** How much its words look like names; worked out when asked. */
  readonly likeness: () => NameLikeness;
}

/** What most cells look like, for proposing a role. */
export interface ColumnForms {
  readonly number: boolean;
  readonly date: boolean;
  readonly code: boolean;
  readonly phrase: boolean;
  /** Whole numbers without a repeat and hardly a gap: they count the rows. */
  readonly sequence: boolean;
}

/** Of the distinct cells whose form was taken, those that have it: 0 to 1. */
export function shareOf({ forms, formed }: ColumnCount, form: keyof CellForm): number {
  return formed === 0 ? 0 : (forms.get(form) ?? 0) / formed;
}
