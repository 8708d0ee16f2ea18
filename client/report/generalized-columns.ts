/** What each quasi-identifier's recoded cells stand for, as information loss is counted. */
import { DAY_MS } from "../../shared/contract/days.ts";
import {
  type Bands,
  type Categories,
  DATE_LEVELS,
  type KeptDate,
  type KeptNumber,
  type Recoding,
} from "../../shared/contract/recoding.ts";
import { textRule } from "../../shared/contract/text-rules/rules.ts";
import type { PeopleTable } from "../data/people-table.ts";
import type { GeneralizedColumn } from "../risk/models/information-loss.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import { quasiIdentifiers, type RiskContract } from "../risk/risk-table.ts";

type Range = readonly [low: number, high: number];
/** The least and the largest recoded value that a row's cell may stand for, by the row's number. */
type RangeOf = (i: number) => Range;

/**
 * Columns that a recoding gives a domain; of the others, text as it is loses nothing.
 *
 * @param rows a client's, by slot; only those that count are told of
 */
export function generalizedColumns(
  people: PeopleTable,
  rows: Int32Array,
  { parts }: RequiredRows,
  contract: RiskContract,
): GeneralizedColumn[] {
  const slots = rows.map((_, slot) => slot).filter((slot) => people.counted[rows[slot] ?? 0] !== 0);
  return quasiIdentifiers(contract).map(({ name, recoding }) => {
    const values = people.table.columns.get(name)?.values ?? [];
    const rangeOf: RangeOf = (i) => {
      const slot = slots[i] ?? 0;
      const own = values[rows[slot] ?? 0] ?? 0;
      return parts?.ranges[parts.partOf[slot] ?? -1]?.get(name) ?? [own, own];
    };
    return generalized(name, recoding, slots.length, rangeOf);
  });
}

function generalized(
  name: string,
  recoding: Recoding,
  rows: number,
  rangeOf: RangeOf,
): GeneralizedColumn {
  const each = <A extends Int32Array | Float64Array>(cells: A, cell: (range: Range) => number) => {
    for (let i = 0; i < rows; i++) cells[i] = cell(rangeOf(i));
    return cells;
  };
  if (recoding.kind === "categories") {
    const { level, height, leaves } = recoding;
    const under = each(new Int32Array(rows), leavesUnder(recoding));
    return { name, kind: "categories", level, height, leaves: under, domain: leaves.length };
  }
  const found = intervals(recoding);
  if (found === null) {
    const alone = new Int32Array(rows).fill(1);
    return { name, kind: "categories", level: 0, height: 1, leaves: alone, domain: 1 };
  }
  const { width, level, height, span } = found;
  const widths = each(new Float64Array(rows), width);
  const domain = span ?? widths.reduce((widest, one) => Math.max(widest, one), 0);
  return { name, kind: "intervals", level, height, widths, domain };
}

/** Other and missing stand for one value each, whatever it was. */
function leavesUnder({ leaves, labels }: Categories): (range: Range) => number {
  const under = new Int32Array(labels.length);
  for (const [, of] of leaves) under[of] = (under[of] ?? 0) + 1;
  return ([low, high]) => {
    let count = 0;
    for (let of = low; of <= high; of++) count += under[of] ?? 0;
    return Math.max(1, count);
  };
}

interface Intervals {
  readonly width: (range: Range) => number;
  readonly level: number;
  readonly height: number;
  /** Of all that the column may hold; null: nobody says. */
  readonly span: number | null;
}

/** null: it loses nothing. */
function intervals(recoding: Exclude<Recoding, Categories>): Intervals | null {
  switch (recoding.kind) {
    case "bands":
      return bandIntervals(recoding);
    case "date":
      return dateIntervals(recoding);
    case "number":
      return numberIntervals(recoding);
    case "image":
      // No image is a quasi-identifier.
      return null;
    default: {
      const coarse = textRule(recoding.kind).coarseness(recoding);
      return coarse && { ...coarse, width: () => coarse.width };
    }
  }
}

function dateIntervals({ boundsMs, level: cut }: KeptDate): Intervals {
  const whole = boundsMs ? (boundsMs[1] - boundsMs[0]) / DAY_MS + 1 : DAYS_IN.year;
  return {
    width: ([low, high]) => Math.min(whole, high - low + DAYS_IN[cut]),
    level: DATE_LEVELS.indexOf(cut),
    height: DATE_LEVELS.length - 1,
    span: boundsMs && whole,
  };
}

function numberIntervals({ grid, clip, bounds: declared }: KeptNumber): Intervals {
  const bounds = clip ?? declared;
  const own = grid?.rule === "floor" ? grid.width : 0;
  const span = bounds && bounds[1] - bounds[0];
  // A step may be wider than all that the bounds allow.
  const width = ([low, high]: Range) => Math.min(span ?? Infinity, high - low + own);
  return { width, level: Number(grid !== null), height: 2, span };
}

/** Open ends reach as far as the bounds do; without any, as far again as the edges. */
function bandIntervals({ edges, closed, clip, bounds: declared }: Bands): Intervals {
  const bounds = clip ?? declared;
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const reach = last - first || 1;
  const [least, largest] = bounds ?? [closed ? first : first - reach, last + reach];
  const ends = [...(closed ? [] : [least]), ...edges, largest];
  const width = ([low, high]: Range) =>
    Math.max(0, (ends[high + 1] ?? largest) - (ends[low] ?? least));
  return { width, level: 1, height: 2, span: largest - least };
}

/** One day is no width: a date that is kept to the day loses nothing. */
const DAYS_IN: Record<KeptDate["level"], number> = {
  day: 0,
  month: 31,
  quarter: 92,
  year: 366,
  "*": Number.POSITIVE_INFINITY,
};
