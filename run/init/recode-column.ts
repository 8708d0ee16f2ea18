/** What a column's cells are kept as, by what they look like: its keys in the scenario, and a formula over it. */
import type { Shape } from "../../client/scan/column-shape.ts";
import type { ScenarioColumn } from "../../shared/scenario/data-schema.ts";
import { ISO_DATES } from "../../shared/scenario/date-format.ts";
import { centredBounds, middleNumber, proposedBounds, wholeRange } from "./number-bounds.ts";

export interface ProposedFeature {
  readonly formula: string;
  /** Absent: as wide as the formula may reach. */
  readonly bounds?: readonly [low: number, high: number];
}

export interface ProposedRecoding {
  readonly keys: Partial<ScenarioColumn>;
  /** null: no formula reads it. */
  readonly feature: ProposedFeature | null;
}

/** Rows that must have a value before it is written into a vocabulary: others become `other`. */
const LEAST_ROWS = 5;
/** Longer text is in no vocabulary. */
export const LONGEST_VALUE = 1_000;
const OLDEST = 130;
const AGE_BANDS = [18, 25, 35, 45, 55, 65];

export interface Recoded {
  readonly key: string;
  readonly shape: Shape;
  /** True for an age in years, by name and values. */
  readonly isAge: boolean;
  /** True where nothing but features reads it: a number beyond the bounds may move to the nearer end. */
  readonly onlyFeatures: boolean;
  /** True where what is read off the rows may be written down. */
  readonly isPublic: boolean;
}

/** @returns null where nothing that can be kept fits all its values */
export function recodeColumn(column: Recoded): ProposedRecoding | null {
  const { shape, isPublic } = column;
  switch (shape.type) {
    case "integer":
    case "number":
      return ofNumbers(column, shape.type);
    case "date": {
      const [format, other] = shape.dates;
      // Day or month first: no row says which.
      if (format === undefined || other !== undefined) return null;
      const written = format === ISO_DATES ? {} : { format };
      const level = { level: "year", reference: "2025-01-01" };
      return { keys: { type: "date", ...written, ...level }, feature: null };
    }
    case "code": {
      const { length } = shape;
      if (length === null) return null;
      return { keys: { type: "code", length, level: Math.ceil(length / 2) }, feature: null };
    }
    case "category": {
      const vocabulary = shape.values
        .filter(([text, rows]) => rows >= LEAST_ROWS && text.length <= LONGEST_VALUE)
        .map(([text]) => text);
      // Read off the rows in every run, a vocabulary has all that occurs.
      const tooLong = !isPublic && shape.values.some(([text]) => text.length > LONGEST_VALUE);
      if (vocabulary.length === 0 || tooLong) return null;
      return {
        keys: { vocabulary: isPublic ? vocabulary : "auto", unseen: "other" },
        feature: { formula: `oneHot(${column.key})` },
      };
    }
    default:
      return null;
  }
}

function ofNumbers(
  { key, shape, isAge, onlyFeatures, isPublic }: Recoded,
  type: "integer" | "number",
): ProposedRecoding {
  const { numbers, empty, negative, largest } = shape;
  const years = isAge && !negative && largest <= OLDEST;
  const seen = onlyFeatures ? proposedBounds(numbers) : wholeRange(numbers);
  const bounds = years ? ([0, OLDEST] as const) : seen;
  // A number that stands for nothing may be any; one that is likely misleads least.
  const stands = isPublic ? middleNumber(numbers, bounds) : 0;
  // Rows that come later, to be held out or predicted, may lack what these have.
  const missing = isPublic || empty > 0 ? { missing: stands } : {};
  if (years)
    return {
      keys: { type, bounds: [...bounds], bands: AGE_BANDS, ...missing },
      feature: { formula: `ordinal(${key})` },
    };
  if (!isPublic) return { keys: { type, bounds: "auto", ...missing }, feature: { formula: key } };
  const outside = onlyFeatures ? ({ outside: "clip" } as const) : {};
  const feature = { formula: key, bounds: centredBounds(numbers, bounds) };
  return { keys: { type, bounds: [...bounds], ...outside, ...missing }, feature };
}
