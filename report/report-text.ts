/** Numbers and lists as the page's sentences have them. */

/** 0.9 → "90.0 %". */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Three digits, and no zeros behind them. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** "1 client", "10 clients". */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

const MOST_NAMED = 8;

/** "a, b and c"; of many, the first few. */
export function listText(names: readonly string[]): string {
  if (names.length > MOST_NAMED)
    return `${names.slice(0, MOST_NAMED).join(", ")} and ${names.length - MOST_NAMED} more`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** e to the epsilon, rounded up; a power where that is too long to read. */
export function oddsText(epsilon: number): string {
  if (epsilon >= 7) return `e^${(Math.ceil(epsilon * 10) / 10).toFixed(1)} times`;
  return `${(Math.ceil(Math.exp(epsilon) * 100) / 100).toFixed(2)} times`;
}
