/**
 * What `bounds: private` releases, seen from outside: nothing is read but ledgers, and the table. One record moves the
 * counts by no more than the sensitivity that was charged; what is on top of the true counts has the charged variance.
 */
import { describe, expect, it } from "vitest";
import { simulate } from "../../run/simulate.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { effort } from "../support/effort.ts";
import { chiSquareBounds } from "../support/statistics.ts";

/** Of a normal variable, two-sided at 1e-6: the false-alarm rate of each statistic below. */
const Z = 4.8917;
const STEPS = 64;
const BINS = 84;
const RELEASES = 3;
const CLIENTS = 4;
const PEOPLE = 2_000;

interface Row {
  readonly age: number | null;
  readonly paid: string;
}

/** Most of 20 to 59; every tenth without one; one of 5,000, one of 1, below and above all others. */
const ROWS: readonly Row[] = Array.from({ length: PEOPLE }, (_, i) => {
  const usual = i % 10 === 9 ? null : 20 + (i % 40);
  const age = i === 0 ? 5_000 : i === 1 ? 1 : usual;
  return { age, paid: i % 40 < 20 ? "no" : "yes" };
});
const FEATURES = ["age", "2 * age", "age - 40", "0 - age", "age + 1000", "age / 8"];
/** The same, in the same order. */
const VALUES: readonly ((age: number) => number)[] = [
  (age) => age,
  (age) => 2 * age,
  (age) => age - 40,
  (age) => -age,
  (age) => age + 1_000,
  (age) => age / 8,
];

function scenarioOf(rows: readonly Row[], privacy: object) {
  const features = FEATURES.map((formula, i) => [`f${i}`, { formula, bounds: "private" }]);
  return {
    format: 1,
    name: "ages",
    data: {
      source: { file: rows, testFile: ROWS.slice(0, 40), public: true },
      columns: {
        age: { role: "insensitive", type: "integer", bounds: [-1, 10_000], missing: -1 },
        paid: { role: "target" },
      },
      target: { name: "pays", column: "paid", positive: "yes" },
    },
    features: Object.fromEntries(features),
    training: { rounds: 1, learningRate: 1 },
    privacy: { epsilon: 20, delta: 1e-4, population: rows.length, ...privacy },
    clients: { count: CLIENTS },
  };
}

const releasesIn = (lines: readonly LedgerLine[]) =>
  lines.flatMap(({ entry }) => (entry.kind === "bounds" ? [entry] : []));

type Release = ReturnType<typeof releasesIn>[number];

/** What the ledger charges for one release against those who get the model. */
function chargeIn(lines: readonly LedgerLine[]) {
  const [charge] = lines.flatMap(({ entry }) => (entry.kind === "charge" ? [entry] : []));
  return charge?.events.modelRecipients;
}

it("moves no count but one record's, by the sensitivity that is charged", async () => {
  const exact = { trust: "none", epsilon: undefined };
  const whole = releasesIn((await simulate(scenarioOf(ROWS, exact))).ledger);
  const { plan, ledger } = await simulate(scenarioOf(ROWS, { trust: "central" }));
  const event = chargeIn(ledger);
  if (event?.mechanism !== "gaussian") throw new Error(`charged ${event?.mechanism}`);
  const charged = (plan.privacy.boundsNoiseStddev ?? Number.NaN) / event.noiseMultiplier;
  let compared = 0;
  // The greatest, the least, one without a value, and one of the many.
  for (const gone of [0, 1, 9, 1_234]) {
    const rows = ROWS.filter((_, i) => i !== gone);
    const without = releasesIn((await simulate(scenarioOf(rows, exact))).ledger);
    for (const [i, one] of whole.entries()) {
      // Of all that was released before, each is a function: the same one, or it is not to be compared.
      if (i > 0 && `${whole[i - 1]?.ranges}` !== `${without[i - 1]?.ranges}`) break;
      const square = one.counts.reduce(
        (sum, count, bin) => sum + (count - (without[i]?.counts[bin] ?? Number.NaN)) ** 2,
        0,
      );
      expect(square, `row ${gone}, release ${i + 1}`).toBeLessThanOrEqual(charged ** 2 + 1e-6);
      expect(square, `row ${gone}, release ${i + 1}`).toBe(FEATURES.length * STEPS ** 2);
      compared += 1;
    }
  }
  // All four in octaves; those that no octave ends with in all releases.
  expect(compared).toBeGreaterThanOrEqual(4 + 2 * 2);
});

const SEEDS = Array.from({ length: effort(6, 24) }, (_, i) => i + 1);

describe.each(["central", "local", "distributed"])("the noise on the counts under %s", (trust) => {
  it("is the charged one over all releases, of mean 0, and drawn anew for each", async () => {
    const residuals: number[][] = [];
    let charged = 0;
    for (const seed of SEEDS) {
      const { ledger } = await simulate(scenarioOf(ROWS, { trust }), { seed });
      charged = chargedVariance(ledger);
      const releases = releasesIn(ledger);
      expect(releases).toHaveLength(RELEASES);
      for (const [i, release] of releases.entries())
        residuals.push(noiseOf(release, releases[i - 1]));
    }
    const all = residuals.flat();
    const squares = all.reduce((sum, x) => sum + x * x, 0);
    const [low, high] = chiSquareBounds(all.length, Z);
    expect(squares / charged).toBeGreaterThan(low);
    expect(squares / charged).toBeLessThan(high);
    // A tenth more or less noise would be seen.
    expect([0.9 ** 2 * high < low, 1.1 ** 2 * low > high]).toEqual([true, true]);
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(Z * Math.sqrt(charged / all.length));
    const pairs = residuals
      .slice(1)
      .flatMap((own, i) => own.map((x, k) => x * at(residuals[i], k)));
    const product = pairs.reduce((sum, x) => sum + x, 0) / charged;
    expect(Math.abs(product)).toBeLessThan(Z * Math.sqrt(pairs.length));
  });
});

/** By the events of the ledger alone, and Pythagoras: √6 · 64 is 156.8, and the next whole number the sensitivity. */
function chargedVariance(lines: readonly LedgerLine[]): number {
  const event = chargeIn(lines);
  if (event?.mechanism === "distributedDiscreteGaussian") {
    expect([event.l2Sensitivity, event.dimension]).toEqual([157, FEATURES.length * BINS]);
    return CLIENTS * event.sigma ** 2;
  }
  if (event?.mechanism !== "gaussian") throw new Error(`charged ${event?.mechanism}`);
  const noises = lines.some(isOfCoordinator) ? 1 : CLIENTS;
  // A draw's own rounding adds 1/12.
  return noises * ((157 * event.noiseMultiplier) ** 2 + 1 / 12);
}

/** Under `central` the coordinator sees exact sums, and a charge says so. */
function isOfCoordinator({ entry }: LedgerLine): boolean {
  return entry.kind === "charge" && entry.events.coordinator.mechanism === "none";
}

/** The released counts less the true ones. */
function noiseOf({ counts }: Release, before: Release | undefined): number[] {
  const exact = new Float64Array(FEATURES.length * BINS);
  for (const { age } of ROWS)
    VALUES.forEach((formula, f) => {
      const range = before?.ranges[f];
      const bin = f === 0 && age === null ? BINS - 1 : binOf(formula(age ?? -1), range);
      exact[f * BINS + bin] = at(exact, f * BINS + bin) + STEPS;
    });
  return counts.map((count, i) => count - at(exact, i));
}

/** Signed octaves, or 32 equal bins of a range. */
function binOf(value: number, range: readonly [number, number] | undefined): number {
  if (range === undefined) {
    if (value === 0) return 41;
    let [away, size] = [21, Math.abs(value)];
    for (; size >= 2; size /= 2) away += 1;
    for (; size < 1; size *= 2) away -= 1;
    return 41 + Math.sign(value) * away;
  }
  const [from, to] = range;
  return Math.max(0, Math.min(31, Math.floor((32 * (value - from)) / (to - from))));
}

function at(values: ArrayLike<number> | undefined, i: number): number {
  return values?.[i] ?? Number.NaN;
}
