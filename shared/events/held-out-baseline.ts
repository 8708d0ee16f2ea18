/** What a model that looks at no input would reach on the held-out rows: an accuracy says little without it. */

import { wilsonInterval } from "../model/wilson-interval.ts";
import type { HeldOutClasses } from "./trace.ts";

export interface HeldOutBaseline {
  /** Held-out rows. */
  readonly rows: number;
  /** Of them, how many the model calls by their class. */
  readonly right: number;
  /** The same as a share. */
  readonly accuracy: number;
  /** Wilson's 95 % interval of that share: how far chance in the choice of the rows may have moved it. */
  readonly interval: readonly [low: number, high: number];
  /** Share of the most frequent class among them: what always calling it reaches. */
  readonly majority: number;
  /** That class's name. */
  readonly majorityClass: string;
  /** Mean cross-entropy, in nats, of always giving the classes their shares: the entropy of the labels. */
  readonly chanceLoss: number;
  /** The one class that the model calls every row; null: it calls several. */
  readonly onlyClass: string | null;
}

type Counted = Pick<HeldOutClasses, "classes" | "confusion">;

/** @param heldOut of at least one row */
export function heldOutBaseline({ classes, confusion }: Counted): HeldOutBaseline {
  const ofClass = confusion.map((row) => sum(row));
  const rows = sum(ofClass);
  const right = sum(confusion.map((row, i) => row[i] ?? 0));
  const most = ofClass.indexOf(Math.max(...ofClass));
  const called = classes.filter((_, j) => confusion.some((row) => (row[j] ?? 0) > 0));
  return {
    rows,
    right,
    accuracy: right / rows,
    interval: wilsonInterval(right, rows),
    majority: (ofClass[most] ?? 0) / rows,
    majorityClass: classes[most] ?? "",
    chanceLoss: sum(ofClass.map((count) => entropyTerm(count / rows))),
    onlyClass: called.length === 1 ? (called[0] ?? null) : null,
  };
}

/** Those among what the model reached that somebody might take for learning, each one sentence. */
export function heldOutWarnings(
  { calibration, ...counted }: Counted & Pick<HeldOutClasses, "calibration">,
  loss: number | null,
): string[] {
  const { rows, interval, majority, majorityClass, chanceLoss, onlyClass } =
    heldOutBaseline(counted);
  const [low] = interval;
  const count = rows.toLocaleString("en");
  const warnings: string[] = [];
  if (onlyClass !== null)
    warnings.push(
      `the model calls every row ${onlyClass}: its accuracy is that class's share, and nothing was learned`,
    );
  else if (low <= majority)
    warnings.push(
      `by ${count} held-out rows the model cannot be told from always calling ${majorityClass} (${percent(majority)} %)`,
    );
  // Squared errors have no such bound: there the outputs are no chances.
  if (calibration !== null && loss !== null && !(loss <= chanceLoss))
    warnings.push(
      `its loss ${loss.toFixed(3)} is above ${chanceLoss.toFixed(3)}, which always giving the classes their shares reaches: its likelihoods are worse than none`,
    );
  return warnings;
}

function entropyTerm(share: number): number {
  return share > 0 ? -share * Math.log(share) : 0;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
