import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactFraction } from "../../../shared/noise/exact-fraction.ts";
import { groupPrivacy, rawFactor, rawReason } from "../../../shared/privacy/group-privacy.ts";
import { logUniform } from "../../support/properties.ts";

const DIGITS = 10n ** 60n;

/** e^x in units of 1e-60, by its series after halving x until it is small. */
function exactExp(x: number): bigint {
  const { numerator, denominator } = exactFraction(x);
  const halvings = 20n;
  const small = (numerator * DIGITS) / (denominator * 2n ** halvings);
  let [sum, term] = [DIGITS, DIGITS];
  for (let n = 1n; term > 0n; n++) {
    term = (term * small) / (DIGITS * n);
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) / DIGITS;
  return sum;
}

/** delta (1 + e^epsilon + … + e^((k-1) epsilon)) in units of 1e-60: no quotient, no logarithm. */
function exactGroupDelta(k: number, epsilon: number, delta: number): bigint {
  const step = exactExp(epsilon);
  let [sum, power] = [0n, DIGITS];
  for (let i = 0; i < k; i++) {
    sum += power;
    power = (power * step) / DIGITS;
  }
  const { numerator, denominator } = exactFraction(delta);
  return (sum * numerator) / denominator;
}

function units(x: number): bigint {
  const { numerator, denominator } = exactFraction(x);
  return (numerator * DIGITS) / denominator;
}

describe("rawFactor", () => {
  const MODES = ["report", "suppress", "mondrian"] as const;

  it.each([
    // A row that leaves a class of 7, or makes one: 7 rows of difference.
    ["record", [1, 7, null]],
    // A client's rows move no others than its own, which are one unit already.
    ["client", [1, 1, 1]],
  ] as const)("of a %s: by mode", (unit, expected) => {
    const factor = (unsafe: boolean) =>
      MODES.map((mode) => rawFactor({ mode, k: 7, unsafe }, unit));
    expect(factor(false)).toEqual(expected);
    // A level that rows decided may move any number of them, at any client.
    expect(factor(true)).toEqual([null, null, null]);
  });

  it("is no smaller than the rows that one raw row does move, of all small tables", () => {
    const k = 2;
    const kept = (classes: readonly number[]) =>
      classes.map((own) => classes.filter((other) => other === own).length >= k);
    let most = { gone: 0, replaced: 0, steps: 0 };
    for (const table of tables(6, 3)) {
      const before = kept(table);
      for (const row of table.keys()) {
        for (const other of [-1 - row, 0, 1, 2]) {
          const after = kept(table.map((own, i) => (i === row ? other : own)));
          // Clip norms: 1 of a row that comes or goes, 2 of one in whose place another one is.
          const moved = before.map((own, i) => Number(own) + Number(after[i]));
          const far = moved.map((both, i) => (i === row ? both : both % 2));
          const sum = far.reduce((a, b) => a + b, 0);
          if (other < 0) most = { ...most, gone: Math.max(most.gone, sum) };
          else {
            const steps = far.filter((one) => one > 0).length;
            most = {
              ...most,
              replaced: Math.max(most.replaced, sum),
              steps: Math.max(most.steps, steps),
            };
          }
        }
      }
    }
    const factor = rawFactor(SUPPRESS, "record");
    // A row that vanishes moves 1, a replaced one 2.
    expect(most).toEqual({ gone: factor, replaced: 2 * (factor ?? 0), steps: 2 * k - 1 });
  });

  it("of persons with rows in several classes is what small tables reach, and no more", () => {
    const [k, rowsEach] = [2, 2];
    let [persons, rows] = [0, 0];
    // Person 0 with a row in each of two classes; every placement of two rows of three others.
    for (const table of tables(6, 3)) {
      const owned = [
        ...[0, 1].map((own) => ({ person: 0, own })),
        ...table.map((own, i) => ({ person: 1 + Math.floor(i / rowsEach), own })),
      ];
      const kept = (present: typeof owned) =>
        present.filter(
          ({ own }) =>
            new Set(present.filter((row) => row.own === own).map(({ person }) => person)).size >= k,
        );
      const without = new Set(kept(owned.filter(({ person }) => person !== 0)));
      const gone = kept(owned).filter((row) => !without.has(row));
      persons = Math.max(persons, new Set(gone.map(({ person }) => person)).size);
      rows = Math.max(rows, gone.length);
    }
    const factor = rawFactor(SUPPRESS, "record", rowsEach) ?? 0;
    expect(persons).toBe(factor);
    expect(rows).toBe(factor * rowsEach);
    // What k N would say.
    expect(rows).toBeGreaterThan(k * rowsEach);
  });

  it("is no bound where it passes what a ledger line can say", () => {
    expect(rawFactor({ ...SUPPRESS, k: 1_000_000 }, "record")).toBe(1_000_000);
    expect(rawFactor({ ...SUPPRESS, k: 1_000_000 }, "record", 2)).toBeNull();
  });

  it("has its reason, the number in it", () => {
    expect(rawReason(1, "record")).toContain("by itself, none is suppressed");
    // Of a client's own rows some may well be.
    expect(rawReason(1, "client")).not.toContain("suppressed");
    expect(rawReason(10, "record")).toContain("may move 10 rows");
    expect(rawReason(null, "client")).toContain("any number");
  });
});

const SUPPRESS = { mode: "suppress", k: 2, unsafe: false } as const;

/** Every table of that many rows, each row in one of those classes. */
function* tables(rows: number, classes: number): Generator<number[]> {
  for (let code = 0; code < classes ** rows; code++)
    yield Array.from({ length: rows }, (_, i) => Math.floor(code / classes ** i) % classes);
}

describe("groupPrivacy", () => {
  it("costs nothing where each row is recoded by itself, and promises nothing without a factor", () => {
    expect(groupPrivacy(1, 1.3, 1e-5)).toEqual({ epsilon: 1.3, delta: 1e-5 });
    expect(groupPrivacy(1, Infinity, 1e-5)?.epsilon).toBe(Infinity);
    expect(groupPrivacy(null, 1.3, 1e-5)).toBeNull();
  });

  it("gives epsilon 5 and delta 8.6e-4 for epsilon 1, delta 1e-5 and five rows", () => {
    const price = groupPrivacy(5, 1, 1e-5);
    expect(price?.epsilon).toBe(5);
    expect(price?.delta).toBeCloseTo(8.579e-4, 7);
    expect(groupPrivacy(6, 0.25, 0)).toEqual({ epsilon: 1.5, delta: 0 });
  });

  it("is at least the exact sum of the group's steps, to 1e-11", () => {
    const groups = fc.tuple(
      fc.integer({ min: 2, max: 30 }),
      logUniform(1e-9, 3),
      logUniform(1e-40, 1e-12),
    );
    fc.assert(
      fc.property(groups, ([k, epsilon, delta]) => {
        const price = groupPrivacy(k, epsilon, delta);
        const exact = exactGroupDelta(k, epsilon, delta);
        if (price === null) {
          expect(exact).toBeGreaterThan((DIGITS * 99n) / 100n);
          return;
        }
        // The oracle's own rounding, a few thousand of its units.
        expect(units(price.delta) + 10_000n).toBeGreaterThanOrEqual(exact);
        expect(units(price.delta)).toBeLessThanOrEqual(exact + exact / 10n ** 11n + 10_000n);
        expect(units(price.epsilon)).toBeGreaterThanOrEqual(units(epsilon) * BigInt(k));
        expect(price.epsilon).toBeLessThanOrEqual(k * epsilon * (1 + 1e-15));
      }),
    );
  });

  it("neither overflows nor promises a delta of 1", () => {
    expect(groupPrivacy(100, 50, 1e-5)).toBeNull();
    expect(groupPrivacy(5, 1e308, 0)).toBeNull();
    expect(groupPrivacy(5, Infinity, 1e-5)).toBeNull();
    expect(groupPrivacy(2, 1, 0.3)).toBeNull();
    expect(groupPrivacy(1, 1, 1)).toBeNull();
    const far = 1e-306 * Math.exp(351) * Math.exp(351);
    expect(groupPrivacy(40, 18, 1e-306)?.delta).toBeCloseTo(far, 3);
  });

  it("adds deltas up at epsilon 0", () => {
    const price = groupPrivacy(4, 0, 1e-6);
    expect(price?.epsilon).toBe(0);
    expect((price?.delta ?? NaN) / 4e-6).toBeCloseTo(1, 11);
  });

  it("refuses what is no factor, epsilon or delta", () => {
    for (const [factor, epsilon, delta] of [
      [0, 1, 0],
      [2.5, 1, 0],
      [NaN, 1, 0],
      [2, -1, 0],
      [2, NaN, 0],
      [2, 1, -1],
      [2, 1, NaN],
      [null, NaN, 0],
    ] as const)
      expect(() => groupPrivacy(factor, epsilon, delta)).toThrow(RangeError);
  });
});
