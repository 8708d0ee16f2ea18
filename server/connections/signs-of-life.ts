/**
 * Who has not been heard of for a while: a socket whose network is down, or whose process is stopped, looks
 * like any other until its heartbeats fail. Before an attempt is charged, such ones are asked.
 */
import type { Timing } from "../../shared/timing.ts";
import type { Peer } from "./peer.ts";

/** Of a heartbeat: whoever was heard of within it counts as here. */
const FRESH = 0.5;

/**
 * Of those client indices, the ones whose socket has been silent for half a heartbeat. Each such socket is asked for a
 * sign of life, once until it gives one.
 */
export function silentOf(
  clientIndices: readonly number[],
  peers: Iterable<Pick<Peer, "vclients" | "heardAt" | "ping">>,
  { heartbeatMs }: Pick<Timing, "heartbeatMs">,
  now = performance.now(),
): number[] {
  const asked = new Set(clientIndices);
  return [...peers].flatMap((peer) => {
    const own = peer.vclients.filter((clientIndex) => asked.has(clientIndex));
    if (own.length === 0 || now - peer.heardAt < FRESH * heartbeatMs) return [];
    peer.ping();
    return own;
  });
}
