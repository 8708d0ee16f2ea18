/** Names of bands of numbers. */

/** "[18,38)" and the like: one more than inner edges, or one for each edge where the first is closed. */
export function bandLabels(edges: readonly number[], closed: boolean): string[] {
  const ends = [...(closed ? [] : ["-inf"]), ...edges.map(String), "inf"];
  return ends.slice(1).map((end, i) => `${ends[i] === "-inf" ? "(" : "["}${ends[i]},${end})`);
}
