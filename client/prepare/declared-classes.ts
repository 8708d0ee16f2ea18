/** Classes that a target declares and no row has: a misspelling, with which every row counts as the other class. */
import type { Contract } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { absentClasses } from "../data/absent-classes.ts";
import type { Collected } from "../data/collect.ts";
import { collectGenerated } from "../data/collect-generated.ts";
import { gatherPeople } from "../data/people-table.ts";
import type { Cell } from "../source/table-source.ts";

const MOST_NAMED = 10;
const MOST_LETTERS = 40;
/** People who show what a generator can produce: a class of one in a thousand is missed with a chance of 2e-9. */
const DRAWN = 20_000;

/** The first spellings of labels in a public or generated table, as its rows go by. */
export class LabelSpellings {
  readonly #column: number;
  readonly #seen = new Set<string>();

  constructor({ target, columns }: Pick<Contract, "target" | "columns">) {
    const name = target.kind === "event" ? undefined : target.column;
    this.#column = columns.findIndex((column) => column.name === name);
  }

  /** The same table; its labels' spellings are noted on their way. */
  watch(collected: Collected): Collected {
    if (this.#column < 0) return collected;
    const note = (cells: readonly Cell[]) => this.#note(cells[this.#column] ?? null);
    async function* people() {
      for await (const batch of collected.people) {
        for (const { cells } of batch) note(cells);
        yield batch;
      }
    }
    return { ...collected, people: people() };
  }

  #note(cell: Cell): void {
    // One beyond those that are named shows that there are more.
    if (cell === null || typeof cell === "object" || this.#seen.size > MOST_NAMED) return;
    this.#seen.add(String(cell).slice(0, MOST_LETTERS));
  }

  toString(): string {
    return list([...this.#seen]);
  }
}

/**
 * Of a public or generated table, its held-out rows counted. A generated one is judged by what its generator can
 * produce, so that few rows or another seed refuse nothing.
 *
 * @param labels of all rows, test file included
 * @throws ScenarioError data.absentClass
 */
export async function checkDeclaredClasses(
  contract: Contract,
  labels: Iterable<number>,
  generated: boolean,
  spellings: LabelSpellings,
): Promise<void> {
  const { target } = contract;
  let absent = absentClasses(target, labels);
  if (absent.length > 0 && generated) {
    const drawn = spellings.watch(collectGenerated(contract, 0, DRAWN, "person"));
    const able = absentClasses(target, (await gatherPeople(contract, [drawn], new Set())).labels);
    absent = absent.filter((name) => able.includes(name));
  }
  if (absent.length === 0 || target.kind === "event") return;
  throw new ScenarioError({
    what: "data.absentClass",
    where: `data.target.${target.kind === "classes" ? "classes" : "positive"}`,
    got: `${list(absent)}, which no row of ${target.column} has`,
    expected: `classes that are there; ${target.column} holds ${spellings}`,
    fix: "Write it as the rows do, or leave it out.",
  });
}

function list(texts: readonly string[]): string {
  const named = texts.slice(0, MOST_NAMED).map((text) => JSON.stringify(text));
  return [...named, ...(texts.length > MOST_NAMED ? ["more"] : [])].join(", ");
}
