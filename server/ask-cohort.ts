/**
 * An attempt on the wire: the model to the hosts of its cohort, again to those that lost their socket and
 * are back, and what becomes of those that are silent or stay away.
 */
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import type { Attempt, Broadcast } from "./attempt.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a round. */
export type AskedPeer = Pick<Peer, "vclients" | "accepted" | "startRound" | "send">;

/** An attempt that has been asked for, until it is stopped. */
export interface Asking<P = AskedPeer> {
  /** A host's socket broke: its clients lose their place unless they are back in time. */
  readonly away: (peer: P) => void;
  /** It is back: asked for what is still waited for, and told of what was counted. */
  readonly again: (peer: P) => void;
  /** Ends all waits. */
  readonly stop: () => void;
}

/**
 * The model is encoded once and sent on each socket. A host that has not accepted in time loses its
 * clients their place; when the time to train is up, the attempt closes with what is in.
 *
 * @param peers whoever is here, as it changes
 * @param cohort vclients
 * @param stream the broadcast's number, on all sockets
 */
export function askCohort(
  peers: Iterable<AskedPeer>,
  attempt: Attempt,
  cohort: readonly number[],
  { parameters, ...terms }: Broadcast,
  stream: number,
  timing: Timing,
): Asking {
  const { round } = attempt;
  const ids = { vclient: ALL_CLIENTS, round, attempt: attempt.attempt, stream };
  const model = encodeObject({ kind: "model", values: parameters }, ids);
  const members = new Set(cohort);
  const name = `${round}/${attempt.attempt}`;
  const end = performance.now() + timing.trainMs;
  const timers = new Set([setTimeout(() => attempt.close(), timing.trainMs)]);
  /** By the first of a host's clients, which are the same on each of its sockets. */
  const absent = new Map<number | undefined, NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => {
    const timer = setTimeout(act, ms);
    timers.add(timer);
    return timer;
  };
  const ask = (peer: AskedPeer, isAsked: (vclient: number) => boolean) => {
    const own = peer.vclients.filter(isAsked);
    if (own.length === 0) return;
    peer.startRound(attempt, own, terms, model, Math.max(1, end - performance.now()));
    later(timing.acceptMs, () => {
      // One whose socket is gone is away, not silent.
      const isHere = new Set(peers).has(peer);
      if (isHere && peer.accepted !== name) attempt.lose(peer.vclients);
    });
  };
  for (const peer of peers) ask(peer, (vclient) => members.has(vclient));
  return {
    away: ({ vclients }) => {
      absent.set(
        vclients[0],
        later(timing.awayMs, () => attempt.lose(vclients)),
      );
    },
    again: (peer) => {
      clearTimeout(absent.get(peer.vclients[0]));
      const ids = { round, attempt: attempt.attempt };
      for (const vclient of peer.vclients)
        if (attempt.hasCounted(vclient))
          peer.send({ t: "updateAck", vclient, ...ids, status: "duplicate" });
      ask(peer, (vclient) => attempt.waitsFor(vclient));
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
