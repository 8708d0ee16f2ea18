/**
 * Quasi-identifiers at the contract's fixed levels: cell → number, each by itself, so that tables
 * that differ in one row still differ in one row after it. Nothing is learned from other rows.
 */
import type { QuasiIdentifier, Recoding } from "../../shared/contract/contract.ts";
import { normalise } from "../../shared/contract/normalise.ts";
import { numberCell, refuseCell } from "../cells.ts";

/** A cell's number: its band's or category's index, or the number itself. */
export type Recoder = (cell: string, where: string) => number;

/** @returns a pure function, with the column's lookups made once */
export function recoder({ recoding }: QuasiIdentifier): Recoder {
  switch (recoding.kind) {
    case "categories":
      return categoryRecoder(recoding);
    case "bands": {
      const { edges } = recoding;
      return (cell, where) => {
        const value = boundedNumber(cell, recoding, where);
        const band = edges.findIndex((edge) => value < edge);
        return band < 0 ? edges.length : band;
      };
    }
    case "number":
      return (cell, where) => boundedNumber(cell, recoding, where);
  }
}

/** A recoded value as people read it: "[18,38)", "metro", 34. */
export function readable(recoding: Recoding, value: number): string | number {
  return recoding.kind === "number" ? value : (recoding.labels[value] ?? value);
}

function categoryRecoder(recoding: Extract<Recoding, { kind: "categories" }>): Recoder {
  const values = new Map(recoding.leaves);
  const missing = recoding.labels.length - 1;
  return (cell, where) => {
    const leaf = normalise(cell, recoding.normalise);
    if (leaf === "") return missing;
    const value = values.get(leaf);
    if (value !== undefined) return value;
    if (recoding.unseen === "other") return missing - 1;
    const expected = "a leaf of the hierarchy; unseen: other takes the rest";
    return refuseCell("data.unseen", where, "a value that the hierarchy lacks", expected);
  };
}

function boundedNumber(
  cell: string,
  { integer, bounds }: Exclude<Recoding, { kind: "categories" }>,
  where: string,
): number {
  const value = numberCell(cell, where);
  if (integer && !Number.isInteger(value))
    refuseCell("data.notAnInteger", where, "a fraction", "a whole number");
  if (bounds && value < bounds[0])
    refuseCell("data.belowDeclaredMinimum", where, "a value below", `at least ${bounds[0]}`);
  if (bounds && value > bounds[1])
    refuseCell("data.aboveDeclaredMaximum", where, "a value above", `at most ${bounds[1]}`);
  return value;
}
