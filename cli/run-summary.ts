/** What `murmur run --json` prints of a finished run: one object. */

import type { RunOutcome } from "../run/run-outcome.ts";
import type { ClientRecord } from "../server/members.ts";
import { byAdversary } from "../shared/accounting/event.ts";
import { claimText, rawEpsilon, rawOf } from "../shared/claim.ts";
import { hidesCohort } from "../shared/cohort-secrecy.ts";
import { heldOutPrivate, unitParts } from "../shared/unit-text.ts";

/** @param seconds that the command took; null where no time may be told */
export function runSummary(
  { scenario, sealed, trace, evaluation, ending, modelHash, clients }: RunOutcome,
  path: string | null,
  seconds: number | null,
) {
  const { parameters } = sealed.model;
  const { privacy } = sealed.plan;
  const raw = byAdversary((adversary) => rawEpsilon(trace.claims, adversary));
  const names = (some: readonly ClientRecord[]) => some.map(({ name }) => name);
  return {
    accuracy: evaluation.accuracy,
    loss: evaluation.loss,
    epsilon: raw.modelRecipients,
    epsilonAgainst: raw,
    delta: privacy.delta,
    claim: claimText(privacy, unitParts(sealed.plan, heldOutPrivate(scenario))),
    claims: trace.claims,
    soFar: trace.soFar,
    modelHash,
    runFolder: path,
    stages: trace.stages.map(({ name, rowsIn, namesIn, rowsOut, namesOut, note }) => ({
      name,
      rowsIn,
      columnsIn: namesIn.length,
      rowsOut,
      columnsOut: name === "train" ? parameters : namesOut.length,
      namesIn,
      namesOut,
      note,
    })),
    epochs: trace.rounds.map((round) => ({
      loss: round.loss,
      accuracy: round.accuracy,
      epsilon: rawOf(privacy, round).modelRecipients,
    })),
    heldOut: trace.heldOut,
    fairness: trace.fairness,
    prediction: trace.prediction,
    faults: trace.faults,
    clients: {
      joined: names(clients.filter(({ joined }) => joined)),
      lost: names(clients.filter(({ lost }) => lost)),
      declined: hidesCohort(sealed.plan.privacy)
        ? null
        : names(clients.filter(({ declined }) => declined)),
    },
    attempts: ending.attempts,
    ending: ending.reason,
    seconds,
  };
}
