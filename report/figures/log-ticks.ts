/** Where a logarithmic axis is labelled. */

/** Parts of a decade, few of them first. */
const PARTS = [
  [1, 3],
  [1, 2, 5],
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
] as const;
const DECADES = Array.from({ length: 16 }, (_, i) => 10 ** (i - 8));
/** How far beyond the values a mark may lie. */
const BEYOND = 1.1;

/** 0.01, 0.03, 0.1 …; where fewer than two of them lie within the values, closer ones. @param values above 0 */
export function logTicks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values) / BEYOND, Math.max(...values) * BEYOND];
  const marks = PARTS.map((parts) =>
    DECADES.flatMap((power) => parts.map((part) => Number((part * power).toPrecision(1)))).filter(
      (mark) => mark >= low && mark <= high,
    ),
  );
  return marks.find(({ length }) => length >= 2) ?? marks.at(-1) ?? [];
}
