/** How a model does on held-out rows, which are public by declaration and cost no epsilon. */
import type { Contract } from "../../shared/contract/contract.ts";
import { targetBounds } from "../../shared/contract/target-scale.ts";
import type { Engine, Examples } from "../../shared/engine/core/engine.ts";
import { outputsInTurns } from "../../shared/engine/core/work-slices.ts";
import type { ErrorFigures } from "../../shared/events/trace.ts";
import { likeliestClass, lossOf } from "../../shared/model/loss.ts";
import type { Model } from "../../shared/model/model.ts";
import { wilsonInterval } from "../../shared/model/wilson-interval.ts";
import { errorFigures } from "../evaluation/number-errors.ts";

export interface Evaluation {
  /** Mean of the model's loss: cross-entropy in nats, squared error, or Huber's. */
  readonly loss: number;
  /** Share of rows whose class is the likeliest; at even chances that is the first. null: of a number. */
  readonly accuracy: number | null;
  /** Wilson's 95 % interval of the accuracy. */
  readonly interval: readonly [low: number, high: number] | null;
  /** In its place where the target is a number. */
  readonly errors?: ErrorFigures;
  /** Rows. */
  readonly count: number;
}

/**
 * Lets the event loop turn while it works: sockets live on it.
 *
 * @throws RangeError for no rows at all, of which there is no mean
 */
export async function evaluate(
  engine: Engine,
  parameters: Float32Array,
  rows: Examples,
  target: Contract["target"],
): Promise<Evaluation> {
  return judge(engine.model, await outputsInTurns(engine, parameters, rows), rows.labels, target);
}

/**
 * The same from the outputs.
 *
 * @param outputs linear, float32[rows × outputs]
 * @param labels float32[rows], numbers of classes, or numbers in [-1, 1]
 */
export function judge(
  { loss: kind, outputs: width }: Pick<Model, "loss" | "outputs">,
  outputs: Float32Array,
  labels: Float32Array,
  target: Contract["target"],
): Evaluation {
  const { length: count } = labels;
  if (count === 0) throw new RangeError("no rows to evaluate on");
  const bounds = targetBounds(target);
  let [loss, right] = [0, 0];
  for (let i = 0; i < count; i++) {
    const label = labels[i] ?? Number.NaN;
    loss += lossOf(kind, outputs, i * width, width, label);
    if (bounds === null && likeliestClass(kind, outputs, i * width, width) === label) right++;
  }
  const mean = { loss: loss / count, count };
  if (bounds === null)
    return { ...mean, accuracy: right / count, interval: wilsonInterval(right, count) };
  return { ...mean, accuracy: null, interval: null, errors: errorFigures(outputs, labels, bounds) };
}
