/**
 * The earth mover's distance by its definition: a transport of least cost, found by augmenting along
 * cheapest paths. Slow and plain; whole numbers throughout.
 */

/**
 * @param supply what lies at each place, and @param demand what is wanted there; equal in sum
 * @param cost of moving one unit from a place to another; 0 from a place to itself
 */
export function transportCost(
  supply: readonly number[],
  demand: readonly number[],
  cost: (from: number, to: number) => number,
): number {
  const left = [...supply];
  const wanted = [...demand];
  const moved = supply.map(() => demand.map(() => 0));
  let total = 0;
  while (left.some((units) => units > 0)) {
    const { path, length } = cheapestPath(left, wanted, moved, cost);
    const [source = 0, sink = 0] = [path[0]?.from, path.at(-1)?.to];
    const back = path.filter(({ isBack }) => isBack).map(({ from, to }) => moved[to]?.[from] ?? 0);
    const units = Math.min(left[source] ?? 0, wanted[sink] ?? 0, ...back);
    for (const { from, to, isBack } of path) {
      const [row, column] = isBack ? [to, from] : [from, to];
      const line = moved[row];
      if (line) line[column] = (line[column] ?? 0) + (isBack ? -units : units);
    }
    left[source] = (left[source] ?? 0) - units;
    wanted[sink] = (wanted[sink] ?? 0) - units;
    total += units * length;
  }
  return total;
}

interface Step {
  readonly from: number;
  readonly to: number;
  /** From a demand back to a supply, undoing what was moved. */
  readonly isBack: boolean;
}

/** By Bellman and Ford, from any supply that is left to any demand that is open. */
function cheapestPath(
  left: readonly number[],
  wanted: readonly number[],
  moved: readonly (readonly number[])[],
  cost: (from: number, to: number) => number,
): { path: Step[]; length: number } {
  const places = left.map((_, place) => place);
  const atSupply = left.map((units) => (units > 0 ? 0 : Infinity));
  const atDemand = wanted.map(() => Infinity);
  const toSupply = new Map<number, Step>();
  const toDemand = new Map<number, Step>();
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const from of places)
      for (const to of places) {
        const there = (atSupply[from] ?? 0) + cost(from, to);
        if (there < (atDemand[to] ?? 0)) {
          hasChanged = true;
          atDemand[to] = there;
          toDemand.set(to, { from, to, isBack: false });
        }
        const back = (atDemand[to] ?? 0) - cost(from, to);
        if ((moved[from]?.[to] ?? 0) > 0 && back < (atSupply[from] ?? 0)) {
          hasChanged = true;
          atSupply[from] = back;
          toSupply.set(from, { from: to, to: from, isBack: true });
        }
      }
  }
  const open = places.filter((place) => (wanted[place] ?? 0) > 0);
  const sink = open.reduce((a, b) => ((atDemand[b] ?? 0) < (atDemand[a] ?? 0) ? b : a));
  const path: Step[] = [];
  for (let step = toDemand.get(sink); step; ) {
    path.unshift(step);
    step = step.isBack ? toDemand.get(step.from) : toSupply.get(step.from);
  }
  return { path, length: atDemand[sink] ?? 0 };
}
