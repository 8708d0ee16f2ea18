/** Whether a model is right as often as it says: confidence against accuracy, in bins. */

import type { CalibrationBin, CalibrationTrace } from "../../shared/events/trace.ts";

const BINS = 10;

/**
 * @param chances float64[n × classes], finite
 * @param labels [n], numbers of classes
 */
export function calibration(
  chances: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
): CalibrationTrace {
  const rows = chances.length / classes;
  const sums = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  let brier = 0;
  for (let i = 0; i < rows; i++) {
    const own = chances.subarray(i * classes, (i + 1) * classes);
    const likeliest = own.indexOf(own.reduce((most, chance) => Math.max(most, chance), 0));
    const confidence = own[likeliest] ?? 0;
    const bin = sums[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    if (bin) {
      bin.count++;
      bin.confidence += confidence;
      bin.right += Number(likeliest === labels[i]);
    }
    own.forEach((chance, c) => {
      brier += (chance - Number(c === labels[i])) ** 2;
    });
  }
  const apart = sums.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0);
  return { bins: sums.map(meansOf), expectedError: apart / rows, brier: brier / rows };
}

function meansOf(sums: { count: number; confidence: number; right: number }): CalibrationBin {
  const { count, confidence, right } = sums;
  if (count === 0) return { count, confidence: null, accuracy: null };
  return { count, confidence: confidence / count, accuracy: right / count };
}
