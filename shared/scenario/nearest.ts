/** The known name that a mistyped one most likely meant. */
/** The closest of `known` within two edits, letter case aside; undefined if none is that close. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase();
  return known
    .map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
