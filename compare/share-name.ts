/** What the shares of runs are called: by whether their targets have classes or are numbers. */
import type { Measured } from "./sweep-result.ts";

export interface ShareName {
  readonly share: "accuracy" | "R²";
  /** What it is to be held against. */
  readonly baseline: "largest class" | "their mean";
}

const OF_CLASSES: ShareName = { share: "accuracy", baseline: "largest class" };
const OF_NUMBERS: ShareName = { share: "R²", baseline: "their mean" };

/** @param runs of one target, as a sweep's are */
export function shareName(runs: readonly Pick<Measured, "errors">[]): ShareName {
  return runs.some(({ errors }) => errors !== undefined) ? OF_NUMBERS : OF_CLASSES;
}
