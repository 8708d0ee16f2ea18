/**
 * The noise of a whole run, seen from outside: real hosts, real sockets, and nothing read but the
 * models that were released. What each round released, less the true sum of its clipped gradients
 * (computed here record by record), must be the noise that the plan states and the ledger charges.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { spentBy } from "../../shared/ledger/ledger-line.ts";
import type { Trust } from "../../shared/privacy/trust.ts";
import { effort } from "../support/effort.ts";
import { type RealRun, realRun } from "../support/real-run.ts";
import { releasedSteps, roundingBound, trueSteps } from "../support/released-sums.ts";
import { smallScenario } from "../support/small-scenario.ts";
import { chiSquareBounds } from "../support/statistics.ts";

/** Enough to see a tenth more noise or less; without noise all rounds are alike, and fewer will do. */
const NOISY = effort(1_000, 2_000);
const ROUNDS = { central: NOISY, local: NOISY, none: 200 } as const;
const TIMEOUT_MS = 240_000;
/** Of a normal variable, two-sided at 1e-6: the false-alarm rate of each test below. */
const Z = 4.8917;
const MODES = ["central", "local", "none"] as const satisfies readonly Trust[];

const runs = new Map<Trust, { run: RealRun; residuals: number[][] }>();
beforeAll(async () => {
  await Promise.all(
    MODES.map(async (trust) => {
      // 7 is the least whole noise at which 2,000 rounds keep epsilon below 40.
      const noise = trust === "none" ? {} : { "privacy.noiseMultiplier": "7" };
      const rounds = { "training.rounds": `${ROUNDS[trust]}` };
      const run = await realRun(smallScenario({ "privacy.trust": trust, ...rounds, ...noise }));
      runs.set(trust, { run, residuals: residualsOf(run) });
    }),
  );
}, TIMEOUT_MS);

/** Released minus true, in lattice steps, a row for each round. */
function residualsOf({ sealed, models, clients }: RealRun): number[][] {
  const { privacy } = sealed.plan;
  return models.slice(1).map((after, round) => {
    const before = models[round] ?? new Float32Array();
    const due = trueSteps(sealed.model, before, clients.values(), privacy);
    return releasedSteps(before, after, privacy).map((steps, i) => steps - (due[i] ?? Number.NaN));
  });
}

function of(trust: Trust) {
  const found = runs.get(trust);
  if (!found) throw new Error(`no run under ${trust}`);
  const { run, residuals } = found;
  const { privacy } = run.sealed.plan;
  // Under `local` the noise of all clients adds up; a draw's own rounding adds 1/12 to each.
  const noises = trust === "local" ? privacy.clients : 1;
  const stddev = Math.sqrt(noises * (privacy.noiseStddev ** 2 + 1 / 12));
  return { ...found, privacy, stddev, all: residuals.flat() };
}

const squares = (values: readonly number[]) => values.reduce((sum, x) => sum + x * x, 0);

/** Correlation of paired values whose mean is known to be 0; of n such pairs sd 1 / √n. */
function correlation(pairs: readonly (readonly [number, number])[]): number {
  const product = pairs.reduce((sum, [a, b]) => sum + a * b, 0);
  return product / Math.sqrt(squares(pairs.map(([a]) => a)) * squares(pairs.map(([, b]) => b)));
}

function expectUncorrelated(pairs: readonly (readonly [number, number])[], what: string): void {
  expect(pairs.length, what).toBeGreaterThan(1_000);
  expect(Math.abs(correlation(pairs)), what).toBeLessThan(Z / Math.sqrt(pairs.length));
}

it.each(MODES)("runs all rounds under %s, and charges each once", (trust) => {
  const { run } = of(trust);
  expect(run.ending).toEqual({ reason: "done", attempts: ROUNDS[trust] });
  const kinds = run.ledger.map(({ entry }) => entry.kind);
  expect(kinds.filter((kind) => kind === "charge")).toHaveLength(ROUNDS[trust]);
  expect(spentBy(run.ledger).modelRecipients).toBe(run.sealed.plan.privacy.epsilon);
  // Else the sums would be of clients that share everything alike.
  const sizes = [...run.clients.values()].map(({ examples }) => examples.count);
  expect(Math.max(...sizes)).toBeGreaterThan(5 * Math.min(...sizes));
});

it("releases the true sums without noise, but for rounding", () => {
  const { run, privacy, all } = of("none");
  const bound = roundingBound(run.clients.values(), privacy);
  expect(bound).toBeLessThan(5);
  expect(Math.max(...all.map(Math.abs))).toBeLessThan(bound);
  // Nor is everything zero, which would pass as well.
  const [start = new Float32Array(), first = start] = run.models;
  const moved = releasedSteps(start, first, privacy);
  expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(10_000);
});

describe.each(["central", "local"] as const)("the noise under %s", (trust) => {
  it("has the plan's variance over all rounds and coordinates", () => {
    const { all, stddev, run, privacy } = of(trust);
    // Rounding is no part of the noise: less than a ten-thousandth of its deviation.
    expect(roundingBound(run.clients.values(), privacy)).toBeLessThan(1e-4 * stddev);
    const statistic = squares(all) / stddev ** 2;
    const [low, high] = chiSquareBounds(all.length, Z);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
    // A tenth more or less noise would be seen, and so would a client's noise too few.
    expect(statistic * 0.9 ** 2).toBeLessThan(low);
    expect(statistic * 1.1 ** 2).toBeGreaterThan(high);
  });

  it("has it in every coordinate, and in the first rounds as in the last", () => {
    const { residuals, all, stddev } = of(trust);
    const tenth = residuals.length / 10;
    const coordinates = (residuals[0] ?? []).map((_, i) =>
      residuals.map((row) => row[i] ?? Number.NaN),
    );
    const spans = Array.from({ length: 10 }, (_, k) =>
      residuals.slice(k * tenth, (k + 1) * tenth).flat(),
    );
    expect(all.length).toBe(coordinates.flat().length);
    for (const part of [...coordinates, ...spans]) {
      // Seventeen parts at 1e-6 / 17 each.
      const [low, high] = chiSquareBounds(part.length, 5.46);
      expect(squares(part) / stddev ** 2).toBeGreaterThan(low);
      expect(squares(part) / stddev ** 2).toBeLessThan(high);
    }
  });

  it("has mean 0", () => {
    const { all, stddev } = of(trust);
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan((Z * stddev) / Math.sqrt(all.length));
  });

  it("knows nothing of the round before, nor of the coordinate beside", () => {
    const { residuals } = of(trust);
    const flat = (pair: (row: number[], round: number) => [number, number][]) =>
      residuals.flatMap(pair);
    const rounds = flat((row, t) => (residuals[t + 1] ?? []).map((x, i) => [row[i] ?? 0, x]));
    const beside = flat((row) => row.slice(1).map((x, i) => [row[i] ?? 0, x]));
    expectUncorrelated(rounds, "one round later");
    expectUncorrelated(beside, "one coordinate on");
    const shifted = flat((row, t) =>
      (residuals[t + 1] ?? []).slice(1).map((x, i) => [row[i] ?? 0, x]),
    );
    expectUncorrelated(shifted, "one round later, one coordinate on");
    // And no round's noise comes again, however many rounds later: no two are within rounding.
    const rough = residuals.map((row) => row.map((x) => Math.round(x / 64)).join());
    expect(new Set(rough).size).toBe(ROUNDS[trust]);
  });
});
