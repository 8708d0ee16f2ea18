/**
 * Poisson sampling of a whole run, seen from outside: real hosts, and nothing read but the models.
 * Every record's gradient has the same length and, in the feature, the same sign, so what a round
 * moves the feature's weight by is the number of records that were in it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { scratch } from "../support/murmur.ts";
import { type RealRun, realRun } from "../support/real-run.ts";
import { chiSquareBounds, pearson } from "../support/statistics.ts";

const [ROUNDS, RECORDS, RATE] = [2_000, 60, 0.3] as const;
const TIMEOUT_MS = 240_000;
/** Of a normal variable, two-sided at 1e-6: the false-alarm rate of each test below. */
const Z = 4.8917;

const folder = scratch();
afterAll(folder.remove);

// side is 1 where nothing was bought and -1 where something was: a gradient is ±(side, 1), and
// against its label that is (+, +) or (+, -). A small clipNorm makes all of one length, and the
// model so slow that no record is ever known well enough for less.
const CLIP_NORM = 1e-3;
const SCENARIO = `
format: 1
name: coins
seed: 23
data:
  source: { file: sides.csv, testRows: 1, public: true }
  columns:
    side: { role: quasiIdentifier, type: integer, bounds: [-1, 1] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features:
  side: { formula: "side", bounds: [-1, 1] }
training: { rounds: ${ROUNDS}, learningRate: 1, clipNorm: ${CLIP_NORM}, sampling: { kind: poisson, rate: ${RATE} } }
privacy: { trust: none, delta: 1e-5, population: ${RECORDS} }
clients: { count: 3 }
`;

let run: RealRun;
/** How many of the records have label 0, and how many 1. */
let records = { zeros: 0, ones: 0 };
/** Records of label 0 and of label 1 in each round. */
let counts: { readonly zeros: number; readonly ones: number }[] = [];
beforeAll(async () => {
  const rows = Array.from({ length: RECORDS + 1 }, (_, i) => (i % 3 ? "1,no" : "-1,yes"));
  writeFileSync(join(folder.path, "sides.csv"), `side,bought\n${rows.join("\n")}\n`);
  run = await realRun(parseScenario(SCENARIO, "coins.yaml"), { folder: folder.path });
  const labels = [...run.clients.values()].flatMap(({ examples }) => [...examples.labels]);
  const ones = labels.filter((label) => label === 1).length;
  records = { zeros: RECORDS - ones, ones };
  counts = run.models
    .slice(1)
    .map((after, t) => countsOf(run.models[t] ?? new Float32Array(), after, t));
}, TIMEOUT_MS);

/**
 * Records of each label in one round. Each moved either weight by clipNorm / √2, over the expected
 * units. Lattice and float32 hide a hundredth of a record at most, so these are whole numbers.
 */
function countsOf(before: Float32Array, after: Float32Array, round: number) {
  const each = CLIP_NORM / Math.SQRT2 / (RATE * RECORDS);
  const [side = Number.NaN, bias = Number.NaN] = before.map(
    (w, i) => (w - (after[i] ?? Number.NaN)) / each,
  );
  const [zeros, ones] = [(side + bias) / 2, (side - bias) / 2];
  for (const count of [zeros, ones]) {
    if (!(Math.abs(count - Math.round(count)) < 0.01))
      throw new Error(`${count} records of one label in round ${round}: no whole number`);
  }
  return { zeros: Math.round(zeros), ones: Math.round(ones) };
}

/** P[Binomial(n, RATE) = k], from logarithms of the factors. */
function binomial(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let log = k * Math.log(RATE) + (n - k) * Math.log(1 - RATE);
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}

const centred = (values: readonly number[], mean: number) => values.map((x) => x - mean);
const meanProduct = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0) / a.length;

it("holds what the counting rests on: rows of one length, dealt to all clients", () => {
  const rows = [...run.clients.values()].map(({ examples }) => examples);
  expect(rows.map(({ count }) => count)).toEqual([20, 20, 20]);
  const labels = rows.flatMap((examples) => [...examples.labels]);
  const sides = rows.flatMap(({ inputs }) => [...inputs]);
  expect(sides).toEqual(labels.map((label) => (label === 1 ? -1 : 1)));
  expect(records.zeros).toBeGreaterThan(records.ones);
  expect(records.ones).toBeGreaterThan(RECORDS / 4);
});

it.each(["all", "zeros", "ones"] as const)(
  "takes a binomial number of records into each round: %s",
  (which) => {
    const n = { ...records, all: RECORDS }[which];
    const drawn = counts.map((count) =>
      which === "all" ? count.zeros + count.ones : count[which],
    );
    const variance = n * RATE * (1 - RATE);
    const deviations = centred(drawn, n * RATE);
    const mean = deviations.reduce((sum, x) => sum + x, 0) / ROUNDS;
    expect(Math.abs(mean)).toBeLessThan(Z * Math.sqrt(variance / ROUNDS));
    // The square deviation of a binomial has variance 2 v² + v (1 - 6 q (1 - q)), less than 2.1 v².
    const spread = Math.sqrt((2 * variance ** 2 + variance * (1 - 6 * RATE * (1 - RATE))) / ROUNDS);
    const found = meanProduct(deviations, deviations);
    expect(Math.abs(found - variance)).toBeLessThan(Z * spread);
    // A sample of fixed size has none; one coin a client, for all its records, twenty times as much.
    expect(Z * spread).toBeLessThan(variance / 4);
    // All of its distribution.
    const shift = Math.round(n * RATE);
    const { statistic, dof } = pearson(centred(drawn, shift), (k) => binomial(n, k + shift), n);
    expect(dof).toBeGreaterThan(10);
    expect(statistic).toBeLessThan(chiSquareBounds(dof, Z)[1]);
  },
);

it("throws coins anew in each round, and for each record by itself", () => {
  const zeros = centred(
    counts.map((count) => count.zeros),
    records.zeros * RATE,
  );
  const ones = centred(
    counts.map((count) => count.ones),
    records.ones * RATE,
  );
  const correlation = (a: readonly number[], b: readonly number[]) =>
    meanProduct(a, b) / Math.sqrt(meanProduct(a, a) * meanProduct(b, b));
  for (const lag of [1, 2]) {
    const all = zeros.map((x, i) => x + (ones[i] ?? Number.NaN));
    const r = correlation(all.slice(0, -lag), all.slice(lag));
    expect(Math.abs(r)).toBeLessThan(Z / Math.sqrt(ROUNDS - lag));
  }
  expect(Math.abs(correlation(zeros, ones))).toBeLessThan(Z / Math.sqrt(ROUNDS));
});
