/**
 * Five hundred handshakes that break, in every place where one can, on real sockets: each is refused
 * or cut, nothing else happens to the coordinator, and the run inside goes on.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { dialSocket } from "../../../client/connection/dial.ts";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { ClientConnections } from "../../../server/connections/client-connections.ts";
import { signingKey, tokenKey } from "../../../shared/keys/proofs.ts";
import { shortened, TIMING } from "../../../shared/timing.ts";
import { encodeUpdate } from "../../../shared/wire/codec.ts";
import { toWire } from "../../../shared/wire/wire-values.ts";
import {
  BROKEN_HANDSHAKES,
  type BrokenHandshake,
  type BrokenScene,
} from "../../support/broken-handshakes.ts";
import { loopbackCertificate } from "../../support/certificate.ts";
import { effort } from "../../support/effort.ts";
import { sealedWith } from "../../support/plans.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { RoguePeer } from "../../support/rogue-peer.ts";
import { gather } from "../../support/round-clients.ts";
import { settledMemory } from "../../support/settled-memory.ts";

const HANDSHAKES = effort(300, 500);
/** A registry each, so that no limit on whoever fails again and again is in the way of the next. */
const BATCH = 10;
/** After the first hundred: 80 KiB each, of which a handshake that is kept would take more. */
const MOST_GROWTH_BYTES = (HANDSHAKES - 10 * BATCH) * 80 * 2 ** 10;
const TIMEOUT_MS = 300_000;
/** What the door may say to anybody who comes too often, or twice with one key. */
const AT_THE_DOOR = ["429 cut", "503 cut", "101 1013", "101 4429", "101 4408"];
/** How deadlines end one: on a slow machine that may be any, but not every time. */
const LATE = ["cut", "408 cut", "101 cut", "101 4401"];
// The good clients say nothing while all this goes on.
const { heartbeatMs, silenceMs } = TIMING;
const SHORT = { ...shortened(25), heartbeatMs, silenceMs };
const CERTIFICATE = loopbackCertificate();
const LISTED = signingKey();
const sealed = sealedWith();
const model = { task: "train" as const, parameters: new Float32Array(2), clipNorm: 0.5 };

/** What no handler of ours has caught: there must be none. */
const escaped: unknown[] = [];
const keep = (error: unknown) => escaped.push(error);
beforeAll(() => {
  process.on("uncaughtException", keep).on("unhandledRejection", keep);
});
afterAll(() => {
  process.off("uncaughtException", keep).off("unhandledRejection", keep);
});

function open(ca: string | undefined, bugs: string[]): Promise<ClientConnections> {
  return ClientConnections.open({
    ...{ sealed, runId: new Uint8Array(16), expected: ["a", "b", "j"] },
    ...{ host: "127.0.0.1", port: 0, hosts: 2, timing: SHORT },
    tls:
      ca === undefined ? undefined : { cert: Buffer.from(ca), key: Buffer.from(CERTIFICATE.key) },
    joiners: [{ names: ["j"], key: toWire(LISTED.publicKey) }],
    observe: (event) => {
      if (event.event === "bug") bugs.push(event.stack);
    },
  });
}

/** A good client, by whatever the door says of its address just then: it comes again until it is in. */
async function join(
  registry: ClientConnections,
  ca: string | undefined,
  host: number,
  name: string,
) {
  const { audience, tokens } = registry;
  const token = tokenKey(tokens[host] ?? "");
  const address = {
    ...{ audience, serverKey: undefined, planHash: undefined },
    credentials: { key: signingKey(), token },
    tls: ca === undefined ? undefined : { ca: Buffer.from(ca) },
  };
  for (let tries = 0; ; tries++) {
    try {
      const peer = await dialSocket(address, TIMING, (socket) => new RoguePeer(socket));
      const sent: string[] = [];
      const send = peer.socket.send.bind(peer.socket);
      peer.text = (text) => {
        sent.push(text);
        send(text);
      };
      await peer.join(audience, token, [name], address.credentials.key);
      return { peer, token, auth: sent[0] ?? "" };
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** An attempt of these, accepted by each. */
async function begin(registry: ClientConnections, peers: readonly RoguePeer[], round: number) {
  const { present } = registry.rounds;
  const attempt = new Attempt(round, 0, present, sealed.model.parameters);
  const gathered = gather(registry.rounds, attempt, model);
  for (const peer of peers) {
    await peer.message("round");
    peer.say({ t: "accept", round, attempt: 0 });
  }
  const update = (peer: RoguePeer, clientIndex: number, values: number[]) => {
    const ids = { vclient: clientIndex, round, attempt: 0, stream: 100 + round };
    peer.object(encodeUpdate({ kind: "update", values: Int32Array.from(values) }, ids));
  };
  return { attempt, gathered, update };
}

/** So long that the socket may be reset before its code is read. */
const LONG = ["16,385 clients", "a million clients"];

/** Ways that have ended as they should. */
const right = new Set<string>();

/** @returns those that ended as none may */
async function breakAll(ways: readonly BrokenHandshake[], scene: BrokenScene, ca?: string) {
  const ends = ways.map(async ({ name, ends, act }) => {
    const peer = await RawPeer.open(scene.audience, ca);
    // It may be refused at the door, and then waits for no hello.
    Promise.resolve(act(peer, scene)).catch(() => {});
    const end = await peer.ended;
    if (ends.includes(end)) right.add(name);
    return [...ends, ...AT_THE_DOOR, ...LATE].includes(end) ? [] : [`${name}: ${end}`];
  });
  return (await Promise.all(ends)).flat();
}

/** A run of two clients, one of which comes in after all those. */
async function batch(ways: readonly BrokenHandshake[], ca?: string): Promise<string[]> {
  const bugs: string[] = [];
  const registry = await open(ca, bugs);
  try {
    const { peer: a, token, auth } = await join(registry, ca, 0, "a");
    const first = await begin(registry, [a], 3);
    const { audience, serverKey } = registry;
    const wrong = await breakAll(
      ways,
      {
        ...{ audience, token, heard: auth, listed: LISTED },
        ...{ planHash: sealed.hash, serverKey: serverKey.publicKey },
      },
      ca,
    );
    first.update(a, 0, [1, 10]);
    await first.gathered;
    expect(first.attempt.sum).toEqual(Int32Array.of(1, 10));
    const { peer: b } = await join(registry, ca, 1, "b");
    const second = await begin(registry, [a, b], 4);
    second.update(a, 0, [2, 20]);
    second.update(b, 1, [4, -1]);
    await second.gathered;
    expect(second.attempt.sum).toEqual(Int32Array.of(6, 19));
    return [...wrong, ...bugs];
  } finally {
    await registry.close("the test has ended");
  }
}

it(
  `refuses ${HANDSHAKES} broken handshakes, and goes on as if there had been none`,
  async () => {
    const order = Array.from({ length: HANDSHAKES }, (_, i) => {
      // Neighbours in the list are much alike: a batch has some of each.
      const way = BROKEN_HANDSHAKES[(i * 17) % BROKEN_HANDSHAKES.length];
      if (way === undefined) throw new RangeError("no way to break it");
      return way;
    });
    const wrong: string[] = [];
    let settled = 0;
    for (let at = 0; at < HANDSHAKES; at += BATCH) {
      if (at === 10 * BATCH) settled = settledMemory();
      const ca = (at / BATCH) % 2 === 0 ? undefined : CERTIFICATE.cert;
      wrong.push(...(await batch(order.slice(at, at + BATCH), ca)));
    }
    // Which way is never right is for the tests by name: here a neighbour with the same key, or a
    // deadline on a slow machine, may be in the way of one each time. Not of most of them.
    expect(right.size).toBeGreaterThan(BROKEN_HANDSHAKES.length / 2);
    expect([...new Set(wrong)]).toEqual([]);
    expect(escaped).toEqual([]);
    expect(settledMemory() - settled).toBeLessThan(MOST_GROWTH_BYTES);
  },
  TIMEOUT_MS,
);

/** By name, what somebody may try to come in with, or to say once in; each on registries of its own. */
for (const way of BROKEN_HANDSHAKES) {
  const source = way.ends.some((end) => end.startsWith("101 10")) ? "frame" : "auth";
  it(`input ${source}: ${way.name} → ${way.ends.join(" or ")}`, { retry: 2 }, async () => {
    for (const ca of [undefined, CERTIFICATE.cert]) await breakAlone(way, ca);
  });
}

async function breakAlone(way: BrokenHandshake, ca: string | undefined): Promise<void> {
  right.delete(way.name);
  const bugs: string[] = [];
  const registry = await open(ca, bugs);
  try {
    const { token, auth } = await join(registry, ca, 0, "a");
    const { audience, serverKey } = registry;
    const scene = {
      ...{ audience, token, heard: auth, listed: LISTED },
      ...{ planHash: sealed.hash, serverKey: serverKey.publicKey },
    };
    expect(await breakAll([way], scene, ca)).toEqual([]);
    expect([...LONG, ...right], ca === undefined ? "plain" : "over TLS").toContain(way.name);
    expect(bugs).toEqual([]);
  } finally {
    await registry.close("the test has ended");
  }
}
