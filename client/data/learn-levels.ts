/**
 * Levels learned from the rows, which `unsafe: true` allows: bounds from the least to the largest
 * cell, bands at quantiles, a vocabulary of what occurs. Each depends on every row, so that no
 * epsilon holds against the raw table; whoever uses one is told so in every report.
 */
import { ScenarioError } from "../../shared/errors.ts";
import type { ScenarioColumn, TableData } from "../../shared/scenario/data-schema.ts";
import { isEmptyCell, numberCell, textOf, valueCell, type Where } from "../persons/cells.ts";
import type { MemoryFiles } from "../source/memory-files.ts";
import { openTable } from "../source/open-table.ts";
import type { Cell, SourceRow } from "../source/table-source.ts";
import { withoutMarks } from "./collect.ts";
import { RowsAside } from "./rows-aside.ts";

const MOST_CATEGORIES = 10_000;

/**
 * Reads the files once through where some level is to be learned, and not at all elsewhere.
 *
 * @param folder that no path may leave
 * @param memory what is read in the place of files of their names
 * @returns the same data, levels written out; unchanged where it doesn't say `unsafe`
 * @throws ScenarioError `learnedParameter` where the rows give no level, `data.*` where they are none
 */
export async function withLearnedLevels<Data extends TableData>(
  data: Data,
  folder: string,
  paths: readonly string[],
  memory?: MemoryFiles,
): Promise<Data> {
  const { columns, anonymity, source } = data;
  const learns = Object.values(columns).some((column) => learnedKeys(column).length > 0);
  if (!anonymity.unsafe || !learns) return data;
  const learners = new Map<string, Learner>();
  for (const path of paths) {
    const { header, typed, batches } = await openTable(folder, path, {
      ...(source?.header && { header: source.header }),
      delimiter: source?.delimiter,
      decimal: source?.decimal,
      keepsFaulty: true,
      memory,
    });
    const places = Object.entries(columns).flatMap(([name, column]) => {
      if (learnedKeys(column).length === 0) return [];
      const learner = learners.get(name) ?? new Learner(name, column);
      learners.set(name, learner);
      return [{ learner, at: header.indexOf(column.from ?? name) }];
    });
    const faulty = new RowsAside(true);
    for await (const rows of withoutMarks(batches, source?.missing))
      for (const row of rows) faulty.add(row.line, learnRow(row, places, path, typed));
    faulty.refuse();
  }
  const learned = [...learners].map(([name, { column }]) => [name, column] as const);
  return { ...data, columns: { ...columns, ...Object.fromEntries(learned) } };
}

/** @returns what is wrong with the row, a fault a column */
function learnRow(
  { line, cells, fault }: SourceRow,
  places: readonly { readonly learner: Learner; readonly at: number }[],
  path: string,
  typed: boolean,
): unknown[] {
  if (fault) return [fault];
  return places.flatMap(({ learner, at }) => {
    try {
      learner.add(cells[at] ?? null, () => `${path}, line ${line}, ${learner.name}`, typed);
      return [];
    } catch (error) {
      return [error];
    }
  });
}

function learnedKeys({ bounds, bands, vocabulary }: ScenarioColumn): string[] {
  return [
    ...(bounds === "auto" ? ["bounds"] : []),
    ...(bands !== undefined && !Array.isArray(bands) ? ["bands"] : []),
    ...(vocabulary === "auto" ? ["vocabulary"] : []),
  ];
}

class Learner {
  readonly name: string;
  readonly #column: ScenarioColumn;
  readonly #numbers: number[] = [];
  readonly #texts = new Set<string>();

  constructor(name: string, column: ScenarioColumn) {
    this.name = name;
    this.#column = column;
  }

  add(cell: Cell, where: Where, typed: boolean): void {
    if (isEmptyCell(cell)) return;
    if (this.#column.vocabulary !== "auto") {
      this.#numbers.push(numberCell(cell, where, typed));
      return;
    }
    this.#texts.add(textOf(valueCell(cell, where)));
    if (this.#texts.size > MOST_CATEGORIES)
      throw this.#fault("vocabulary", "more values", `at most ${MOST_CATEGORIES}`);
  }

  /** With its levels written out. */
  get column(): ScenarioColumn {
    const column = this.#column;
    if (column.vocabulary === "auto") {
      if (this.#texts.size === 0) throw this.#fault("vocabulary", "no value", "values");
      return { ...column, vocabulary: [...this.#texts].sort() };
    }
    const sorted = Float64Array.from(this.#numbers).sort();
    const [low, high] = [sorted[0], sorted.at(-1)];
    if (low === undefined || high === undefined)
      throw this.#fault("bounds", "no number", "numbers");
    // What an empty cell counts as is a number of the column's, wherever the others are.
    const stands = typeof column.missing === "number" ? column.missing : low;
    const bounds: [number, number] = [
      Math.min(low, stands),
      Math.max(low < high ? high : low + 1, stands),
    ];
    return {
      ...column,
      ...(column.bounds === "auto" && { bounds }),
      ...(column.bands !== undefined &&
        !Array.isArray(column.bands) && { bands: this.#quantiles(sorted, column.bands.quantiles) }),
    };
  }

  /** Inner edges; equal ones are one, so that there may be fewer bands. */
  #quantiles(sorted: Float64Array, bands: number): number[] {
    const edges = Array.from(
      { length: bands - 1 },
      (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bands)] ?? 0,
    );
    const inner = [...new Set(edges)].filter((edge) => edge > (sorted[0] ?? 0));
    if (inner.length === 0) throw this.#fault("bands", "one value", "values to part");
    return inner;
  }

  #fault(key: string, got: string, expected: string): ScenarioError {
    return new ScenarioError({
      what: "learnedParameter",
      where: `data.columns.${this.name}.${key}`,
      got,
      expected,
      fix: "Write the level out.",
    });
  }
}
