/** Names of clients that nobody named. */

/** c01 … c10: as many digits as the count has, so that they sort. */
export function numberedNames(stem: string, count: number): string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, i) => `${stem}${String(i + 1).padStart(digits, "0")}`);
}

/** Of the virtual clients that join under one name: the name itself, or c1-1, c1-2, … */
export function virtualNames(name: string, clients: number): string[] {
  return clients === 1 ? [name] : numberedNames(`${name}-`, clients);
}
