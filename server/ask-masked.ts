/**
 * A masked attempt on the sockets: the model and the roster to each host, then each step's lists; again
 * what is lacking to a host that lost its socket and is back.
 */
import type { OpenStep, StepDown } from "../shared/secagg/wire-steps.ts";
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, type EncodedObject, encodeObject } from "../shared/wire/codec.ts";
import { absentHosts } from "./absent-hosts.ts";
import type { AskedPeer, Asking } from "./ask-cohort.ts";
import type { Broadcast } from "./attempt.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";
import type { MaskedWire } from "./masked-round.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a masked round. */
export type MaskedPeer = AskedPeer & Pick<Peer, "sendStep">;

/** The list that a step began with, on its way to one client or, as ALL_CLIENTS, to all of a host. */
interface StepList {
  readonly vclient: number;
  readonly step: StepDown;
  readonly list: EncodedObject;
}

/**
 * The model is encoded once and sent on each socket, as are lists that are the same for all.
 *
 * @param peers whoever is here, as it changes
 * @param nextStream the next number of an object, on all sockets
 */
export function askMasked(
  peers: ReadonlySet<MaskedPeer>,
  attempt: MaskedAttempt,
  { parameters, ...terms }: Broadcast,
  nextStream: () => number,
  { trainMs, awayMs }: Pick<Timing, "trainMs" | "awayMs">,
): MaskedWire & Asking<MaskedPeer> {
  const { round, attempt: number } = attempt;
  const ids = () => ({ vclient: ALL_CLIENTS, round, attempt: number, stream: nextStream() });
  const model = encodeObject({ kind: "model", values: parameters }, ids());
  const roster = encodeObject({ kind: "blob", values: Buffer.concat(attempt.roster) }, ids());
  /** Of the open step, by whom it is for. */
  const opening = new Map<number, StepList>();
  const opens = (one: StepList) => {
    const [before] = opening.values();
    if (before?.step !== one.step) opening.clear();
    opening.set(one.vclient, one);
    return one;
  };
  const isMember = (vclient: number) => attempt.placeOf(vclient) !== undefined;
  const absent = absentHosts(attempt, awayMs);
  /** Sockets that have been asked: a process that was started anew knows nothing of the attempt. */
  const asked = new Set<MaskedPeer>();
  const ask = (
    peer: MaskedPeer,
    lacking: OpenStep | null,
    isAsked: (vclient: number) => boolean,
  ) => {
    const cohort = peer.vclients
      .filter(isAsked)
      .flatMap((one) => [one, attempt.placeOf(one) ?? -1]);
    const masks = { terms: attempt.terms, roster, lacking };
    asked.add(peer);
    if (cohort.length > 0) peer.startRound(attempt, cohort, terms, model, trainMs, masks);
  };
  const waitsFor = (vclient: number) => attempt.waitsFor(vclient);
  const send = (peer: MaskedPeer, { vclient, step, list }: StepList) => {
    if (!asked.has(peer)) ask(peer, attempt.machine.openStep, waitsFor);
    peer.sendStep(attempt, vclient, step, list);
  };
  return {
    begin: () => {
      for (const peer of peers) ask(peer, null, isMember);
    },
    toAll: (step, bytes) => {
      const list = encodeObject({ kind: "blob", values: bytes }, ids());
      const opened = opens({ vclient: ALL_CLIENTS, step, list });
      for (const peer of peers) if (peer.vclients.some(isMember)) send(peer, opened);
    },
    toOne: (vclient, step, bytes) => {
      const list = encodeObject({ kind: "blob", values: bytes }, { ...ids(), vclient });
      const opened = opens({ vclient, step, list });
      for (const peer of peers) if (peer.vclients.includes(vclient)) send(peer, opened);
    },
    away: absent.leave,
    again: (peer) => {
      absent.greet(peer);
      const late = new Set(peer.vclients.filter(waitsFor));
      if (late.size === 0) return;
      ask(peer, attempt.machine.openStep, (one) => late.has(one));
      for (const one of opening.values())
        if (one.vclient === ALL_CLIENTS || late.has(one.vclient)) send(peer, one);
    },
    stop: absent.stop,
  };
}
