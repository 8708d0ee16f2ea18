/** What `murmur run --json` prints of a finished run: one object. */
import type { Ending } from "../server/coordinator.ts";
import type { Evaluation } from "../server/evaluate.ts";
import type { ClientRecord } from "../server/members.ts";
import { type ByAdversary, byAdversary } from "../shared/accounting/event.ts";
import { claimText, rawEpsilon, rawOf } from "../shared/claim.ts";
import { hidesCohort } from "../shared/cohort-secrecy.ts";
import type { Trace } from "../shared/trace.ts";
import { heldOutPrivate, unitParts } from "../shared/unit-text.ts";
import type { Scene } from "./scene.ts";

/** How a run came out. */
export interface Outcome {
  readonly trace: Trace;
  readonly last: Evaluation;
  readonly ending: Ending;
  readonly spent: ByAdversary<number | null>;
  readonly modelHash: string;
  /** That the command took; null where no time may be told. */
  readonly seconds: number | null;
}

export function runSummary(
  { scenario, sealed, registry, folder }: Scene,
  { trace, last, ending, modelHash, seconds }: Outcome,
) {
  const { parameters } = sealed.model;
  const { privacy } = sealed.plan;
  const raw = byAdversary((adversary) => rawEpsilon(trace.claims, adversary));
  const names = (clients: readonly ClientRecord[]) => clients.map(({ name }) => name);
  return {
    accuracy: last.accuracy,
    loss: last.loss,
    epsilon: raw.modelRecipients,
    epsilonAgainst: raw,
    delta: privacy.delta,
    claim: claimText(privacy, unitParts(sealed.plan, heldOutPrivate(scenario))),
    claims: trace.claims,
    soFar: trace.soFar,
    modelHash,
    runFolder: folder.path,
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
      joined: names(registry.clients.filter(({ joined }) => joined)),
      lost: names(registry.clients.filter(({ lost }) => lost)),
      declined: hidesCohort(sealed.plan.privacy)
        ? null
        : names(registry.clients.filter(({ declined }) => declined)),
    },
    attempts: ending.attempts,
    ending: ending.reason,
    seconds,
  };
}
