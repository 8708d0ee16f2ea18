import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Partition, partition } from "../../../client/data/partition.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";

const dealt = (spec: Partition, people: number, clients: number, seed = 4) =>
  partition(spec, people, clients, stream(seededRoot(seed), "partition"));

function sizes(owner: readonly number[], clients: number): number[] {
  return Array.from(
    { length: clients },
    (_, client) => owner.filter((own) => own === client).length,
  );
}

const list = (people: number, most: number) =>
  fc.array(fc.nat({ max: most }), { minLength: people, maxLength: people });

/** Every kind, for that many people and clients. */
const spec = (people: number, clients: number): fc.Arbitrary<Partition> =>
  fc.oneof(
    fc.constant<Partition>({ kind: "iid" }),
    fc.record({
      kind: fc.constant("dirichlet" as const),
      alpha: fc.constantFrom(1e-300, 0.001, 0.5, 1, 30, 1e300),
      labels: list(people, 3),
    }),
    fc.record({
      kind: fc.constant("byColumn" as const),
      values: list(people, 4),
      domain: fc.constant(5),
    }),
    fc.record({
      kind: fc.constant("shards" as const),
      labels: list(people, 3),
      shardsEach: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      kind: fc.constant("sizes" as const),
      law: fc.oneof(
        fc.record({ kind: fc.constant("zipf" as const), exponent: fc.constantFrom(0.5, 1, 10) }),
        fc.record({ kind: fc.constant("logNormal" as const), sigma: fc.constantFrom(0.3, 2, 10) }),
      ),
    }),
    fc.record({ kind: fc.constant("files" as const), owners: list(people, clients - 1) }),
  );

describe("partition", () => {
  it("deals everybody to exactly one client, the same on every host", () => {
    const cases = fc
      .tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 12 }))
      .chain(([people, clients]) =>
        fc.tuple(fc.constant(people), fc.constant(clients), spec(people, clients)),
      );
    const kinds = new Set<string>();
    fc.assert(
      fc.property(cases, fc.nat(), ([people, clients, kind], seed) => {
        const owner = dealt(kind, people, clients, seed);
        expect(owner).toHaveLength(people);
        const isClient = (own: number) => Number.isInteger(own) && own >= 0 && own < clients;
        expect(owner.every(isClient)).toBe(true);
        expect(dealt(kind, people, clients, seed)).toEqual(owner);
        kinds.add(kind.kind);
      }),
      { numRuns: 500 },
    );
    expect(kinds.size).toBe(6);
  });

  it("iid gives sizes that differ by at most one, in no order of the file", () => {
    const owner = dealt({ kind: "iid" }, 103, 10);
    expect(sizes(owner, 10).sort()).toEqual([10, 10, 10, 10, 10, 10, 10, 11, 11, 11]);
    expect(owner.slice(0, 10)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(dealt({ kind: "iid" }, 103, 10, 5)).not.toEqual(owner);
  });

  it("dirichlet gives each label's shares their mean and variance", () => {
    // Dirichlet(alpha, K = 4): mean 1/4, variance (1/4 · 3/4) / (4 alpha + 1).
    const [alpha, clients, people, runs] = [0.5, 4, 200, 400];
    const labels = Array.from({ length: people }, (_, i) => i % 2);
    const shares = Array.from({ length: runs }, (_, seed) => {
      const owner = dealt({ kind: "dirichlet", alpha, labels }, people, clients, seed);
      return owner.filter((own, person) => own === 1 && labels[person] === 1).length / (people / 2);
    });
    const mean = shares.reduce((a, b) => a + b, 0) / runs;
    const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / runs;
    const expected = (0.25 * 0.75) / (clients * alpha + 1);
    expect(Math.abs(mean - 0.25)).toBeLessThan(5 * Math.sqrt(expected / runs));
    expect(variance).toBeGreaterThan(expected * 0.65);
    expect(variance).toBeLessThan(expected * 1.35);
  });

  it("a large alpha is nearly iid, a small one leaves clients empty", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => i % 2);
    const even = sizes(dealt({ kind: "dirichlet", alpha: 1e6, labels }, 1000, 10), 10);
    expect(Math.min(...even)).toBeGreaterThan(95);
    const uneven = sizes(dealt({ kind: "dirichlet", alpha: 0.01, labels }, 1000, 10), 10);
    expect(uneven.filter((size) => size === 0).length).toBeGreaterThan(3);
  });

  it("byColumn gives each client one value where there are clients enough", () => {
    const values = Array.from({ length: 90 }, (_, i) => i % 3);
    const owner = dealt({ kind: "byColumn", values, domain: 3 }, 90, 7);
    const held = Array.from(
      { length: 7 },
      (_, client) => new Set(values.filter((_, i) => owner[i] === client)),
    );
    expect(held.map((set) => [...set])).toEqual([[0], [1], [2], [0], [1], [2], [0]]);
    expect(sizes(owner, 7)).toEqual([10, 15, 15, 10, 15, 15, 10]);
  });

  it("byColumn never splits a value over clients that are fewer", () => {
    const values = Array.from({ length: 90 }, (_, i) => i % 5);
    const owner = dealt({ kind: "byColumn", values, domain: 5 }, 90, 2);
    expect(owner).toEqual(values.map((value) => value % 2));
  });

  it("a label goes to one client as alpha falls to 0, in like parts to all as it grows", () => {
    const labels = Array.from({ length: 900 }, (_, i) => i % 3);
    const held = (alpha: number, label: number) => {
      const owner = dealt({ kind: "dirichlet", alpha, labels }, 900, 6);
      return sizes(
        owner.filter((_, person) => labels[person] === label),
        6,
      ).sort((a, b) => a - b);
    };
    for (const label of [0, 1, 2]) {
      expect(held(1e-6, label)).toEqual([0, 0, 0, 0, 0, 300]);
      expect(held(1e9, label).every((size) => Math.abs(size - 50) <= 1)).toBe(true);
    }
  });

  it("reads nothing of a person but the label: any names for labels in the same order do", () => {
    const labels = Array.from({ length: 200 }, (_, i) => i % 3);
    const renamed = labels.map((label) => 10 * label - 7);
    for (const kind of ["dirichlet", "shards"] as const) {
      const part = (of: number[]): Partition =>
        kind === "shards" ? { kind, shardsEach: 2, labels: of } : { kind, alpha: 0.5, labels: of };
      expect(dealt(part(renamed), 200, 7)).toEqual(dealt(part(labels), 200, 7));
    }
  });

  it("shards give each client so many of the sorted people, and so at most as many labels", () => {
    // As of McMahan et al. 2017: 100 clients, two shards each, ten labels.
    const labels = Array.from({ length: 6_000 }, (_, i) => i % 10);
    const owner = dealt({ kind: "shards", shardsEach: 2, labels }, 6_000, 100);
    expect(new Set(sizes(owner, 100))).toEqual(new Set([60]));
    const seen = Array.from(
      { length: 100 },
      (_, client) => new Set(labels.filter((_, i) => owner[i] === client)).size,
    );
    expect(Math.max(...seen)).toBe(2);
    // Two of 200 shards share their label with chance 19/199: about ten clients of a hundred.
    expect(seen.filter((kinds) => kinds === 1).length).toBeLessThan(25);
    expect(dealt({ kind: "shards", shardsEach: 2, labels }, 6_000, 100, 5)).not.toEqual(owner);
  });

  it("shards differ by at most one where they do not come out even", () => {
    const labels = Array.from({ length: 103 }, (_, i) => i % 2);
    const owner = dealt({ kind: "shards", shardsEach: 1, labels }, 103, 10);
    expect(sizes(owner, 10).sort()).toEqual([10, 10, 10, 10, 10, 10, 10, 11, 11, 11]);
  });

  /** One each, the rest in proportion to weights: no size is a whole person off. */
  function expectProportional(got: readonly number[], weights: readonly number[], people: number) {
    const total = weights.reduce((a, b) => a + b, 0);
    expect(got.reduce((a, b) => a + b, 0)).toBe(people);
    for (const [i, size] of got.entries()) {
      const exact = 1 + ((weights[i] ?? 0) / total) * (people - got.length);
      expect(Math.abs(size - exact)).toBeLessThan(1);
    }
  }

  it.each([0.5, 1, 2.5])("sizes by Zipf fall as rank^-%d", (exponent) => {
    const owner = dealt({ kind: "sizes", law: { kind: "zipf", exponent } }, 5_000, 40);
    const weights = Array.from({ length: 40 }, (_, rank) => 1 / (rank + 1) ** exponent);
    expectProportional(sizes(owner, 40), weights, 5_000);
    expect(sizes(owner, 40)).toEqual(sizes(owner, 40).sort((a, b) => b - a));
    // Who is held is drawn, how many are not.
    const other = dealt({ kind: "sizes", law: { kind: "zipf", exponent } }, 5_000, 40, 5);
    expect(sizes(other, 40)).toEqual(sizes(owner, 40));
    expect(other).not.toEqual(owner);
  });

  it("sizes by the log-normal law are e^(sigma Z), of the draws that follow the order", () => {
    const random = stream(seededRoot(4), "partition");
    random.permutation(5_000);
    const weights = Array.from({ length: 40 }, () => Math.exp(0.7 * random.normal()));
    const owner = dealt({ kind: "sizes", law: { kind: "logNormal", sigma: 0.7 } }, 5_000, 40);
    expectProportional(sizes(owner, 40), weights, 5_000);
  });

  it("sizes by the log-normal law have logarithms of that deviation, and of no other", () => {
    const [clients, people, sigma] = [1_000, 200_000, 0.6];
    const owner = dealt({ kind: "sizes", law: { kind: "logNormal", sigma } }, people, clients);
    const count = new Array<number>(clients).fill(0);
    for (const own of owner) count[own] = (count[own] ?? 0) + 1;
    const logs = count.map((size) => Math.log(size - 1));
    const mean = logs.reduce((a, b) => a + b, 0) / clients;
    const deviation = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / (clients - 1));
    // Five standard errors of a deviation, sigma / sqrt(2 n), and rounding below a hundredth.
    expect(Math.abs(deviation - sigma)).toBeLessThan(5 * (sigma / Math.sqrt(2 * clients)) + 0.01);
  });

  it("sizes leave no client empty where there are people enough, and no one out where not", () => {
    const law = { kind: "zipf", exponent: 10 } as const;
    expect(sizes(dealt({ kind: "sizes", law }, 12, 10), 10)).toEqual([
      3, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]);
    expect(sizes(dealt({ kind: "sizes", law }, 5, 10), 10)).toEqual([5, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("files stay with their clients", () => {
    const owners = [2, 0, 0, 1, 2];
    expect(dealt({ kind: "files", owners }, 5, 3)).toEqual(owners);
  });

  it.each<[string, Partition]>([
    ["labels that are too few", { kind: "dirichlet", alpha: 1, labels: [0] }],
    ["labels that are too many", { kind: "shards", shardsEach: 1, labels: [0, 1, 0] }],
    ["no values", { kind: "byColumn", values: [], domain: 2 }],
    ["an owner who is no client", { kind: "files", owners: [0, 3] }],
    ["an owner below the first", { kind: "files", owners: [0, -1] }],
    ["half an owner", { kind: "files", owners: [0, 0.5] }],
  ])("throws on %s", (_, bad) => {
    expect(() => dealt(bad, 2, 3)).toThrow(TypeError);
  });
});

describe("with ten labels", () => {
  const labels = Array.from({ length: 2_000 }, (_, i) => (i * 7) % 10);
  const seenBy = (owner: readonly number[], clients: number) =>
    Array.from(
      { length: clients },
      (_, client) => new Set(labels.filter((_, person) => owner[person] === client)),
    );

  it("two shards each show a client four labels at most, and all are shown", () => {
    const owner = dealt({ kind: "shards", labels, shardsEach: 2 }, 2_000, 20);
    const seen = seenBy(owner, 20);
    for (const own of seen) expect(own.size).toBeLessThanOrEqual(4);
    expect(new Set(seen.flatMap((own) => [...own])).size).toBe(10);
    expect(sizes(owner, 20)).toEqual(Array(20).fill(100));
  });

  it("a small alpha shows a client few of them, a large one all", () => {
    const mean = (alpha: number) => {
      const seen = seenBy(dealt({ kind: "dirichlet", alpha, labels }, 2_000, 10), 10);
      return seen.reduce((sum, own) => sum + own.size, 0) / 10;
    };
    expect(mean(0.01)).toBeLessThan(4);
    expect(mean(100)).toBe(10);
  });
});
