/** IO: one client's part in an attempt: whether it is there, what it would send, and how that leaves. */
import { isOfNumbers } from "../../shared/model/loss.ts";
import { stream } from "../../shared/noise/random.ts";
import type { FaultKind, FaultRule } from "../../shared/scenario/fault-schema.ts";
import type { Update } from "../connection/attempt-answers.ts";
import type { RoundRequest } from "../connection/round-request.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { addEgress } from "../report/egress-report.ts";
import { boundsHistograms } from "../training/bounds-histograms.ts";
import { clientRound } from "./client-round.ts";
import type { HostContext } from "./host-context.ts";
import { misled, tampered } from "./inject-faults.ts";
import type { InjectedFault } from "./injected-faults.ts";

/** A client of this host in an attempt's cohort, with what a script holds for it. */
export interface Member {
  readonly request: RoundRequest;
  /** Its number in the run. */
  readonly clientIndex: number;
  /** Its name. */
  readonly client: string;
  readonly rows: ClientRows;
  readonly fate: InjectedFault;
}

/** One after another, in the order of the cohort. */
export function* membersOf(
  request: RoundRequest,
  { nameOf, clients, fate }: HostContext,
): Generator<Member> {
  for (const clientIndex of request.cohort) {
    const client = nameOf.get(clientIndex);
    const rows = clients.get(client ?? "");
    if (client === undefined || rows === undefined) continue;
    yield { request, clientIndex, client, rows, fate: fate(request, client) };
  }
}

/** True of a client that a scripted fault keeps from this attempt; then it has declined, unless it hangs. */
export function isAbsent(
  { request, clientIndex, client, fate: { faults } }: Member,
  { link, work, broken }: HostContext,
): boolean {
  const has = (kind: FaultKind) => faults.some((fault) => fault.kind === kind);
  // A process that dies has its socket closed for it.
  if (has("crash")) work.decline(request, clientIndex, { reason: "leaving" });
  else if (has("dropOut")) work.decline(request, clientIndex, { reason: "lost" });
  const once = `${request.round}/${request.attempt}/${client}`;
  if (has("dropLink") && !broken.has(once)) {
    broken.add(once);
    link.breakLink();
  }
  return has("crash") || has("dropOut") || has("hang");
}

/** What the client would send without masks: int32[updateLength], clipped and noised; or its counts. */
export async function updateOf(
  { request, clientIndex, client, rows: prepared, fate: { faults, words } }: Member,
  { sealed, engine, root, controls, diverged, outside, bound }: HostContext,
): Promise<Int32Array> {
  const { round, attempt, task, clipNorm } = request;
  const { plan, model } = sealed;
  const { parameters, learned } = bound.open(request);
  if (task === "bounds") {
    if (learned === undefined) throw new TypeError("bounds of features that learn none");
    const noise = stream(root, "noise", round, attempt, client);
    return boundsHistograms(prepared, bound.features, learned, plan.privacy, noise);
  }
  const rows = learned ? bound.rowsOf(client, prepared, learned) : prepared;
  const asked = {
    client,
    round,
    attempt,
    task,
    clipNorm,
    control: controls.of(clientIndex, round),
    outside,
  };
  const { rows: seen, ...start } =
    faults.length > 0
      ? misled(
          { rows, parameters },
          faults,
          isOfNumbers(model.loss) ? 1 : Math.max(2, model.outputs),
        )
      : { rows, parameters };
  const answer = await clientRound({ ...asked, ...start }, seen, engine, plan, root);
  if (!answer.finite) diverged(client, round);
  if (answer.control) controls.propose(clientIndex, { round, attempt }, answer.control);
  return faults.length > 0 ? tampered(answer.update, faults, plan.privacy, words) : answer.update;
}

/** Resolves once its bytes have left; of a slow client at once, for nobody waits for it. */
export function sendUpdate(
  { request, clientIndex, client, fate: { faults } }: Member,
  update: Update,
  { work, own, delayed }: HostContext,
): Promise<void> {
  const { round } = request;
  const isStale = faults.some(({ kind }: FaultRule) => kind === "stale");
  // The round before; the first has none, and takes the one after.
  const named = isStale ? { ...request, round: round === 0 ? 1 : round - 1 } : request;
  const leave = async () => {
    const bytes = await work.send(request, clientIndex, update, named);
    addEgress(own, client, { updates: Number(bytes > 0), bytes, declined: 0 });
  };
  const late = faults.flatMap((fault) => (fault.kind === "slow" ? fault.seconds : []));
  if (late.length === 0) return leave();
  delayed.after(1_000 * Math.max(...late), leave);
  return Promise.resolve();
}
