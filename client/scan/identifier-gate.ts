/**
 * The scan as a gate: while rows are read, the cells of every column that is declared harmless are
 * looked through for people. Where some are found, the client stops before any row is used, unless
 * the scenario overrules it by the column's name and says why; of a scenario that came from elsewhere its
 * owner alone does.
 */
import type { ContractColumn } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { RowWatcher } from "../data/collect.ts";
import { type ColumnVerdict, isSensitiveKind } from "./column-kind.ts";
import { plural } from "./propose-role.ts";
import { type ColumnTally, columnTally, peopleFound } from "./scan-column.ts";

/** What the scan has to say of a column; counts of private cells, so its owner's alone. */
export interface ColumnFinding extends ColumnVerdict {
  readonly column: string;
  /** The reason to let it pass, the scenario's or its owner's; null: none. */
  readonly overruled: string | null;
}

/** Raw column → why identifiers in it may stay, in its owner's words. */
export type KnownIdentifiers = ReadonlyMap<string, string>;

interface Watched {
  readonly column: string;
  readonly from: string;
  readonly overruled: string | null;
  /** True where the scenario says itself that others may know it, or should not infer it. */
  readonly declared: boolean;
  readonly tally: ColumnTally;
}

export class IdentifierGate {
  readonly #watched: readonly Watched[];
  readonly #byOwner: boolean;

  /**
   * What is dropped or made a pseudonym needs no watching: it goes no further anyway.
   *
   * @param known the owner's own word, where the contract is somebody else's: its own does not count then
   */
  constructor(columns: readonly ContractColumn[], known?: KnownIdentifiers) {
    this.#byOwner = known !== undefined;
    this.#watched = columns.flatMap((column) =>
      "identifiersKnown" in column
        ? textsOf(column).map((from) => ({
            column: column.name,
            from,
            overruled: known ? (known.get(from) ?? null) : column.identifiersKnown,
            declared: column.role === "quasiIdentifier" || column.role === "sensitive",
            tally: columnTally(from),
          }))
        : [],
    );
  }

  readonly watch: RowWatcher = (header) => {
    const placed = this.#watched.flatMap(({ from, tally }) => {
      const at = header.indexOf(from);
      return at === -1 ? [] : [{ at, tally }];
    });
    return ({ cells }) => {
      for (const { at, tally } of placed) tally.add(cells[at] ?? null);
    };
  };

  /** That a column declared as known to others holds ages, say, is none. */
  get findings(): ColumnFinding[] {
    return this.#watched.flatMap(({ column, overruled, declared, tally }) => {
      const found = { column, overruled, ...tally.verdict() };
      return found.hits > 0 && !(declared && isOfThatKind(found)) ? [found] : [];
    });
  }

  /**
   * @throws ScenarioError `identifierInHarmlessColumn`, telling no value and no count. Of an owner who follows
   *   somebody else's contract where people are in a share of the cells: for a few of them to keep it at home
   *   would tell that somebody's cell holds one, and what the contract does not list of them goes no further
   */
  check(): void {
    const found = this.findings.find(
      (one) => isPeople(one) && (!this.#byOwner || one.hits >= STOPPING * one.looked),
    );
    if (!found) return;
    const fix = this.#byOwner
      ? "Take no part, or ask for a plan that drops it; if you know of them and want it in, --identifiers-known COLUMN=why."
      : "Make it role: directIdentifier or drop; or, if it is none, identifiersKnown: why.";
    throw new ScenarioError({
      what: "identifierInHarmlessColumn",
      where: `data.columns.${found.column}`,
      got: `cells that hold ${found.type ? plural(found.type) : "people"}`,
      expected: "no people in a column that is kept",
      fix,
    });
  }
}

/** Share of a column's cells. */
const STOPPING = 0.1;

/** No people: what others may know of them, or should not infer. */
function isOfThatKind({ verdict, type }: ColumnVerdict): boolean {
  return verdict === "quasi_identifier" || (type !== null && isSensitiveKind(type));
}

/** People of whom nobody has said why they may stay. */
function isPeople(finding: ColumnFinding): boolean {
  return finding.overruled === null && peopleFound(finding);
}

/** Raw columns whose text stays in some form; of an event log, its category. */
function textsOf(column: ContractColumn): readonly string[] {
  if (column.role !== "eventLog") return [column.from];
  return column.category ? [column.category.from] : [];
}
