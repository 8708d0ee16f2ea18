/** What a client's owner is told of epsilon: against whom, of which table, and why. */

import { type ByAdversary, byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { rawOf } from "../../shared/claims/claim.ts";
import type { Anchor } from "../../shared/ledger/chain.ts";
import { rawReason } from "../../shared/privacy/group-privacy.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";

export interface PrivacyReport {
  readonly unit: PrivacyPlan["unit"];
  readonly adjacency: PrivacyPlan["adjacency"];
  readonly trust: PrivacyPlan["trust"];
  readonly noise: PrivacyPlan["noise"];
  /**
   * Against each adversary, as the coordinator's ledger stood when it last closed an attempt; null: it
   * closed none, whatever it may have spent.
   */
  readonly spent: ByAdversary<SpentReport> | null;
  /** How many times as far as one anonymized unit a raw one moves a sum; null: any number. */
  readonly rawFactor: number | null;
  readonly reason: string;
  /** Whom the claim is about, a sentence each. */
  readonly about: readonly string[];
  /** Where that ledger stood; null: it has closed no attempt. */
  readonly ledger: Anchor | null;
}

/** null: no bound. */
interface SpentReport {
  readonly anonymized: number | null;
  readonly raw: number | null;
  readonly delta: number;
  readonly rawDelta: number | null;
}

/** As the coordinator said last, if it did; of the raw table only where that is not the same. */
interface SaidSpent {
  readonly spent: ByAdversary<number | null> | undefined;
  readonly rawSpent?: ByAdversary<number | null> | undefined;
}

export function privacyReport(
  plan: PrivacyPlan,
  { spent, rawSpent: rawEpsilon }: SaidSpent,
  ledger: Anchor | undefined,
  about: readonly string[] = [],
): PrivacyReport {
  const { unit, adjacency, trust, noise, delta, rawFactor } = plan;
  const raw = spent && rawOf(plan, { epsilon: spent, rawEpsilon });
  const report = (anonymized: number | null, ofRaw: number | null = null): SpentReport => ({
    anonymized,
    raw: ofRaw,
    delta,
    rawDelta: ofRaw === null ? null : delta,
  });
  return {
    unit,
    adjacency,
    trust,
    noise,
    spent: spent ? byAdversary((adversary) => report(spent[adversary], raw?.[adversary])) : null,
    rawFactor,
    reason: rawReason(rawFactor, unit, plan.rowsPerPerson),
    about,
    ledger: ledger ?? null,
  };
}
