/**
 * An attempt on the wire: the model to the hosts of its cohort, again to those that lost their socket and
 * are back, and what becomes of those that are silent or stay away.
 */
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import { absentHosts } from "./absent-hosts.ts";
import type { Attempt, Broadcast } from "./attempt.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a round. */
export type AskedPeer = Pick<
  Peer,
  "vclients" | "accepted" | "heardAt" | "ping" | "startRound" | "send"
>;

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
 * The model is encoded once and sent on each socket. A host that is alive and has not accepted in time loses
 * its clients their place; one that says nothing at all may have lost its network, and is waited for as one
 * that is away. When the time to train is up, the attempt closes with what is in.
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
  const absent = absentHosts(attempt, timing.awayMs);
  const ask = (peer: AskedPeer, isAsked: (vclient: number) => boolean, leftMs: number) => {
    const own = peer.vclients.filter(isAsked);
    if (own.length === 0) return;
    peer.startRound(attempt, own, terms, model, leftMs);
    // One whose socket is gone is away, and waited for as that.
    const isDue = () => peer.accepted !== name && new Set(peers).has(peer);
    const lapse = () => {
      if (isDue()) attempt.lose(peer.vclients);
    };
    const half = timing.acceptMs / 2;
    const doubt = () => {
      if (!isDue()) return;
      // What it said of the round before may have come after this one began: it is asked for a sign of life.
      const doubtedAt = performance.now();
      peer.ping();
      const judge = () => {
        if (peer.heardAt > doubtedAt) lapse();
        else timers.add(setTimeout(lapse, Math.max(0, timing.awayMs - timing.acceptMs)));
      };
      timers.add(setTimeout(judge, half));
    };
    timers.add(setTimeout(doubt, half));
  };
  // The whole time to each: what is left of it would say how many were asked before.
  for (const peer of peers) ask(peer, (vclient) => members.has(vclient), timing.trainMs);
  return {
    away: absent.leave,
    again: (peer) => {
      absent.greet(peer);
      ask(peer, (vclient) => attempt.waitsFor(vclient), Math.max(1, end - performance.now()));
    },
    stop: () => {
      absent.stop();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
