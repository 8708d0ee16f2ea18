/** A masked attempt on the sockets: the model and the roster to each host, then each step's lists. */
import type { StepDown } from "../shared/secagg/wire-steps.ts";
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import type { Broadcast } from "./attempt.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";
import type { MaskedWire } from "./masked-round.ts";
import type { Peer } from "./peer.ts";

/** A host, as far as it is asked for a masked round. */
export type MaskedPeer = Pick<Peer, "vclients" | "startRound" | "sendStep">;

/**
 * The model is encoded once and sent on each socket, as are lists that are the same for all.
 *
 * @param peers whoever is here, as it changes
 * @param stream the broadcast's number, on all sockets
 * @param nextStream the next such number
 */
export function maskedWire(
  peers: ReadonlySet<MaskedPeer>,
  attempt: MaskedAttempt,
  { parameters, ...terms }: Broadcast,
  nextStream: () => number,
  { trainMs }: Pick<Timing, "trainMs">,
): MaskedWire {
  const { round, attempt: number } = attempt;
  const ids = () => ({ vclient: ALL_CLIENTS, round, attempt: number, stream: nextStream() });
  const hosts = [...peers].filter((peer) => membersOf(peer, attempt).length > 0);
  const hostOf = new Map(hosts.flatMap((host) => host.vclients.map((one) => [one, host] as const)));
  return {
    begin: () => {
      const model = encodeObject({ kind: "model", values: parameters }, ids());
      const roster = encodeObject({ kind: "blob", values: Buffer.concat(attempt.roster) }, ids());
      const masks = { terms: attempt.terms, roster };
      for (const host of hosts) {
        const cohort = membersOf(host, attempt).flat();
        host.startRound(attempt, cohort, terms, model, trainMs, masks);
      }
    },
    toAll: (step: StepDown, bytes: Buffer) => {
      const list = encodeObject({ kind: "blob", values: bytes }, ids());
      // Nothing to whoever lost its socket, nor to one that came back: its keys are gone.
      for (const host of hosts)
        if (peers.has(host)) host.sendStep(attempt, ALL_CLIENTS, step, list);
    },
    toOne: (vclient: number, step: StepDown, bytes: Buffer) => {
      const host = hostOf.get(vclient);
      if (!host || !peers.has(host)) return;
      const list = encodeObject({ kind: "blob", values: bytes }, { ...ids(), vclient });
      host.sendStep(attempt, vclient, step, list);
    },
  };
}

/** A host's clients in the cohort, each with its place. */
function membersOf(
  { vclients }: Pick<Peer, "vclients">,
  attempt: MaskedAttempt,
): (readonly [vclient: number, u: number])[] {
  return vclients.flatMap((vclient) => {
    const u = attempt.placeOf(vclient);
    return u === undefined ? [] : [[vclient, u] as const];
  });
}
