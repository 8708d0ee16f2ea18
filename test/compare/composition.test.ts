/** What many runs on the same rows cost together, against closed forms. */
import { describe, expect, it } from "vitest";
import { compositionOf } from "../../compare/composition.ts";
import { gaussianEpsilon } from "../../shared/accounting/gaussian.ts";
import { chainLine, type LedgerLine, spentBy } from "../../shared/accounting/ledger-line.ts";
import { attemptEvents } from "../../shared/privacy-events.ts";
import { taskTerms } from "../../shared/privacy-tasks.ts";
import type { PrivacyTerms } from "../../shared/privacy-terms.ts";
import { openingFor, sealedWith } from "../support/plans.ts";

/** A ledger of so many charged attempts. */
function ledger(terms: Partial<PrivacyTerms>, attempts: number): LedgerLine[] {
  const sealed = sealedWith(terms);
  const lines = [chainLine(0, null, openingFor(sealed))];
  const events = attemptEvents(taskTerms(sealed.plan.privacy, "train"));
  for (let round = 0; round < attempts; round++) {
    const prev = lines.at(-1)?.hash ?? null;
    lines.push(chainLine(round + 1, prev, { kind: "charge", round, attempt: 0, events }));
  }
  return lines;
}

const NOISY = { targetEpsilon: null, statedNoise: 40 } as const;
const LESS = { targetEpsilon: null, statedNoise: 25 } as const;

describe("runs by the same rules", () => {
  it("compose as one run of all their attempts", () => {
    const whole = spentBy(ledger({ ...NOISY, rounds: 12 }, 12)).modelRecipients ?? 0;
    const parts = compositionOf(
      [5, 4, 3].map((attempts) => ledger({ ...NOISY, rounds: 12 }, attempts)),
    );
    expect(parts.by).toBe("composition");
    expect(parts.runs).toBe(3);
    expect(parts.epsilon.modelRecipients).toBeCloseTo(whole, 9);
  });

  it("compose over different noise, as Gaussians do: μ² adds up (Dong, Roth & Su 2022, corollary 3.3)", () => {
    const ledgers = [ledger({ ...NOISY, rounds: 7 }, 7), ledger({ ...LESS, rounds: 7 }, 6)];
    const noises = ledgers.map(([, line]) => {
      const event = line?.entry.kind === "charge" ? line.entry.events.modelRecipients : undefined;
      return event?.mechanism === "gaussian" ? event.noiseMultiplier : Number.NaN;
    });
    const [a = 0, b = 0] = noises;
    const mu = Math.sqrt(7 / a ** 2 + 6 / b ** 2);
    const { epsilon, delta } = compositionOf(ledgers);
    expect(epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 9);
    expect(delta).toBeGreaterThanOrEqual(1e-5);
    expect(delta).toBeLessThan(1.001e-5);
    // Less than the sum of their claims.
    const sum = ledgers.reduce((total, lines) => total + (spentBy(lines).modelRecipients ?? 0), 0);
    expect(epsilon.modelRecipients).toBeLessThan(sum);
  });

  it("have no bound against whoever sees exact updates, or once one run had no noise", () => {
    const central = ledger({ ...NOISY }, 3);
    expect(compositionOf([central]).epsilon.coordinator).toBeNull();
    const twin = ledger({ trust: "none", targetEpsilon: null }, 3);
    expect(compositionOf([central, twin]).epsilon.modelRecipients).toBeNull();
  });

  it("count an attempt that was charged and never released", () => {
    const one = compositionOf([ledger(NOISY, 1)]).epsilon.modelRecipients ?? 0;
    const two = compositionOf([ledger(NOISY, 1), ledger(NOISY, 1)]).epsilon.modelRecipients ?? 0;
    expect(two).toBeGreaterThan(one);
  });
});

it("adds claims up where accountants differ: ε and δ both", () => {
  const sampled = { sampling: { kind: "poisson", rate: 0.1 }, accountant: "rdp" } as const;
  const ledgers = [ledger(NOISY, 3), ledger({ ...NOISY, ...sampled }, 3)];
  const { by, epsilon, delta } = compositionOf(ledgers);
  const sum = ledgers.reduce((total, lines) => total + (spentBy(lines).modelRecipients ?? 0), 0);
  expect(by).toBe("addition");
  expect(epsilon.modelRecipients).toBeCloseTo(sum, 12);
  expect(delta).toBeCloseTo(2e-5, 12);
});

it("claims nothing for runs that protect different units", () => {
  const ledgers = [ledger(NOISY, 3), ledger({ ...NOISY, adjacency: "replaceOne" }, 3)];
  expect(compositionOf(ledgers)).toMatchObject({
    by: "units differ",
    epsilon: { modelRecipients: null },
  });
});

it("is nothing where no run came so far that it was charged", () => {
  const nothing = { modelRecipients: 0, otherClients: 0, coordinator: 0 };
  expect(compositionOf([])).toMatchObject({ runs: 0, epsilon: nothing, delta: 0 });
});
