/** What an output is held against, and what it says: the losses, one example at a time, in float64. */
import type { Loss } from "./model-spec.ts";

/**
 * Where Huber's loss (Huber 1964) turns from a square to a line: a tenth of the target's declared width,
 * which is 2. A public constant: chosen from residuals it would be a release.
 */
export const HUBER_EDGE = 0.2;

/** True where the target is a number, and the output is that number between its bounds. */
export function isOfNumbers(loss: string): loss is "squaredError" | "huber" {
  return loss === "squaredError" || loss === "huber";
}

/**
 * Of one example: cross-entropy in nats, the mean of its outputs' squared errors, or what the error of
 * a number costs: its square, or Huber's.
 *
 * @param outputs linear, as an engine gives them: float32[≥ start + width]
 * @param label the class's number; of two classes 0 or 1; of a number itself, in [-1, 1]
 */
export function lossOf(
  loss: Loss,
  outputs: ArrayLike<number>,
  start: number,
  width: number,
  label: number,
): number {
  const at = (j: number) => outputs[start + j] ?? Number.NaN;
  if (loss === "binaryCrossEntropy") {
    // log(1 + e^-m), m the logit towards the label; no exponent is above 0 to overflow.
    const margin = label === 1 ? at(0) : -at(0);
    return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }
  if (loss === "categoricalCrossEntropy") {
    let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let j = 0; j < width; j++) most = Math.max(most, at(j));
    for (let j = 0; j < width; j++) sum += Math.exp(at(j) - most);
    return most - at(label) + Math.log(sum);
  }
  if (loss === "squaredError") return (at(0) - label) ** 2;
  if (loss === "huber") {
    const error = Math.abs(at(0) - label);
    return error <= HUBER_EDGE ? error ** 2 / 2 : HUBER_EDGE * (error - HUBER_EDGE / 2);
  }
  let square = 0;
  for (let j = 0; j < width; j++) square += (at(j) - targetOf(width, j, label)) ** 2;
  return square / width;
}

/** What output j ought to be under meanSquaredError: 1 for the class, 0 for others. */
export function targetOf(width: number, j: number, label: number): number {
  if (width === 1) return label;
  return j === label ? 1 : 0;
}

/** The class that is likelier than the others; of two at even chances, the first. */
export function likeliestClass(
  loss: Loss,
  outputs: ArrayLike<number>,
  start: number,
  width: number,
): number {
  if (width === 1)
    return (outputs[start] ?? Number.NaN) > (loss === "meanSquaredError" ? 0.5 : 0) ? 1 : 0;
  let best = 0;
  for (let j = 1; j < width; j++)
    if ((outputs[start + j] ?? Number.NaN) > (outputs[start + best] ?? Number.NaN)) best = j;
  return best;
}

/**
 * Chances of the classes, written into `chances` (of two classes with one output, both): sigmoid or
 * softmax. Under meanSquaredError outputs are no chances; there are none, and NaN says so.
 */
export function writeChances(
  loss: Loss,
  outputs: ArrayLike<number>,
  start: number,
  width: number,
  chances: Float64Array,
): void {
  if (loss === "meanSquaredError") {
    chances.fill(Number.NaN);
    return;
  }
  if (loss === "binaryCrossEntropy") {
    const positive = sigmoid(outputs[start] ?? Number.NaN);
    chances[0] = 1 - positive;
    chances[1] = positive;
    return;
  }
  let most = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < width; j++) most = Math.max(most, outputs[start + j] ?? Number.NaN);
  let sum = 0;
  for (let j = 0; j < width; j++) {
    const weight = Math.exp((outputs[start + j] ?? Number.NaN) - most);
    chances[j] = weight;
    sum += weight;
  }
  for (let j = 0; j < width; j++) chances[j] = (chances[j] ?? 0) / sum;
}

/** Without overflow at either end: the exponent is never above 0. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
