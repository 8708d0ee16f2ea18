/**
 * Rows that cannot be used, counted by column and rule over a whole file. Of private ones each keeps its place and
 * adds nothing, and its owner alone hears of it: to stop a client for one row would tell others what that row holds.
 * Of public ones all are refused at once, when the file has been read.
 */
import { type Problem, ScenarioError } from "../../shared/errors.ts";

/** Of those set aside, the first that are named to their owner. */
const MOST_NAMED = 20;
/** Kinds that a refusal names. */
const MOST_KINDS = 10;
/** Rows after which no more of a public file is read. */
const MOST_REFUSED = 10_000;

/** Rows alike in what is wrong with them: one rule, one column. */
export interface FaultKind {
  readonly what: string;
  /** The first of them: "people.csv, line 17, age". */
  readonly where: string;
  readonly expected: string;
  readonly rows: number;
}

export interface AsideReport {
  /** Rows of the file. */
  readonly rows: number;
  /** By place and rule, never by what a cell holds. */
  readonly first: readonly Pick<Problem, "what" | "where" | "expected">[];
  /** Of all of them, in the order of their first rows; a row with several faults is in several. */
  readonly kinds: readonly FaultKind[];
}

export const NONE_ASIDE: AsideReport = { rows: 0, first: [], kinds: [] };

export class RowsAside {
  /** True where the rows are public. */
  readonly refuses: boolean;
  #rows = 0;
  readonly #first: AsideReport["first"][number][] = [];
  readonly #kinds = new Map<string, FaultKind & { readonly line: number }>();
  #earliest: { readonly line: number; readonly error: ScenarioError } | undefined;

  /** @param refuses false: rows are set aside; true: `refuse` throws what they are refused for */
  constructor(refuses = false) {
    this.refuses = refuses;
  }

  /**
   * Takes note of a row.
   *
   * @param errors of the row, one a column at most
   * @throws what is no fault of a row's; or, of many public rows, as `refuse`
   */
  add(line: number, errors: readonly unknown[]): void {
    const faults = errors.map((error) => {
      if (!(error instanceof ScenarioError)) throw error;
      return error;
    });
    const [fault] = faults;
    if (!fault) return;
    this.#rows += 1;
    const { what, where, expected } = fault.problem;
    if (this.#first.length < MOST_NAMED) this.#first.push({ what, where, expected });
    if (line < (this.#earliest?.line ?? Number.POSITIVE_INFINITY))
      this.#earliest = { line, error: fault };
    for (const { problem } of faults) this.#count(line, problem);
    if (this.refuses && this.#rows >= MOST_REFUSED) this.refuse();
  }

  #count(line: number, { what, where, expected }: Problem): void {
    // The column, which is all of the place but the row.
    const key = JSON.stringify([what, where.replace(/, (line|row|event) \d+/g, "")]);
    const known = this.#kinds.get(key) ?? { what, where, expected, line, rows: 0 };
    const first = line < known.line ? { ...known, where, line } : known;
    this.#kinds.set(key, { ...first, rows: known.rows + 1 });
  }

  get report(): AsideReport {
    const kinds = [...this.#kinds.values()].sort((a, b) => a.line - b.line);
    return {
      rows: this.#rows,
      first: this.#first,
      kinds: kinds.map(({ what, where, expected, rows }) => ({ what, where, expected, rows })),
    };
  }

  /** @throws ScenarioError the earliest row's, with all kinds beside it, where public rows have faults */
  refuse(): void {
    if (!this.#earliest || !this.refuses) return;
    const { error } = this.#earliest;
    const { rows, kinds } = this.report;
    if (rows === 1 && kinds.length === 1) throw error;
    const named = kinds.slice(0, MOST_KINDS).map(spoken);
    const more = kinds.length - named.length;
    const last = more > 0 ? [`and ${more} more kinds`] : [];
    const read = rows >= MOST_REFUSED ? `The first ${rows}` : `All ${rows}`;
    const fix = `${error.problem.fix} ${read} rows that cannot be used: ${[...named, ...last].join("; ")}.`;
    throw new ScenarioError({ ...error.problem, fix });
  }
}

/** "data.notANumber, 12 rows, first people.csv, line 17, age". */
export function spoken({ what, where, rows }: FaultKind): string {
  return `${what}, ${rows === 1 ? `1 row, ${where}` : `${rows} rows, first ${where}`}`;
}
