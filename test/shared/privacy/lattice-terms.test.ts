import { describe, expect, it } from "vitest";
import {
  clientLattice,
  latticeFor,
  leastSensitivity,
  recordLattice,
} from "../../../shared/privacy/lattice-terms.ts";

/** Higham's bound in blocks of 64 slots, written out: what float addition may add, in units of clipNorm. */
const share = (records: number, turns = 0) =>
  (2 * 64 * 66) / 2 ** 24 + (2 * (Math.ceil(records / 64) + 1 + turns) * records) / 2 ** 53;

describe("leastSensitivity", () => {
  it("is raised for more than a thousand clients, to 2^30 over the units that a round can hold", () => {
    expect(leastSensitivity(1_000, 10_000)).toBe(0);
    expect(leastSensitivity(1_001, 10_000)).toBe(107_374);
    expect(leastSensitivity(1_000_000, 300_000)).toBe(3_579);
  });

  it("is at most 2^20", () => {
    expect(leastSensitivity(1_001, 1_024)).toBe(2 ** 20);
    expect(leastSensitivity(1_001, 1_025)).toBe(1_047_552);
    expect(leastSensitivity(1_001, 1_001)).toBe(2 ** 20);
  });
});

describe("clientLattice", () => {
  it("leaves half a step a root coordinate for rounding", () => {
    const { scale, sensitivity } = clientLattice(100, 0.5);
    expect(sensitivity).toBe(4_096);
    expect(scale).toBe((4_096 - 5) / 0.5);
  });

  it("is finer where half a root would be more than a hundredth, or more is asked for", () => {
    // √d / 2 is 40.96 at d = 6710.9.
    expect(clientLattice(6_710, 1).sensitivity).toBe(4_096);
    expect(clientLattice(6_724, 1).sensitivity).toBe(4_100);
    expect(clientLattice(6_724, 1, 4_101).sensitivity).toBe(4_101);
    expect(clientLattice(6_724, 1, 4_099).sensitivity).toBe(4_100);
    expect(clientLattice(100, 1, 4_095).sensitivity).toBe(4_096);
  });
});

describe("recordLattice", () => {
  it("takes the turns of a rotation, log2 d + 3 of them, for float error too", () => {
    for (const rotated of [false, true]) {
      const { scale, sensitivity } = recordLattice(1_024, 0.5, 40_000_000, 0, rotated);
      const float = share(40_000_000, rotated ? 13 : 0);
      expect(sensitivity).toBe(Math.max(4_096, Math.ceil(32 / (0.01 - float))));
      expect((scale * 0.5 * (1 + float) + 32) / sensitivity).toBeCloseTo(1, 14);
    }
  });

  it("is as fine as is asked for, where that is finer", () => {
    expect(recordLattice(1_024, 1, 1_000, 4_097).sensitivity).toBe(4_097);
    expect(recordLattice(1_024, 1, 1_000, 4_095).sensitivity).toBe(4_096);
  });

  it("refuses rows whose float error is a hundredth, and says how much it may be", () => {
    // η = 2 · 64 · 66 / 2^24 + 2 (n / 64 + 1) n / 2^53 passes 0.01 at some 52 million.
    const most = Math.sqrt((0.01 - (2 * 64 * 66) / 2 ** 24) * 2 ** 52 * 64);
    expect(recordLattice(10, 1, Math.floor(most) - 1_000).sensitivity).toBeGreaterThan(4_096);
    expect(() => recordLattice(10, 1, Math.ceil(most) + 1_000)).toThrow("population");
    expect(() => recordLattice(10, 1, 1e9)).toThrow(`${share(1e9)}`);
  });
});

describe("the lattice of a plan", () => {
  const record = { unit: "record", parameters: 1_024, population: 5_000 } as const;
  const client = { unit: "client", parameters: 1_024, population: 5_000 } as const;

  it("goes by its unit, and by the rows where a person has several", () => {
    expect(latticeFor(record, 2)).toEqual(recordLattice(1_024, 2, 5_000));
    expect(latticeFor(client, 2)).toEqual(clientLattice(1_024, 2));
    expect(latticeFor({ ...record, rows: 9_000 }, 2)).toEqual(recordLattice(1_024, 2, 9_000));
    expect(recordLattice(1_024, 2, 9_000)).not.toEqual(recordLattice(1_024, 2, 5_000));
  });

  it("is finer for many clients that each round by themselves, and under distributed trust alone", () => {
    const many = { clients: 2_000, trust: "distributed" } as const;
    for (const unit of [record, client])
      expect(latticeFor({ ...unit, ...many }, 2).sensitivity).toBe(214_748);
    expect(latticeFor({ ...record, ...many, rows: 10_000 }, 2).sensitivity).toBe(107_374);
    expect(latticeFor({ ...record, ...many, trust: "central" }, 2).sensitivity).toBe(4_096);
    expect(latticeFor({ ...client, trust: "distributed" }, 2).sensitivity).toBe(4_096);
  });

  it("counts a rotation where the plan has one", () => {
    const big = { ...record, population: 40_000_000 };
    const rotated = latticeFor({ ...big, rotatedFrom: 1_000 }, 2);
    expect(rotated).toEqual(recordLattice(1_024, 2, 40_000_000, 0, true));
    expect(rotated).not.toEqual(latticeFor(big, 2));
  });
});
