/**
 * All that is told of a finished model on the held-out rows, which are public by declaration: which
 * class was taken for which, ranking, calibration. It costs no epsilon.
 */

import { type Contract, targetClasses } from "../../shared/contract/contract.ts";
import type { HeldOutClasses } from "../../shared/events/trace.ts";
import { likeliestClass, writeChances } from "../../shared/model/loss.ts";
import type { Model } from "../../shared/model/model.ts";
import { meanAreaUnderCurve } from "./auc.ts";
import { calibration } from "./calibration.ts";

/**
 * @param outputs linear, float32[rows × outputs], of at least one row
 * @param labels float32[rows], numbers of classes
 */
export function reportHeldOut(
  { loss, outputs: width }: Pick<Model, "loss" | "outputs">,
  outputs: Float32Array,
  labels: Float32Array,
): Omit<HeldOutClasses, "classes"> {
  const classes = Math.max(2, width);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const chances = new Float64Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const taken = likeliestClass(loss, outputs, i * width, width);
    const row = confusion[labels[i] ?? 0];
    if (row) row[taken] = (row[taken] ?? 0) + 1;
    const own = chances.subarray(i * classes, (i + 1) * classes);
    writeChances(loss, outputs, i * width, width, own);
  }
  const known = loss !== "meanSquaredError";
  return {
    confusion,
    auc: meanAreaUnderCurve(known ? chances : scores(outputs, width, classes), labels, classes),
    calibration: known ? calibration(chances, labels, classes) : null,
  };
}

/** Names of the classes, in the order of their numbers; of two that have none, no and yes. */
export function classNames(target: Contract["target"]): readonly string[] {
  return targetClasses(target) ?? ["no", "yes"];
}

/** Outputs as scores of the classes: of two classes with one output, its both signs. */
function scores(outputs: Float32Array, width: number, classes: number): Float64Array {
  if (width > 1) return Float64Array.from(outputs);
  return Float64Array.from({ length: outputs.length * classes }, (_, i) => {
    const output = outputs[Math.floor(i / classes)] ?? Number.NaN;
    return i % classes === 1 ? output : -output;
  });
}
