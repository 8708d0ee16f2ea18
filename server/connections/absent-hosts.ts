/** Hosts that lost their socket amid an attempt: each has a while to be back before its clients lose their place. */
import type { Attempt } from "../attempts/attempt.ts";
import type { Peer } from "./peer.ts";

/** Until the attempt is stopped. */
export interface AbsentHosts {
  /** Its socket broke: it is waited for. */
  readonly leave: (host: Pick<Peer, "vclients">) => void;
  /** It is back: waited for no longer, and told which of its updates were counted, for their `updateAck` may be lost. */
  readonly greet: (host: Pick<Peer, "vclients" | "send">) => void;
  /** Ends all waits. */
  readonly stop: () => void;
}

/** @param awayMs how long each is waited for */
export function absentHosts(
  attempt: Pick<Attempt, "round" | "attempt" | "lose" | "hasCounted">,
  awayMs: number,
): AbsentHosts {
  /** By the first of a host's clients, which are the same on each of its sockets. */
  const waits = new Map<number | undefined, NodeJS.Timeout>();
  return {
    leave: ({ vclients: clientIndices }) => {
      clearTimeout(waits.get(clientIndices[0]));
      waits.set(
        clientIndices[0],
        setTimeout(() => attempt.lose(clientIndices), awayMs),
      );
    },
    greet: (host) => {
      clearTimeout(waits.get(host.vclients[0]));
      const ids = { round: attempt.round, attempt: attempt.attempt };
      for (const clientIndex of host.vclients)
        if (attempt.hasCounted(clientIndex))
          host.send({ t: "updateAck", vclient: clientIndex, ...ids, status: "duplicate" });
    },
    stop: () => {
      for (const wait of waits.values()) clearTimeout(wait);
    },
  };
}
