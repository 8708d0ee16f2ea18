/** What left a client, to whom, how often and how large; and what never does. */
import type { Egress } from "../../shared/wire/egress.ts";

/** One client's own share of what left. */
export interface OwnEgress {
  /** Updates and counts that it sent, and their bytes, frame headers not counted. */
  readonly updates: number;
  readonly bytes: number;
  /** Attempts in which its own ledger let it send nothing. */
  readonly declined: number;
}

export const NOTHING_LEFT: OwnEgress = { updates: 0, bytes: 0, declined: 0 };

export function addEgress(own: Map<string, OwnEgress>, client: string, more: OwnEgress): void {
  const { updates, bytes, declined } = own.get(client) ?? NOTHING_LEFT;
  own.set(client, {
    updates: updates + more.updates,
    bytes: bytes + more.bytes,
    declined: declined + more.declined,
  });
}

export interface EgressReport {
  readonly to: string;
  /** null where it would tell in which rounds the client was drawn. */
  readonly own: OwnEgress | null;
  /** All that left by the connection that its host's clients share, as the transport counted it; null likewise. */
  readonly connection: {
    readonly clients: number;
    readonly messages: number;
    readonly bytes: number;
    readonly kinds: readonly KindReport[];
  } | null;
  readonly neverLeft: readonly string[];
}

interface KindReport {
  readonly kind: string;
  readonly carries: string;
  readonly messages: number;
  readonly bytes: number;
}

const CARRIES: Readonly<Record<string, string>> = {
  auth: "a key of this run, a proof that the token is known, the software's version",
  ready: "the hash of the plan",
  accept: "round and attempt",
  decline:
    "round, attempt, and that the client's budget does not hold it, a simulation loses it, or another's sealed shares do not open, and whose",
  update: "round, attempt and number of the client whose update follows",
  step: "round, attempt, number of the client and which of its answers in a masked attempt follows",
  closeAck: "round and attempt",
  put: "kind, size and hash of what follows",
  have: "that an object came whole, or not",
  ping: "a time of this process's own clock",
  pong: "the other side's ping, sent back",
  bye: "why the connection ends",
  error: "why the connection ends",
  "list frame":
    "names of this host's clients; of a masked attempt keys, sealed shares, signatures, shares of masks",
  "masked update frame": "a clipped update with noise, under masks: by itself random words",
  "update frame": "a clipped update or count: whole numbers, noised where the client is to noise",
  "whole masked update":
    "round, attempt, number of the client; its clipped update with noise, under masks",
  "whole update":
    "round, attempt, number of the client; its clipped update or count, noised where the client is to noise",
};

const NEVER_LEFT = [
  "the client's rows, raw or anonymized",
  "direct identifiers and pseudonyms, keys and what they derive from",
  "how many rows there are, were suppressed, or were in a batch",
  "k, l, t, risks, and what the scan found",
] as const;

/** @param own null where it may not be told, nor what the connection carried */
export function egressReport(
  to: string,
  clients: number,
  own: OwnEgress | null,
  egress: Egress,
): EgressReport {
  if (own === null) return { to, own, connection: null, neverLeft: NEVER_LEFT };
  const kinds = [...egress].map(([kind, { messages, bytes }]) => {
    const carries = CARRIES[kind];
    if (carries === undefined) throw new TypeError(`a message nobody can explain: ${kind}`);
    return { kind, carries, messages, bytes };
  });
  const sum = (of: (kind: KindReport) => number) => kinds.reduce((all, kind) => all + of(kind), 0);
  return {
    to,
    own,
    connection: {
      clients,
      messages: sum(({ messages }) => messages),
      bytes: sum(({ bytes }) => bytes),
      kinds,
    },
    neverLeft: NEVER_LEFT,
  };
}
