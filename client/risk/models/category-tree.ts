/** A tree over the values of a sensitive column, for distances between distributions on it. */

export interface CategoryTree {
  /** [nodes]: each node's parent, which comes after it; -1 for the root, the last. */
  readonly parents: Int32Array;
  /** [nodes]: edges to the furthest leaf below; 0 for a leaf. */
  readonly heights: Int32Array;
  /** The column's code → its leaf. */
  readonly leafOf: ReadonlyMap<number, number>;
}

/**
 * @param paths each code's labels from the leaf up, as many for each code; labels are told apart by
 *   level. Where they end in several labels, a root above them is added.
 * @throws RangeError where the paths are no tree: loading a hierarchy has checked that they are
 */
export function categoryTree(paths: ReadonlyMap<number, readonly string[]>): CategoryTree {
  const levels = [...paths.values()][0]?.length ?? 0;
  if ([...paths.values()].some((path) => path.length !== levels || levels === 0))
    throw new RangeError("unchecked hierarchy: paths of different lengths");
  const nodes: Map<string, number>[] = [];
  let count = 0;
  for (let level = 0; level < levels; level++) {
    const labels = new Set([...paths.values()].map((path) => path[level] ?? ""));
    nodes.push(new Map([...labels].map((label) => [label, count++])));
  }
  if ((nodes.at(-1)?.size ?? 0) > 1) count += 1;
  const parents = new Int32Array(count).fill(count - 1);
  parents[count - 1] = -1;
  const heights = new Int32Array(count).fill(nodes.length);
  for (const [level, labels] of nodes.entries())
    for (const id of labels.values()) heights[id] = level;
  for (const path of paths.values()) link(path, nodes, parents);
  const leafOf = [...paths].map(
    ([code, path]) => [code, nodes[0]?.get(path[0] ?? "") ?? 0] as const,
  );
  return { parents, heights, leafOf: new Map(leafOf) };
}

function link(path: readonly string[], nodes: Map<string, number>[], parents: Int32Array): void {
  const ids = path.map((label, level) => nodes[level]?.get(label) ?? 0);
  for (const [level, parent] of ids.slice(1).entries()) {
    const child = ids[level] ?? 0;
    const known = parents[child] ?? -1;
    if (known !== parents.length - 1 && known !== parent)
      throw new RangeError("unchecked hierarchy: a label with two parents");
    parents[child] = parent;
  }
}
