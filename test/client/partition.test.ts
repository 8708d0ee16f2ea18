import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Partition, partition } from "../../client/partition.ts";
import { seededRoot, stream } from "../../shared/random.ts";

const dealt = (spec: Partition, people: number, clients: number, seed = 4) =>
  partition(spec, people, clients, stream(seededRoot(seed), "partition"));

function sizes(owner: readonly number[], clients: number): number[] {
  return Array.from(
    { length: clients },
    (_, client) => owner.filter((own) => own === client).length,
  );
}

const spec = (people: number): fc.Arbitrary<Partition> =>
  fc.oneof(
    fc.constant<Partition>({ kind: "iid" }),
    fc.record({
      kind: fc.constant("dirichlet" as const),
      alpha: fc.constantFrom(1e-300, 0.001, 0.5, 1, 30),
      labels: fc.array(fc.constantFrom(0, 1), { minLength: people, maxLength: people }),
    }),
    fc.record({
      kind: fc.constant("byColumn" as const),
      values: fc.array(fc.nat({ max: 4 }), { minLength: people, maxLength: people }),
      domain: fc.constant(5),
    }),
  );

describe("partition", () => {
  it("deals everybody to exactly one client, the same on every host", () => {
    const cases = fc
      .nat({ max: 60 })
      .chain((people) => fc.tuple(fc.constant(people), spec(people)));
    fc.assert(
      fc.property(
        cases,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        ([people, kind], clients, seed) => {
          const owner = dealt(kind, people, clients, seed);
          expect(owner).toHaveLength(people);
          expect(owner.every((own) => Number.isInteger(own) && own >= 0 && own < clients)).toBe(
            true,
          );
          expect(dealt(kind, people, clients, seed)).toEqual(owner);
        },
      ),
      { numRuns: 500 },
    );
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
});
