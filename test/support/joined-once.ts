/** One owner's client and a coordinator's door, over real sockets: what each sees of the other until goodbye. */
import { join } from "node:path";
import { vi } from "vitest";
import { WebSocket } from "ws";
import { type Consent, type JoinSettings, joinRun } from "../../client/join/join-run.ts";
import { ClientConnections } from "../../server/connections/client-connections.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import type { RunEvent } from "../../shared/events/run-event.ts";
import { signingKey } from "../../shared/keys/proofs.ts";
import type { Plan, SealedPlan } from "../../shared/plan/plan.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { LINK_TIMING } from "./linked-run.ts";

/** An owner who agrees to all that is shown. */
export const AGREES: Consent = { show: () => {}, require: () => {}, ask: async () => true };

export interface JoinedOnce {
  /** As an error says it; "joined" where the coordinator said goodbye to it. */
  readonly why: string;
  /** Codes and reasons with which sockets of either side were closed. */
  readonly closes: readonly unknown[][];
  /** What the coordinator's operator may read, in order. */
  readonly events: readonly RunEvent[];
  /** What the client sent, kinds and sizes in order; without heartbeats and receipts, which a goodbye may overtake. */
  readonly sent: readonly string[];
}

/**
 * Joins as "a" with `rows.csv` of the folder, to the plan under its own hash; once it is admitted, the run ends.
 *
 * @param sealed whose plan may have been exchanged for another one
 */
export async function joinOnce(
  folder: string,
  { plan, ...sealed }: SealedPlan,
  change: Partial<JoinSettings> & { readonly identifiersKnown?: ReadonlyMap<string, string> } = {},
): Promise<JoinedOnce> {
  const key = signingKey();
  const events: RunEvent[] = [];
  const registry = await ClientConnections.open({
    ...{ sealed: resealed(plan, sealed), hosts: 0, port: 0 },
    ...{ runId: new Uint8Array(16), host: "127.0.0.1", timing: LINK_TIMING, expected: ["a"] },
    joiners: [{ names: ["a"], key: toWire(key.publicKey) }],
    observe: (event) => {
      events.push(event);
      if (event.event === "clients-joined") void registry.close("the run has ended");
    },
  });
  const closes = vi.spyOn(WebSocket.prototype, "close");
  const sends = vi.spyOn(WebSocket.prototype, "send");
  const { audience, serverKey } = registry;
  const { identifiersKnown = new Map(), ...others } = change;
  const data = { folder, path: "rows.csv", header: undefined, missing: undefined };
  const settings: JoinSettings = {
    address: { audience, serverKey: serverKey.publicKey, planHash: undefined, tls: undefined },
    own: { credentials: { key, token: undefined }, name: "a" },
    data: { ...data, key: { env: "NONE" }, identifiersKnown },
    exactUpdates: false,
    ...{ clients: 1, limits: null, folder: join(folder, "own"), simulation: null },
    ...{ allowed: undefined, observe: () => {}, retrying: () => {}, giveUpAfterMs: 5_000 },
    consent: AGREES,
    ...others,
  };
  try {
    const ending = joinRun(settings, new AbortController().signal);
    const end = await ending.then(() => "joined").catch(String);
    // Goodbye may overtake its numbers: it was admitted all the same.
    const why = end.includes("1000 the run has ended") ? "joined" : end;
    const own = sends.mock.calls.filter((_, i) => isClients(sends.mock.contexts[i]));
    const sent = own.map(([data]) => kindAndSize(data)).filter(Boolean);
    return { why, closes: closes.mock.calls, events, sent };
  } finally {
    await registry.close("the test has ended");
    closes.mockRestore();
    sends.mockRestore();
  }
}

/** ws marks a server's sockets. */
function isClients(socket: unknown): boolean {
  return typeof socket === "object" && socket !== null && !Reflect.get(socket, "_isServer");
}

/** "" for a heartbeat or a receipt. */
function kindAndSize(data: unknown): string {
  if (typeof data !== "string")
    return `frame of ${data instanceof Uint8Array ? data.length : "unknown"} bytes`;
  const { t } = JSON.parse(data);
  return ["ping", "pong", "have"].includes(t) ? "" : `${t} of ${data.length} characters`;
}

function resealed(plan: Plan, sealed: Omit<SealedPlan, "plan">): SealedPlan {
  const bytes = Buffer.from(canonicalJson(plan));
  return { ...sealed, plan, bytes, hash: sha256(bytes) };
}
