/**
 * The area under the ROC curve: the chance that a positive row's score is above a negative one's, a
 * tie counting half (Hanley & McNeil 1982). By ranks, so that it costs one sort.
 */

/**
 * @param scores float64[n]
 * @param positive uint8[n], 1 for a positive row
 * @returns null where all rows are of one kind, or a score is no number
 */
export function areaUnderCurve(scores: Float64Array, positive: Uint8Array): number | null {
  if (scores.some(Number.isNaN)) return null;
  const order = Uint32Array.from(scores, (_, i) => i).sort(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0),
  );
  let [positives, rankSum] = [0, 0];
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start] ?? 0];
    let end = start;
    while (end < order.length && scores[order[end] ?? 0] === score) end++;
    // Rows that tie share the middle of their ranks, which begin at 1.
    const rank = (start + 1 + end) / 2;
    for (const row of order.subarray(start, end)) {
      if (positive[row] !== 1) continue;
      positives++;
      rankSum += rank;
    }
    start = end;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Of several classes: the mean over those that occur of each one's area against all others (macro
 * average, one versus rest; Fawcett 2006, section 9.2).
 *
 * @param chances float64[n × classes]
 * @param labels [n], numbers of classes
 */
export function meanAreaUnderCurve(
  chances: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
): number | null {
  const rows = chances.length / classes;
  const areas = Array.from({ length: classes }, (_, c) => {
    const scores = Float64Array.from({ length: rows }, (_, i) => chances[i * classes + c] ?? NaN);
    const positive = Uint8Array.from({ length: rows }, (_, i) => Number(labels[i] === c));
    return areaUnderCurve(scores, positive);
  }).filter((area) => area !== null);
  if (areas.length === 0) return null;
  return areas.reduce((sum, area) => sum + area, 0) / areas.length;
}
