/** What is told of a connection's end: whose it was, and whether they are still expected. */
import type { Presence, RunEvent } from "../../shared/events/run-event.ts";
import { CLOSE } from "../../shared/wire/close-codes.ts";
import { PLAN_READ } from "../../shared/wire/protocol.ts";
import { endText } from "../attempts/peer-refusals.ts";
import type { Peer } from "./peer.ts";

/** Why a connection ends whose client has come for the plan alone. */
const PLAN_WAS_READ = endText(CLOSE.bye, PLAN_READ);

/**
 * @param clients names of those that it brought and that are not lost
 * @returns undefined where their loss was told before
 */
export function connectionEnd(
  { where, vclients: clientIndices, mayBring }: Pick<Peer, "where" | "vclients" | "mayBring">,
  clients: readonly string[],
  why: string,
  run: { readonly begun: boolean; readonly elsewhere: boolean; readonly presence: Presence },
): RunEvent | undefined {
  if (clients.length === 0 && clientIndices.length > 0) return undefined;
  const reads = clients.length === 0 && why === PLAN_WAS_READ ? mayBring : [];
  const { begun, elsewhere, presence } = run;
  const told = { event: "connection-ended", where, elsewhere, why, ...presence } as const;
  if (clients.length > 0) return { ...told, clients, fate: begun ? "away" : "awaited" };
  return { ...told, clients: reads, fate: reads.length > 0 ? "reader" : "stranger" };
}
