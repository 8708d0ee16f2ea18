/** What many runs on the same rows cost together, against closed forms. */
import { describe, expect, it } from "vitest";
import { type ChargedRun, compositionOf } from "../../compare/composition.ts";
import { gaussianEpsilon } from "../../shared/accounting/mechanisms/gaussian.ts";
import { plannedDistance } from "../../shared/claims/raw-spending.ts";
import { historyOf } from "../../shared/ledger/history-of.ts";
import { chainLine, type LedgerLine, spentBy } from "../../shared/ledger/ledger-line.ts";
import { attemptEvents } from "../../shared/privacy/events.ts";
import { taskTerms } from "../../shared/privacy/tasks.ts";
import type { PrivacyTerms } from "../../shared/privacy/terms.ts";
import { openingFor, planWith, sealedWith } from "../support/plans.ts";
import { exactGaussianEpsilon } from "../support/statistics.ts";

/** A run of so many charged attempts. */
function charged(terms: Partial<PrivacyTerms>, attempts: number): ChargedRun {
  const sealed = sealedWith(terms);
  const lines: LedgerLine[] = [chainLine(0, null, openingFor(sealed))];
  const events = attemptEvents(taskTerms(sealed.plan.privacy, "train"));
  for (let round = 0; round < attempts; round++) {
    const prev = lines.at(-1)?.hash ?? null;
    lines.push(chainLine(round + 1, prev, { kind: "charge", round, attempt: 0, events }));
  }
  const { privacy } = sealed.plan;
  return { lines, rawFactor: privacy.rawFactor, distance: plannedDistance(privacy) };
}

const spentOf = ({ lines }: ChargedRun) => spentBy(lines).modelRecipients ?? Number.NaN;

const NOISY = { targetEpsilon: null, statedNoise: 40 } as const;
const LESS = { targetEpsilon: null, statedNoise: 25 } as const;

describe("runs by the same rules", () => {
  it("compose as one run of all their attempts", () => {
    const whole = spentOf(charged({ ...NOISY, rounds: 12 }, 12));
    const parts = compositionOf(
      [5, 4, 3].map((attempts) => charged({ ...NOISY, rounds: 12 }, attempts)),
    );
    expect(parts.by).toBe("composition");
    expect(parts.runs).toBe(3);
    expect(parts.epsilon.modelRecipients).toBeCloseTo(whole, 9);
  });

  it("compose over different noise, as Gaussians do: μ² adds up (Dong, Roth & Su 2022, corollary 3.3)", () => {
    const runs = [charged({ ...NOISY, rounds: 7 }, 7), charged({ ...LESS, rounds: 7 }, 6)];
    const noises = runs.map(({ lines: [, line] }) => {
      const event = line?.entry.kind === "charge" ? line.entry.events.modelRecipients : undefined;
      return event?.mechanism === "gaussian" ? event.noiseMultiplier : Number.NaN;
    });
    const [a = 0, b = 0] = noises;
    const mu = Math.sqrt(7 / a ** 2 + 6 / b ** 2);
    const { epsilon, delta } = compositionOf(runs);
    expect(epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 9);
    expect(delta).toBeGreaterThanOrEqual(1e-5);
    expect(delta).toBeLessThan(1.001e-5);
    // Less than the sum of their claims.
    const sum = runs.reduce((total, run) => total + spentOf(run), 0);
    expect(epsilon.modelRecipients).toBeLessThan(sum);
  });

  it("have no bound against whoever sees exact updates, or once one run had no noise", () => {
    const central = charged({ ...NOISY }, 3);
    expect(compositionOf([central]).epsilon.coordinator).toBeNull();
    const baseline = charged({ trust: "none", targetEpsilon: null }, 3);
    expect(compositionOf([central, baseline]).epsilon.modelRecipients).toBeNull();
  });

  it("say that they are of clients where there are several, for a client is taken to be the same", () => {
    const ofClients = { ...NOISY, unit: "client", clients: 400, minCohort: 300 } as const;
    expect(compositionOf([charged(ofClients, 1), charged(ofClients, 1)]).unit).toBe("client");
    expect(compositionOf([charged(ofClients, 1)]).unit).toBeUndefined();
    expect(compositionOf([charged(NOISY, 1), charged(NOISY, 1)]).unit).toBeUndefined();
  });

  it("count an attempt that was charged and never released", () => {
    const one = compositionOf([charged(NOISY, 1)]).epsilon.modelRecipients ?? 0;
    const two = compositionOf([charged(NOISY, 1), charged(NOISY, 1)]).epsilon.modelRecipients ?? 0;
    expect(two).toBeGreaterThan(one);
  });
});

it("adds claims up where accountants differ: ε and δ both", () => {
  const sampled = { sampling: { kind: "poisson", rate: 0.1 }, accountant: "rdp" } as const;
  const runs = [charged(NOISY, 3), charged({ ...NOISY, ...sampled }, 3)];
  const { by, epsilon, delta } = compositionOf(runs);
  const sum = runs.reduce((total, run) => total + spentOf(run), 0);
  expect(by).toBe("addition");
  expect(epsilon.modelRecipients).toBeCloseTo(sum, 12);
  expect(delta).toBeCloseTo(2e-5, 12);
});

describe("against the raw table", () => {
  // Few attempts, so that three of five and its δ stay below 1.
  const SMALL = { ...NOISY, delta: 1e-6 } as const;

  it("composes the rows that one raw row moves in each run, at the runs' own δ", () => {
    const runs = [charged({ ...SMALL, rawFactor: 5 }, 1), charged({ ...SMALL, rawFactor: 3 }, 2)];
    const { by, epsilon, delta } = compositionOf(runs);
    expect(by).toBe("composition");
    expect(delta).toBe(1e-6);
    const noise = sealedWith(SMALL).plan.privacy.noiseMultiplier;
    const mu = Math.sqrt(25 + 2 * 9) / noise;
    expect(epsilon.modelRecipients).toBeCloseTo(exactGaussianEpsilon(mu, 1e-6), 5);
    expect(epsilon.coordinator).toBeNull();
  });

  it("is no bound once the rows of one run decided how others were recoded", () => {
    const runs = [charged(SMALL, 1), charged({ ...SMALL, rawFactor: null }, 1)];
    const { epsilon } = compositionOf(runs);
    expect(Object.values(epsilon), "mondrian leaves no ε of the raw table").toEqual([
      ...[null, null, null],
    ]);
  });
});

it("claims nothing for runs that protect different units", () => {
  const runs = [charged(NOISY, 3), charged({ ...NOISY, adjacency: "replaceOne" }, 3)];
  expect(compositionOf(runs)).toMatchObject({
    by: "units differ",
    epsilon: { modelRecipients: null },
  });
});

it("is nothing where no run came so far that it was charged", () => {
  const nothing = { modelRecipients: 0, otherClients: 0, coordinator: 0 };
  expect(compositionOf([])).toMatchObject({ runs: 0, epsilon: nothing, delta: 0 });
});

it("count what the weights that they start from have cost, and once for all of them", () => {
  const event = attemptEvents(sealedWith(NOISY).plan.privacy).modelRecipients;
  const histories = [historyOf(planWith({ ...LESS, rounds: 9 }), charged(LESS, 4).lines)];
  const past = { histories, trainedOn: [], unknown: false };
  const runs = ["a", "b"].map((digit) => {
    const { lines, rawFactor } = charged({ ...NOISY, past }, 3);
    const [first, ...rest] = lines.map(({ entry }) => entry);
    if (first?.kind !== "open") throw new Error("no opening");
    const anew: LedgerLine[] = [chainLine(0, null, { ...first, runId: digit.repeat(32) })];
    for (const entry of rest) anew.push(chainLine(anew.length, anew.at(-1)?.hash ?? null, entry));
    return {
      lines: anew,
      rawFactor,
      distance: 0,
      history: historyOf(planWith({ ...NOISY, past }), anew),
    };
  });
  const old = histories[0]?.events.modelRecipients[0]?.event;
  if (event.mechanism !== "gaussian" || old?.mechanism !== "gaussian") throw new Error("no noise");
  const mu = Math.sqrt(6 / event.noiseMultiplier ** 2 + 4 / old.noiseMultiplier ** 2);
  const { epsilon } = compositionOf(runs);
  expect(epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 6);
  const unknown = { ...past, unknown: true };
  const { epsilon: none } = compositionOf([charged({ ...NOISY, past: unknown }, 3)]);
  expect(none.modelRecipients).toBeNull();
});
