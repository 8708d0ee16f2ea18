/**
 * Private rows that cannot be used: each keeps its place and adds nothing, and its owner alone hears of it.
 * To stop a client for one row would tell others what that row holds.
 */
import { type Problem, ScenarioError } from "../../shared/errors.ts";

/** Of those set aside, the first that are named to their owner. */
const MOST_NAMED = 20;

export interface AsideReport {
  /** Rows of the file. */
  readonly rows: number;
  /** By place and rule, never by what a cell holds. */
  readonly first: readonly Pick<Problem, "what" | "where" | "expected">[];
}

export const NONE_ASIDE: AsideReport = { rows: 0, first: [] };

export class RowsAside {
  #rows = 0;
  readonly #first: AsideReport["first"][number][] = [];

  /** Takes note of a row, or throws what is no fault of a row's. */
  add(error: unknown): void {
    if (!(error instanceof ScenarioError)) throw error;
    this.#rows += 1;
    const { what, where, expected } = error.problem;
    if (this.#first.length < MOST_NAMED) this.#first.push({ what, where, expected });
  }

  get report(): AsideReport {
    return { rows: this.#rows, first: this.#first };
  }
}
