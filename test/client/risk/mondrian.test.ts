import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Mondrian, mondrian } from "../../../client/risk/mondrian.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { goldenTables } from "../../support/anonymity-vectors.ts";

type Points = readonly (readonly number[])[];

function partitioned(points: Points, k: number): Mondrian {
  const columns = [...(points[0] ?? [0]).keys()].map((index) => ({
    name: `x${index}`,
    codes: Float64Array.from(points, (point) => point[index] ?? NaN),
  }));
  return mondrian(columns, k);
}

function membersOf({ partitionOf, partitions }: Mondrian, points: Points): number[][][] {
  const members = partitions.map((): number[][] => []);
  for (const [row, id] of partitionOf.entries()) members[id]?.push([...(points[row] ?? [])]);
  return members;
}

/** Any cut of any column that leaves k points on both sides: the definition, tried value by value. */
function hasAllowableCut(points: Points, k: number): boolean {
  return (points[0] ?? []).some((_, index) => {
    const values = points.map((point) => point[index] ?? NaN);
    return values.some((value) => {
      const lower = values.filter((other) => other <= value).length;
      return lower >= k && points.length - lower >= k;
    });
  });
}

function mostCopies(points: Points): number {
  const copies = new Map<string, number>();
  for (const point of points) copies.set(String(point), (copies.get(String(point)) ?? 0) + 1);
  return Math.max(...copies.values());
}

describe("golden partitions", () => {
  const { mondrian_cases: cases } = goldenTables;

  it.each(cases.filter(({ properties }) => !properties.error))("$id", ({ rows, k, properties }) => {
    const result = partitioned(rows, k);
    const sizes = result.partitions.map((part) => part.rows).sort((a, b) => a - b);
    const median = properties.median_cut_class_sizes_sorted ?? sizes;
    expect(sizes).toEqual(properties.exact_class_sizes_sorted ?? median);
    expect(sizes).toEqual(median);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(properties.rows_kept);
    expect(sizes[0]).toBeGreaterThanOrEqual(properties.every_class_at_least ?? NaN);
    expect(sizes.at(-1)).toBeLessThanOrEqual(properties.max_class_size_at_most ?? NaN);
    expect(sizes.length).toBeGreaterThanOrEqual(properties.classes_at_least ?? NaN);
    expect(sizes.length).toBeLessThanOrEqual(properties.classes_at_most ?? NaN);
  });

  it.each(cases.filter(({ properties }) => properties.error))("refuses $id", ({ rows, k }) => {
    expect(() => partitioned(rows, k)).toThrow(ScenarioError);
    expect(() => partitioned(rows, k)).toThrow("data.fewerRowsThanK");
  });
});

/** Points of up to 3 columns with many equal values, and a k that they reach. */
const anyPoints = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 8 }),
  )
  .chain(([columns, k, most]) =>
    fc.record({
      k: fc.constant(k),
      points: fc.array(
        fc.array(fc.integer({ min: -most, max: most }), { minLength: columns, maxLength: columns }),
        { minLength: k, maxLength: 60 },
      ),
    }),
  );

it("keeps every row, in partitions of at least k, and none that could be cut again", () => {
  fc.assert(
    fc.property(anyPoints, ({ points, k }) => {
      const result = partitioned(points, k);
      const members = membersOf(result, points);
      expect(members.map(({ length }) => length)).toEqual(result.partitions.map((p) => p.rows));
      for (const part of members) {
        expect(part.length).toBeGreaterThanOrEqual(k);
        expect(hasAllowableCut(part, k)).toBe(false);
        const columns = points[0]?.length ?? NaN;
        expect(part.length).toBeLessThanOrEqual(2 * columns * (k - 1) + mostCopies(part));
      }
    }),
  );
});

it("gives each partition the least box around its rows, apart from all other boxes", () => {
  fc.assert(
    fc.property(anyPoints, ({ points, k }) => {
      const result = partitioned(points, k);
      const boxes = membersOf(result, points).map((part) =>
        (part[0] ?? []).map((_, index) => {
          const values = part.map((point) => point[index] ?? NaN);
          return [Math.min(...values), Math.max(...values)] as const;
        }),
      );
      expect(result.partitions.map(({ ranges }) => ranges)).toEqual(boxes);
      for (const [i, box] of boxes.entries())
        for (const other of boxes.slice(i + 1)) {
          const apart = box.some(([low, high], d) => {
            const [otherLow, otherHigh] = other[d] ?? [low, high];
            return high < otherLow || otherHigh < low;
          });
          expect(apart).toBe(true);
        }
    }),
  );
});

it("moves nothing where the rows come in another order", () => {
  const shuffled = anyPoints.chain(({ points, k }) =>
    fc.record({
      k: fc.constant(k),
      points: fc.constant(points),
      order: fc.shuffledSubarray([...points.keys()], { minLength: points.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ points, k, order }) => {
      const [before, after] = [points, order.map((row) => points[row] ?? [])].map((rows) =>
        partitioned(rows, k),
      );
      expect(after?.partitions).toEqual(before?.partitions);
      expect([...(after?.partitionOf ?? [])]).toEqual(order.map((row) => before?.partitionOf[row]));
    }),
  );
});

it("keeps partitions below 2k where no value occurs twice in one column", () => {
  const random = stream(seededRoot(7), "simulate");
  const points = random.permutation(1000).map((value) => [value]);
  for (const { rows } of partitioned(points, 7).partitions) expect(rows).toBeLessThan(14);
});

it("cuts the column that is widest relative to the whole table, the first of equally wide ones", () => {
  const grid = [0, 1, 2, 3].flatMap((x) => [0, 1000].map((y) => [x, y]));
  const boxes = (points: Points) => partitioned(points, 4).partitions.map(({ ranges }) => ranges);
  // Both are as wide as ever: the first is cut, though the other's numbers are larger.
  expect(boxes(grid)).toEqual([
    [
      [0, 1],
      [0, 1000],
    ],
    [
      [2, 3],
      [0, 1000],
    ],
  ]);
  // Once x is cut from eight points far off, it is 3 of 100 wide, and y all of its 1000.
  const far = [0, 1, 2, 3, 4, 5, 6, 7].map((y) => [100, 100 * y]);
  expect(boxes([...grid, ...far]).slice(0, 2)).toEqual([
    [
      [0, 3],
      [0, 0],
    ],
    [
      [0, 3],
      [1000, 1000],
    ],
  ]);
});

it("cuts below the run of the median where nothing above it allows a cut", () => {
  const { partitions } = partitioned([[1], [1], [1], [5], [5], [5], [5], [6]], 3);
  expect(partitions).toEqual([
    { rows: 3, ranges: [[1, 1]] },
    { rows: 5, ranges: [[5, 6]] },
  ]);
});

it("refuses codes without an order, and a k that is none", () => {
  expect(() => partitioned([[1], [NaN]], 1)).toThrow(RangeError);
  expect(() => partitioned([[1]], 0)).toThrow(RangeError);
  expect(() => partitioned([[1]], NaN)).toThrow(RangeError);
});

it("leaves all rows together where no column tells them apart", () => {
  expect(mondrian([], 2, 5)).toEqual({
    partitionOf: new Int32Array(5),
    partitions: [{ rows: 5, ranges: [] }],
  });
  expect(() => mondrian([], 6, 5)).toThrow(ScenarioError);
});

it("reaches the bound: points on the axes that no cut may part", () => {
  // LeFevre et al. 2006: k - 1 points at either end of each of d axes, m at the origin.
  const [k, copies] = [4, 3];
  for (const d of [1, 2, 3]) {
    const axis = (of: number, end: number) =>
      Array.from({ length: k - 1 }, () =>
        Array.from({ length: d }, (_, i) => (i === of ? end : 0)),
      );
    const points = [
      ...Array.from({ length: copies }, () => new Array<number>(d).fill(0)),
      ...Array.from({ length: d }, (_, of) => [...axis(of, -1), ...axis(of, 1)]).flat(),
    ];
    const { partitions } = partitioned(points, k);
    expect(partitions.map(({ rows }) => rows)).toEqual([2 * d * (k - 1) + copies]);
  }
});
