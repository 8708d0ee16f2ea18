/**
 * Kept columns at the contract's fixed levels: cell → what stays of it, each by itself, so that
 * tables that differ in one row still differ in one row after it. Nothing is learned from other rows.
 */

import { normalise } from "../../shared/contract/normalise.ts";
import {
  type Bands,
  bandOf,
  type Categories,
  imageBytes,
  type KeptImage,
  type KeptNumber,
  onGrid,
  type Recoding,
} from "../../shared/contract/recoding.ts";
import { type TextRecoding, textRule } from "../../shared/contract/text-rules/rules.ts";
import {
  isEmptyCell,
  isImage,
  numberCell,
  refuseCell,
  textOf,
  valueCell,
  type Where,
} from "../persons/cells.ts";
import { timeCell } from "../persons/time-cell.ts";
import type { Cell, Value } from "../source/table-source.ts";
import { readableDate, truncatedDays } from "./date.ts";

/**
 * A band's or category's index, a number, days before a date's reference; or, where the domain is
 * open, the cell itself: text that no formula reads.
 */
export type Recoder = (cell: Cell, where: Where) => Value;

/** Of every kind but images, which are no values. */
export type ValueRecoding = Exclude<Recoding, KeptImage>;

/**
 * @param typed true where the source's cells have types of their own
 * @returns a pure function, with the column's lookups made once
 */
export function recoder(recoding: ValueRecoding, typed = false): Recoder {
  switch (recoding.kind) {
    case "categories":
      return categoryRecoder(recoding);
    case "bands": {
      const number = numericReader(recoding, typed);
      const { edges, closed } = recoding;
      return (cell, where) => {
        const band = bandOf(number(cell, where), edges, closed);
        if (band >= 0) return band;
        return refuseCell(
          "data.belowDeclaredMinimum",
          where,
          "a value below",
          `at least ${edges[0]}`,
        );
      };
    }
    case "number": {
      const number = numericReader(recoding, typed);
      return (cell, where) => onGrid(number(cell, where), recoding.grid);
    }
    case "date":
      return (cell, where) =>
        truncatedDays(timeCell(cell, where, recoding.format), recoding, where);
    default:
      return textRecoder(recoding);
  }
}

/** A number is none of declared shape: it has lost its leading zeros. */
function textRecoder(recoding: TextRecoding): Recoder {
  const { keep, shape } = textRule(recoding.kind);
  const kept = keep?.(recoding);
  if (kept === undefined) return valueCell;
  return (cell, where) =>
    (typeof cell === "string" ? kept(cell) : null) ??
    refuseCell("data.wrongShape", where, "another shape", shape(recoding));
}

/**
 * The bytes of an image of the contract's size, as they are.
 *
 * @returns a pure function, which throws ScenarioError `data.notAnImage` or `data.imageSize`
 */
export function imageKeeper({ shape }: KeptImage): (cell: Cell, where: Where) => Uint8Array {
  const bytes = imageBytes(shape);
  return (cell, where) => {
    if (!isImage(cell))
      return refuseCell("data.notAnImage", where, "a cell that is none", "an image");
    if (cell.length === bytes) return cell;
    return refuseCell("data.imageSize", where, "another size", `${shape.join(" × ")} bytes`);
  };
}

/** A recoded value as people read it: "[18,38)", "metro", 34, "2024-Q2". */
export function readable(recoding: ValueRecoding, value: Value): Value {
  if (typeof value !== "number") return value;
  switch (recoding.kind) {
    case "bands":
    case "categories":
      return recoding.labels[value] ?? value;
    case "number": {
      const { grid } = recoding;
      return grid?.rule === "floor" ? `[${value},${value + grid.width})` : value;
    }
    case "date":
      return readableDate(value, recoding);
    default:
      return value;
  }
}

/** A range of recoded values, both ends in it: of categories, each; of others, from the least on. */
export function readableRange(
  recoding: ValueRecoding,
  [low, high]: readonly [number, number],
): Value {
  if (low === high) return readable(recoding, low);
  if (recoding.kind === "categories") return `{${recoding.labels.slice(low, high + 1).join(", ")}}`;
  // Days before the reference: the smaller number is the later date.
  const [first, last] = recoding.kind === "date" ? [high, low] : [low, high];
  return `${readable(recoding, first)} to ${readable(recoding, last)}`;
}

function categoryRecoder(recoding: Categories): Recoder {
  const values = new Map(recoding.leaves);
  const { labels, level, height, unseen, normalise: steps } = recoding;
  const missing = labels.length - 1;
  // At the root everything is one value, whatever it was.
  const atRoot = level > 0 && level === height && labels.length === 3;
  return (cell, where) => {
    if (atRoot) return 0;
    const text = textOf(valueCell(cell, where));
    const leaf = steps.length === 0 ? text : normalise(text, steps);
    const value = values.get(leaf);
    if (value !== undefined) return value;
    if (leaf === "") {
      if (recoding.missing === "category") return missing;
      return refuseCell(
        "data.missing",
        where,
        "an empty cell",
        "a value; missing: category takes it",
      );
    }
    if (unseen === "other") return missing - 1;
    const expected = "a value of the hierarchy or vocabulary; unseen: other takes the rest";
    return refuseCell("data.unseen", where, "a value that is not in it", expected);
  };
}

function numericReader(
  recoding: Bands | KeptNumber,
  typed: boolean,
): (cell: Cell, where: Where) => number {
  const { missing, clip } = recoding;
  return (cell, where) => {
    const stands = missing !== null && isEmptyCell(cell);
    const value = stands ? missing : boundedNumber(cell, recoding, where, typed);
    return clip === null ? value : Math.min(Math.max(value, clip[0]), clip[1]);
  };
}

const BEYOND = "Correct that cell, widen the column's bounds, or say outside: clip of it.";

function boundedNumber(
  cell: Cell,
  { integer, bounds, bornBeforeMs, format }: Bands | KeptNumber,
  where: Where,
  typed: boolean,
): number {
  const value =
    bornBeforeMs === null
      ? numberCell(cell, where, typed)
      : completedYears(timeCell(cell, where, format), bornBeforeMs, where);
  if (integer && !Number.isInteger(value))
    refuseCell("data.notAnInteger", where, "a fraction", "a whole number");
  if (bounds && value < bounds[0])
    refuseCell(
      "data.belowDeclaredMinimum",
      where,
      "a value below",
      `at least ${bounds[0]}`,
      BEYOND,
    );
  if (bounds && value > bounds[1])
    refuseCell("data.aboveDeclaredMaximum", where, "a value above", `at most ${bounds[1]}`, BEYOND);
  return value;
}

/** Who is born on 29 February completes a year on 1 March where there is no such day. */
function completedYears(bornMs: number, atMs: number, where: Where): number {
  if (!(bornMs <= atMs))
    refuseCell("data.dateInFuture", where, "a later date", "a birth date before the reference");
  const [born, at] = [new Date(bornMs), new Date(atMs)];
  const years = at.getUTCFullYear() - born.getUTCFullYear();
  const months = at.getUTCMonth() - born.getUTCMonth();
  const days = at.getUTCDate() - born.getUTCDate();
  return months < 0 || (months === 0 && days < 0) ? years - 1 : years;
}
