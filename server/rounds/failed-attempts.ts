/** What follows an attempt that came to nothing. */
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import type { RoundTools } from "../attempts/run-attempt.ts";
import { TooFewClients } from "./too-few-clients.ts";

/** Attempts of one round, all of whose clients have answered, before the run is interrupted. */
const MAX_ATTEMPTS = 3;
/** Of one round, by one process: half a minute each, at least. */
const MOST_UNCHARGED = 1_000;

/**
 * After an attempt that too few answered. Where some said nothing at all their network may be down: the next
 * one follows after a pause that grows, however many there are. Where all have said that they send nothing,
 * or sent what cannot be taken, the next ones would fare alike.
 *
 * @param failed attempts at this round, one after another
 * @throws TooFewClients for the third of those
 */
export async function betweenAttempts(
  { pause, sealed }: RoundTools,
  { silent }: { readonly silent: boolean },
  failed: number,
): Promise<void> {
  const { minCohort } = sealed.plan.privacy;
  if (silent) return pause?.(failed);
  if (failed < MAX_ATTEMPTS) return;
  throw new TooFewClients(
    `fewer than clients.minCohort = ${minCohort} clients answered in ${failed} attempts at a round`,
  );
}

/**
 * … and after those that ended before their charge, of which no ledger tells. Under masks and secure noise
 * a client begins no attempt twice, and would refuse the number. Seeded, the very same one is run again.
 */
export function uncharged({ trust, noise }: PrivacyPlan): number {
  return trust === "distributed" && noise === "secure" ? MOST_UNCHARGED : 0;
}
