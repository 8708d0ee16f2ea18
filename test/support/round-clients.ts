/** A round's clients without connections, and a plain attempt asked of clients that have some. */
import type { Attempt } from "../../server/attempts/attempt.ts";
import type { Broadcast } from "../../server/attempts/attempt-wire.ts";
import type { RoundClients } from "../../server/attempts/round-clients.ts";

/** Those client indices, here from the start; `gather` says what they answer. */
export function clientsHere(
  clientIndices: readonly number[],
  gather: RoundClients["gather"],
): RoundClients {
  return {
    runId: "",
    roster: clientIndices.map((clientIndex) => ({ vclient: clientIndex, key: Buffer.alloc(32) })),
    sittingOut: [],
    enough: async (clients) => clientIndices.length >= clients,
    gather,
    closeAttempt: () => {},
  };
}

/** Resolves when it has settled. */
export function gather(
  clients: RoundClients,
  attempt: Attempt,
  broadcast: Broadcast,
): Promise<void> {
  return clients.gather(attempt, broadcast, (wire) => attempt.gather(wire));
}
