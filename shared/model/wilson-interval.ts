/** How sure a share is that was counted. */

/** The standard normal's 97.5 % quantile: two-sided 95 %. */
export const NORMAL_95 = 1.959963984540054;

/** 95 % interval of a share, from `right` of `count` (Wilson 1927). */
export function wilsonInterval(right: number, count: number): [low: number, high: number] {
  const share = right / count;
  const shrink = 1 + NORMAL_95 ** 2 / count;
  const centre = (share + NORMAL_95 ** 2 / (2 * count)) / shrink;
  const half =
    (NORMAL_95 * Math.sqrt((share * (1 - share)) / count + (NORMAL_95 / (2 * count)) ** 2)) /
    shrink;
  return [centre - half, centre + half];
}
