/** What the held-out figures of a target that is a number say, and what might be taken for learning in them. */
import type { HeldOutNumbers, HeldOutTrace } from "./trace.ts";

export function tellsNumbers(heldOut: HeldOutTrace): heldOut is HeldOutNumbers {
  return "residuals" in heldOut;
}

/** Each one sentence. */
export function numbersWarnings({ rows, r2, r2Interval }: HeldOutNumbers): string[] {
  if (r2 === null) return ["the held-out rows are all of one number: there is nothing to predict"];
  const count = rows.toLocaleString("en");
  if (r2 <= 0) return [`the model is no nearer to the held-out numbers than their mean is`];
  if (r2Interval !== null && r2Interval[0] <= 0)
    return [
      `by ${count} held-out rows the model is not shown to be nearer than always giving their mean`,
    ];
  return [];
}

/** Five significant digits: a figure in the units of the target, of any size. */
export function unitsText(value: number): string {
  return String(Number(value.toPrecision(5)));
}
