/** Whole masked attempts without sockets: every client's machine and the coordinator's, and who is lost when. */
import { randomBytes } from "node:crypto";
import type { Draw } from "../../client/secagg/client-secrets.ts";
import { MaskingClient } from "../../client/secagg/masking-client.ts";
import { type OpenedSum, UnmaskingServer } from "../../server/secagg/unmasking-server.ts";
import { type SigningKey, signingKey } from "../../shared/keys/proofs.ts";
import { attemptContext } from "../../shared/secagg/attempt-context.ts";
import { confirmationOf, openKeyList, type SecaggSetup } from "../../shared/secagg/key-list.ts";
import type { SecaggTerms } from "../../shared/secagg/terms.ts";
import type { Recorder } from "../../shared/secagg/transcript.ts";

export interface Attempt {
  readonly setup: SecaggSetup;
  readonly identities: readonly SigningKey[];
  /** By place: int32[parameters], noise included. */
  readonly inputs: readonly Int32Array[];
  readonly draw?: (client: number) => Draw;
}

/** Clients that do not answer a step, by step; each is lost for good. */
export type Losses = Partial<
  Record<"keys" | "packets" | "masked" | "confirm" | "unmask", readonly number[]>
>;

export interface Play {
  readonly losses?: Losses;
  /** Who answers first in each step. */
  readonly order?: (clients: readonly number[]) => readonly number[];
  readonly record?: Recorder;
}

const identities: SigningKey[] = [];

/** The first `count` of some long-lived keys, the same in every attempt of a test file. */
export function identityKeys(count: number): readonly SigningKey[] {
  while (identities.length < count) {
    const seed = Buffer.alloc(32);
    seed.writeUInt32LE(identities.length);
    identities.push(signingKey(seed));
  }
  return identities.slice(0, count);
}

export function attemptOf(
  terms: SecaggTerms,
  inputs: readonly Int32Array[],
  ids = { round: 3, attempt: 1 },
): Attempt {
  const own = identityKeys(terms.clients);
  const context = attemptContext({ runId: "5a".repeat(16), planHash: "c3".repeat(32), ...ids });
  const roster = own.map(({ publicKey }) => publicKey);
  return { setup: { terms, context, roster }, identities: own, inputs };
}

export function clientsOf({ setup, identities: own, draw }: Attempt): MaskingClient[] {
  return own.map((identity, u) => new MaskingClient(setup, u, identity, draw?.(u) ?? randomBytes));
}

export function serverOf(
  { setup, inputs }: Attempt,
  record?: Recorder,
  largestSum = 2 ** 31,
): UnmaskingServer {
  const parameters = inputs[0]?.length ?? 0;
  return new UnmaskingServer({ ...setup, parameters, largestSum }, record);
}

/** The attempt from its first step to its sum; rejects with what the coordinator or a client refuses. */
export async function play(attempt: Attempt, options: Play = {}): Promise<OpenedSum> {
  const { losses = {}, order = (clients) => clients, record } = options;
  const { setup, inputs } = attempt;
  const clients = clientsOf(attempt);
  const server = serverOf(attempt, record);
  const at = <T>(list: readonly T[], u: number): T => {
    const entry = list[u];
    if (entry === undefined) throw new Error(`no client ${u}`);
    return entry;
  };
  let alive = clients.map((_, u) => u);
  const each = (lost: readonly number[] | undefined, answer: (u: number) => void) => {
    for (const u of lost ?? []) server.lose(u);
    alive = alive.filter((u) => !lost?.includes(u));
    for (const u of order(alive)) answer(u);
  };

  each(losses.keys, (u) => server.takeKeys(at(clients, u).advertise()));
  const list = openKeyList(server.closeKeys(), setup);
  each(losses.packets, (u) => server.takePackets(u, at(clients, u).share(list)));
  const inboxes = server.closePackets();
  each(losses.masked, (u) =>
    server.takeMasked(u, at(clients, u).mask(inboxes.get(u) ?? [], at(inputs, u))),
  );
  const survivors = server.closeMasked();
  each(losses.confirm, (u) => server.takeSignature(u, at(clients, u).confirm(survivors)));
  const confirmation = confirmationOf(survivors, server.closeSignatures(), setup, list);
  each(losses.unmask, (u) => server.takeShares(u, at(clients, u).unmask(confirmation)));
  return server.closeShares();
}

/** Sum mod 2^32 of the clients that stay until their vector is in: what unmasking must give. */
export function plainSum(inputs: readonly Int32Array[], losses: Losses = {}): Int32Array {
  const { keys = [], packets = [], masked = [] } = losses;
  const lost = new Set([...keys, ...packets, ...masked]);
  const sum = new Int32Array(inputs[0]?.length ?? 0);
  for (const [u, input] of inputs.entries()) {
    if (lost.has(u)) continue;
    for (const [i, x] of input.entries()) sum[i] = (sum[i] ?? 0) + x;
  }
  return sum;
}
