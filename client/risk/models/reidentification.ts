/**
 * Risk that a row is told to be a certain person's (El Emam 2013): by a prosecutor, who knows that
 * the person is in the table; a journalist, who knows the population it was drawn from; a marketer,
 * who is content with the share that is matched.
 */
import { ScenarioError } from "../../../shared/errors.ts";
import type { CodedColumn, CodedTable } from "./coded-table.ts";
import { type Classes, classesOf } from "./equivalence-classes.ts";
import { rowsBelow } from "./k.ts";

export interface ReidentificationRisk {
  readonly max: number;
  readonly min: number;
  readonly average: number;
  /** The marketer's: share of rows that are matched, each to one of its class at random. */
  readonly matched: number;
  /** Share of rows whose risk is above `tau`, strictly. */
  readonly shareAbove: (tau: number) => number;
}

/**
 * @param sizes f: the table's classes; at least one
 * @param population F: the size of each in the population, at least 1; for the prosecutor `sizes`
 */
export function reidentificationRisk(
  sizes: Int32Array,
  population: Int32Array,
): ReidentificationRisk {
  const rows = sum(sizes);
  const [least, most] = [population.reduce(smaller), population.reduce(larger)];
  const matched = expectedMatches(sizes, population) / rows;
  const shareAbove = (tau: number) =>
    sizes.reduce((above, size, id) => above + (1 / (population[id] ?? 0) > tau ? size : 0), 0) /
    rows;
  const average = Math.max(sizes.length / sum(population), matched);
  return { max: 1 / least, min: 1 / most, average, matched, shareAbove };
}

/** Share of rows that are alone in their class; 0 without rows. */
export function uniqueShare(sizes: Int32Array): number {
  return sizes.length === 0 ? 0 : rowsBelow(sizes, 2) / sum(sizes);
}

/**
 * Rows of `population` in each of the table's classes.
 *
 * @param columns the table's quasi-identifiers, by which `classes` are told apart
 * @param population coded as the table is; only its quasi-identifiers are read
 * @returns int32[classes]
 * @throws ScenarioError where some row has nobody like it in the population
 */
export function populationSizes(
  columns: Iterable<CodedColumn>,
  { classOf, sizes }: Classes,
  population: CodedTable,
): Int32Array {
  const rows = classOf.length;
  const together = classesOf(joinedColumns(columns, population), rows + population.rows).classOf;
  const inPopulation = new Int32Array(together.length);
  for (const id of together.subarray(rows)) inPopulation[id] = (inPopulation[id] ?? 0) + 1;
  const found = new Int32Array(sizes.length);
  for (let row = 0; row < rows; row++)
    found[classOf[row] ?? 0] = inPopulation[together[row] ?? 0] ?? 0;
  if (found.includes(0))
    throw new ScenarioError({
      what: "data.population",
      where: "the population table",
      got: "rows that nobody in it is like",
      expected: "a table that the rows were drawn from",
      fix: "Recode the population at the same levels, or leave it out.",
    });
  return found;
}

/**
 * Σ f / F, summed by F from the smallest, which depends on no order of classes; where F = f it is the
 * number of classes, to the last digit.
 */
function expectedMatches(sizes: Int32Array, population: Int32Array): number {
  const rowsAt = new Map<number, number>();
  for (let id = 0; id < sizes.length; id++) {
    const of = population[id] ?? 0;
    rowsAt.set(of, (rowsAt.get(of) ?? 0) + (sizes[id] ?? 0));
  }
  return [...rowsAt]
    .sort(([a], [b]) => a - b)
    .reduce((matches, [of, rows]) => matches + rows / of, 0);
}

function* joinedColumns(
  columns: Iterable<CodedColumn>,
  population: CodedTable,
): Iterable<CodedColumn> {
  for (const { name, codes } of columns) {
    const other = population.quasiIdentifiers.find((candidate) => candidate.name === name);
    if (!other) throw new RangeError(`a population without the column ${name}`);
    const joined = new Float64Array(codes.length + other.codes.length);
    joined.set(codes);
    joined.set(other.codes, codes.length);
    yield { name, codes: joined };
  }
}

function sum(counts: Int32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function smaller(a: number, b: number): number {
  return Math.min(a, b);
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}
