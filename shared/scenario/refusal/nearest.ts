/** The known name that a mistyped one most likely meant. */
/**
 * The closest of `known` within two edits, letter case aside; else the only one that is longer or shorter
 * at its end alone (`cos` for cosine); undefined if there is neither.
 */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase();
  const [close] = known
    .map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  if (close) return close.name;
  const begun = known.filter((name) => begins(plain(name), plain(key)));
  return begun.length === 1 ? begun[0] : undefined;
}

/** One of them is how the other begins; a single letter says nothing. */
function begins(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  return shorter >= 2 && a.slice(0, shorter) === b.slice(0, shorter);
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
