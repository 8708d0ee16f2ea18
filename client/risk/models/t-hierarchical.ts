/**
 * t-closeness by the hierarchical distance (Li, Li & Venkatasubramanian 2007): two values
 * are as far apart as their lowest common ancestor is high. What a node's children have too much of
 * and too little of is moved below it as far as the one covers the other.
 */
import type { CategoryTree } from "./category-tree.ts";
import type { ClassDistance } from "./t.ts";
import type { ValueCounts } from "./value-counts.ts";

/**
 * Σ over inner nodes of height / H × min(surplus, deficit) of its children, H the root's height. Below
 * a node without a value of the class nothing is in surplus: a class costs its values' ancestors.
 *
 * @returns null where a value that occurs has no leaf: nobody said how far it is
 */
export function hierarchicalDistance(
  counts: ValueCounts,
  tree: CategoryTree,
): ClassDistance | null {
  const { rows, sizes, starts, values } = counts;
  const { parents, heights } = tree;
  const leaves = leavesOf(counts, tree);
  if (leaves === null) return null;
  const totals = totalsBelow(counts, leaves, tree);
  const own = new Float64Array(parents.length);
  // Over its children, Σ of what Q has more of than P, times rows × size: a whole number.
  const surplus = new Float64Array(parents.length);
  /** Fills `own` by a class's rows under each node. @returns the nodes that have any */
  const load = (id: number) => {
    const touched: number[] = [];
    for (let pair = starts[id] ?? 0; pair < (starts[id + 1] ?? 0); pair++) {
      const leaf = leaves[values[pair] ?? 0] ?? 0;
      for (let node = leaf; node >= 0; node = parents[node] ?? -1) {
        if (own[node] === 0) touched.push(node);
        addTo(own, node, counts.counts[pair] ?? 0);
      }
    }
    return touched;
  };
  return (id) => {
    const size = sizes[id] ?? 0;
    const touched = load(id);
    const extraOf = (node: number) =>
      Math.max(0, (own[node] ?? 0) * rows - (totals[node] ?? 0) * size);
    for (const node of touched) {
      const parent = parents[node] ?? -1;
      if (parent >= 0) addTo(surplus, parent, extraOf(node));
    }
    let moved = 0;
    // A node's extra is its children's surplus less their deficit.
    for (const node of touched) {
      moved += (heights[node] ?? 0) * ((surplus[node] ?? 0) - extraOf(node));
      own[node] = 0;
      surplus[node] = 0;
    }
    return { top: moved, bottom: Math.max(1, heights.at(-1) ?? 0) * rows * size };
  };
}

function addTo(sums: Float64Array, at: number, amount: number): void {
  sums[at] = (sums[at] ?? 0) + amount;
}

function leavesOf({ codes, totals }: ValueCounts, { leafOf }: CategoryTree): Int32Array | null {
  const leaves = new Int32Array(codes.length);
  for (let value = 0; value < codes.length; value++) {
    const leaf = leafOf.get(codes[value] ?? 0);
    if (leaf === undefined && totals[value] !== 0) return null;
    leaves[value] = leaf ?? 0;
  }
  return leaves;
}

/** [nodes]: rows with a value under each. */
function totalsBelow(
  { totals }: ValueCounts,
  leaves: Int32Array,
  { parents }: CategoryTree,
): Float64Array {
  const below = new Float64Array(parents.length);
  for (let value = 0; value < totals.length; value++) {
    const leaf = leaves[value] ?? 0;
    for (let node = leaf; node >= 0; node = parents[node] ?? -1)
      addTo(below, node, totals[value] ?? 0);
  }
  return below;
}
