/** One attempt under trust `distributed`, from its first step to its open sum; charged midway. */
import { ProtocolError, ScenarioError } from "../shared/errors.ts";
import { largestSum } from "../shared/lattice.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { attemptEvents } from "../shared/privacy-events.ts";
import { updateLength } from "../shared/privacy-tasks.ts";
import { unitsInOneEntry } from "../shared/rotation.ts";
import { attemptContext } from "../shared/secagg/attempt-context.ts";
import { fewestClients, type SecaggTerms, secaggTerms } from "../shared/secagg/secagg-terms.ts";
import type { Recorder } from "../shared/secagg/transcript.ts";
import { laps } from "./laps.ts";
import { MaskedAttempt } from "./masked-attempt.ts";
import type { RosterEntry } from "./registry.ts";
import { broadcastOf, type ModelState } from "./release.ts";
import { type Gathered, mayCharge, type RoundTools } from "./run-attempt.ts";

/** All clients that are here take part: a sample of them would amplify nothing. */
export async function runMasked(
  tools: RoundTools,
  { parameters, control, clipNorm }: ModelState,
  round: number,
  attempt: number,
): Promise<Gathered> {
  const { sealed, registry, ledger, observe, faults, record } = tools;
  const { privacy: plan } = sealed.plan;
  const askable = await whoCanMask(tools);
  if (askable === undefined) return { kind: "refused", reason: "cohort" };
  const { roster, terms } = askable;
  const { sittingOut } = registry;
  const events = attemptEvents(plan);
  if (!mayCharge(tools, "train", events)) return { kind: "refused", reason: "budget" };
  const ids = { task: "train", round, attempt } as const;
  const lap = laps(observe, ids);
  const kept = record?.(round, attempt);
  const masked = attemptOf(sealed, registry.runId, terms, roster, ids, kept?.took);
  let charged = false;
  const charge = () => {
    lap("keys");
    ledger.charge(round, attempt, events);
    charged = true;
    lap("charge");
    observe?.({ event: "attempt-charged", ...ids, epsilon: ledger.spent });
  };
  const broadcast = {
    task: "train",
    parameters: broadcastOf({ parameters, control }),
    clipNorm,
  } as const;
  try {
    await registry.gatherMasked(masked, broadcast, charge);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { what } = error.problem;
    // Who was there and who answered is all that this tells.
    if (charged) ledger.abort(round, attempt, `the masked sum was not opened: ${what}`);
    faults?.note("train", masked, { charged }, sittingOut);
    registry.closeAttempt(masked, what, ledger);
    observe?.({ event: "attempt-aborted", ...ids, charged });
    const silent = masked.silent.length > 0;
    return { kind: "aborted", survivors: masked.survivors.length, silent };
  }
  lap("train");
  kept?.opened(masked.sum);
  faults?.note("train", masked, null, sittingOut);
  return { kind: "gathered", gathering: masked, lost: plan.clients - masked.survivors.length };
}

/** Waits until so many are here that they can mask; undefined once they never will be. */
async function whoCanMask({ sealed, registry }: RoundTools) {
  for (let least = fewestClients(sealed.plan.privacy); await registry.enough(least); ) {
    const { roster } = registry;
    const terms = termsFor(sealed, roster.length);
    if (terms !== undefined) return { roster, terms };
    least = roster.length + 1;
  }
  return undefined;
}

/** undefined where so few are no cohort that could mask. */
function termsFor({ plan: { privacy } }: SealedPlan, clients: number): SecaggTerms | undefined {
  try {
    return secaggTerms(clients, privacy);
  } catch (error) {
    if (error instanceof ScenarioError) return undefined;
    throw error;
  }
}

function attemptOf(
  { plan: { privacy: plan }, hash: planHash }: SealedPlan,
  runId: string,
  terms: SecaggTerms,
  roster: readonly RosterEntry[],
  { round, attempt }: { readonly round: number; readonly attempt: number },
  record: Recorder | undefined,
): MaskedAttempt {
  const { sensitivity, noiseStddev, clients, parameters } = plan;
  const setup = {
    terms,
    context: attemptContext({ runId, round, attempt, planHash }),
    roster: roster.map(({ key }) => key),
    parameters: updateLength(plan),
    largestSum: largestSum(unitsInOneEntry(plan), sensitivity, noiseStddev, clients, parameters),
  };
  const asked = roster.map(({ vclient }) => vclient);
  return new MaskedAttempt({ round, attempt }, asked, setup, record);
}
