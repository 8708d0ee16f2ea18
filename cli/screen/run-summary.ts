/** What `murmur run --json` prints of a finished run: one object. */

import type { RunOutcome } from "../../run/execute/run-outcome.ts";
import { claimOf, resultOf } from "../../run/run-result.ts";
import type { ClientRecord } from "../../server/connections/client-roster.ts";
import { rawOf } from "../../shared/claims/claim.ts";
import { hidesCohort } from "../../shared/privacy/cohort-secrecy.ts";

/** @param seconds that the command took; null where no time may be told */
export function runSummary(outcome: RunOutcome, path: string | null, seconds: number | null) {
  const { sealed, clients } = outcome;
  const { parameters } = sealed.model;
  const { privacy } = sealed.plan;
  const result = resultOf(outcome, path);
  const {
    accuracy,
    errors,
    loss,
    baseline,
    warnings,
    epsilon,
    epsilons,
    delta,
    model,
    ending,
    trace,
  } = result;
  const names = (some: readonly ClientRecord[]) => some.map(({ name }) => name);
  return {
    accuracy,
    ...(errors && { errors }),
    loss,
    baseline,
    warnings,
    epsilon,
    epsilonAgainst: epsilons,
    delta,
    claim: claimOf(outcome),
    claims: trace.claims,
    soFar: trace.soFar,
    modelHash: model.hash,
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
      ...(round.errors && { errors: round.errors }),
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
