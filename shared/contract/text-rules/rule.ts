/** A recoding of text to text: what one says of itself, in one file, for both sides and for every screen. */
import type { z } from "zod";
import type { ScenarioColumn } from "../../scenario/data-schema.ts";

/** Refuses what does not hold; `what` is the key at fault. */
export type Check = (holds: boolean, what: string, got: unknown, expected: string) => void;

/** How coarse text is that may have been so many texts, for information loss. */
interface Coarseness {
  /** Steps from the text itself, of so many to where all is one. */
  readonly level: number;
  readonly height: number;
  /** Texts that one value stands for beside itself, of all that there are. */
  readonly width: number;
  readonly span: number;
}

/** Its values are text that no formula reads and no order has: a table need not know them beforehand. */
export interface TextRule<R extends { readonly kind: string }> {
  /** As the contract has it. */
  readonly schema: z.ZodType<R>;
  /** The scenario's keys that it reads, beside `type`. */
  readonly keys: readonly (keyof ScenarioColumn)[];
  /** @throws ScenarioError, by `check`, for keys that do not fit together */
  readonly build: (column: ScenarioColumn, check: Check) => R;
  /** Whether its own parts fit together, wherever it comes from. */
  readonly check: (recoding: R, check: Check) => void;
  /** In a few words for the column's owner. */
  readonly describe: (recoding: R) => string;
  /** Not made coarser: what is in a row is what is kept of it. */
  readonly isWhole: (recoding: R) => boolean;
  /** What is kept of a text, by itself alone; null: it has another shape than is declared. */
  readonly keep: ((recoding: R) => (text: string) => string | null) | null;
  /** The declared shape, for an error. */
  readonly shape: (recoding: R) => string;
  /** null: it loses nothing. */
  readonly coarseness: (recoding: R) => Coarseness | null;
}
