/** An attempt on the wire: the model to the hosts of its cohort, and what becomes of those that are silent. */
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import type { Attempt, Broadcast } from "./attempt.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a round. */
export type AskedPeer = Pick<Peer, "vclients" | "accepted" | "startRound">;

/**
 * The model is encoded once and sent on each socket. A host that has not accepted in time loses its
 * clients their place; when the time to train is up, the attempt closes with what is in.
 *
 * @param cohort vclients
 * @param stream the broadcast's number, on all sockets
 * @returns ends both waits
 */
export function askCohort(
  peers: Iterable<AskedPeer>,
  attempt: Attempt,
  cohort: readonly number[],
  { parameters, ...terms }: Broadcast,
  stream: number,
  timing: Timing,
): () => void {
  const { round } = attempt;
  const ids = { vclient: ALL_CLIENTS, round, attempt: attempt.attempt, stream };
  const model = encodeObject({ kind: "model", values: parameters }, ids);
  const members = new Set(cohort);
  const asked = [...peers].filter(({ vclients }) => vclients.some((v) => members.has(v)));
  for (const peer of asked) {
    const own = peer.vclients.filter((v) => members.has(v));
    peer.startRound(attempt, own, terms, model);
  }
  const name = `${round}/${attempt.attempt}`;
  const silent = () => {
    for (const peer of asked) if (peer.accepted !== name) attempt.lose(peer.vclients);
  };
  const timers = [
    setTimeout(silent, timing.acceptMs),
    setTimeout(() => attempt.close(), timing.trainMs),
  ];
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
