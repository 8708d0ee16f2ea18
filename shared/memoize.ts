/** Values that are asked for again and again, as a run does after each round: computed once. */

/** What `make` makes, kept under `key` while it is among the last `most` new ones. */
export function memoize<K, T>(kept: Map<K, T>, most: number, key: K, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  const oldest = kept.keys().next();
  if (kept.size >= most && !oldest.done) kept.delete(oldest.value);
  kept.set(key, made);
  return made;
}
