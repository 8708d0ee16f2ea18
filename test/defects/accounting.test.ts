/** Peers whose epsilon is of another noise, another number of rounds, or another formula's range. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../shared/ledger/ledger.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { attemptEvents } from "../../shared/privacy/events.ts";
import { openingFor, planWith, sealedWith } from "../support/plans.ts";
import { exactGaussianEpsilon, normalCdf } from "../support/statistics.ts";

/** Delta of mu-GDP at epsilon (Balle & Wang 2018, theorem 8), as it stands there. */
function exactDelta(mu: number, epsilon: number): number {
  return normalCdf(mu / 2 - epsilon / mu) - Math.exp(epsilon) * normalCdf(-mu / 2 - epsilon / mu);
}

describe("defect 7: Flower's LocalDpMod, a classical sigma past its range that knows no clip norm", () => {
  const targets = [0.5, 1, 5, 10, 20, 35];
  const grid = (["central", "local"] as const).flatMap((trust) =>
    targets.map((targetEpsilon) => ({ trust, targetEpsilon })),
  );

  it.each(grid)("keeps the exact delta: $trust, epsilon $targetEpsilon", (terms) => {
    const plan = planWith({ ...terms, rounds: 3 });
    // The noise as it is drawn, over the distance that a record can move the sum.
    const mu = (Math.sqrt(3) * plan.sensitivity) / plan.noiseStddev;
    const delta = exactDelta(mu, terms.targetEpsilon);
    expect(delta).toBeLessThanOrEqual(plan.delta);
    // And not by so much noise that anything would pass.
    expect(delta).toBeGreaterThan(0.9 * plan.delta);
  });

  it("would not pass with the classical sigma, which at epsilon 20 is far too small", () => {
    const classical = Math.sqrt(2 * Math.log(1.25 / 1e-5)) / 20;
    expect(exactDelta(1 / classical, 20)).toBeGreaterThan(100 * 1e-5);
  });

  it.each(["central", "local"] as const)("scales its noise with the clip norm: %s", (trust) => {
    const inModelUnits = (clipNorm: number) => {
      const { noiseStddev, scale, sensitivity } = planWith({ trust, clipNorm });
      // Sensitivity is what a clipped record moves, and what rounding adds.
      expect(sensitivity / scale).toBeGreaterThan(clipNorm);
      return noiseStddev / scale;
    };
    expect(inModelUnits(8) / inModelUnits(0.5)).toBeCloseTo(16, 10);
  });

  it.each([0, -1])("refuses an epsilon of %d", (targetEpsilon) => {
    expect(() => planWith({ trust: "local", targetEpsilon })).toThrow();
  });

  it("reports more for more rounds at the same noise", () => {
    const epsilon = (rounds: number) =>
      planWith({ trust: "local", targetEpsilon: null, statedNoise: 12, rounds }).epsilon ??
      Number.NaN;
    for (const rounds of [1, 10, 100]) {
      const exact = exactGaussianEpsilon(Math.sqrt(rounds) / 12, 1e-5);
      expect(Math.abs(epsilon(rounds) / exact - 1)).toBeLessThan(1e-3);
    }
    expect(epsilon(100)).toBeGreaterThan(8 * epsilon(1));
  });
});

describe("defect 16: Flower's Opacus example, whose epsilon is one round's however many there were", () => {
  const [NOISE, ROUNDS] = [30, 100] as const;
  const full = sealedWith({ rounds: ROUNDS, targetEpsilon: null, statedNoise: NOISE });
  const poisson = sealedWith({
    rounds: ROUNDS,
    targetEpsilon: null,
    statedNoise: NOISE,
    sampling: { kind: "poisson", rate: 0.5 },
    accountant: "rdp",
  });
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "murmur-defect-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What a ledger says is spent after each of the plan's rounds. */
  function spentOver(sealed: SealedPlan, name: string): number[] {
    const ledger = new Ledger(join(folder, name), openingFor(sealed));
    return Array.from({ length: ROUNDS }, (_, round) => {
      ledger.charge(round, 0, attemptEvents(sealed.plan.privacy));
      ledger.release(round, 0, "ab".repeat(32));
      return ledger.spent.modelRecipients ?? Number.NaN;
    });
  }

  it.each([
    ["full batches", full],
    ["Poisson samples", poisson],
  ])("grows with every round, up to the plan's: %s", (_, sealed) => {
    const spent = spentOver(sealed, "one");
    expect(spent.slice(1).every((epsilon, t) => epsilon > (spent[t] ?? Infinity))).toBe(true);
    expect(spent.at(-1)).toBe(sealed.plan.privacy.epsilon);
    expect(spent.at(-1)).toBeGreaterThan(6 * (spent[0] ?? Infinity));
  });

  it("equals an independent accountant's after 1, 10 and 100 rounds", () => {
    const spent = spentOver(full, "one");
    const { noiseMultiplier, delta } = full.plan.privacy;
    for (const rounds of [1, 10, 100]) {
      const exact = exactGaussianEpsilon(Math.sqrt(rounds) / noiseMultiplier, delta);
      expect(Math.abs((spent[rounds - 1] ?? Number.NaN) / exact - 1)).toBeLessThan(1e-6);
    }
  });

  it("is a run's own: another in the same process begins at nothing and ends alike", () => {
    expect(spentOver(full, "two")).toEqual(spentOver(full, "one"));
  });
});
