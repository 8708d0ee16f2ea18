/** How a model does on held-out rows, which are public by declaration and cost no epsilon. */
import type { Engine, Examples } from "../shared/engine/engine.ts";

export interface Evaluation {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** Share of rows whose label is the likelier one; at probability 1/2 that is label 0. */
  readonly accuracy: number;
  /** Wilson's 95 % interval of the accuracy. */
  readonly interval: readonly [low: number, high: number];
  /** Rows. */
  readonly count: number;
}

/** @throws RangeError for no rows at all, of which there is no mean */
export function evaluate(engine: Engine, parameters: Float32Array, rows: Examples): Evaluation {
  const { count, labels } = rows;
  if (count === 0) throw new RangeError("no rows to evaluate on");
  let [loss, right] = [0, 0];
  for (const [i, logit] of engine.logits(parameters, rows).entries()) {
    const label = labels[i] ?? 0;
    loss += crossEntropy(logit, label);
    if (logit > 0 === (label === 1)) right++;
  }
  return {
    loss: loss / count,
    accuracy: right / count,
    interval: wilsonInterval(right, count),
    count,
  };
}

/** log(1 + e^-m) in nats, m the logit towards the label; no exponent is above 0 to overflow. */
function crossEntropy(logit: number, label: number): number {
  const margin = label === 1 ? logit : -logit;
  return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
}

// The standard normal's 97.5 % quantile.
const Z = 1.959963984540054;

/** 95 % interval of a share, from `right` of `count` (Wilson 1927). */
export function wilsonInterval(right: number, count: number): [low: number, high: number] {
  const share = right / count;
  const shrink = 1 + Z ** 2 / count;
  const centre = (share + Z ** 2 / (2 * count)) / shrink;
  const half = (Z * Math.sqrt((share * (1 - share)) / count + (Z / (2 * count)) ** 2)) / shrink;
  return [centre - half, centre + half];
}
