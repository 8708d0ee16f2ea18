/** What the coordinator does with peers that do not keep to the protocol: refused, logged, the sum untouched. */
import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventLine } from "../../../cli/screen/event-line.ts";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { ClientConnections } from "../../../server/connections/client-connections.ts";
import { newToken, tokenKey } from "../../../shared/keys/proofs.ts";
import { shortened } from "../../../shared/timing.ts";
import { encodeObject, encodeUpdate } from "../../../shared/wire/codec.ts";
import { PROTOCOL_PATH, SUBPROTOCOL } from "../../../shared/wire/protocol.ts";
import { unpackNumbers } from "../../../shared/wire/wire-values.ts";
import { sealedWith } from "../../support/plans.ts";
import { RawPeer, upgradeRequest } from "../../support/raw-peer.ts";
import { putOf, RoguePeer } from "../../support/rogue-peer.ts";
import { gather } from "../../support/round-clients.ts";

const sealed = sealedWith();
const NAMES = ["a", "b", "c"];
let registry: ClientConnections;
let log: string[] = [];
const opened: RoguePeer[] = [];

const TIMING = { ...shortened(50), authMs: 2_000 };
/** Nobody is silent or late by it: a test goes by the order of what happens. */
const PATIENT = { ...shortened(1 / 50), closeMs: 100 };
const open = (
  timing = TIMING,
  expected = NAMES,
  hosts = expected === NAMES ? 2 : expected.length,
) =>
  ClientConnections.open({
    sealed,
    runId: new Uint8Array(16),
    expected,
    host: "127.0.0.1",
    port: 0,
    hosts,
    timing,
    observe: (event) => {
      // Of hosts of our own people are not told that they are away; the log is.
      const line = event.event === "connection-ended" ? event.why : eventLine(event);
      if (line !== undefined) log.push(line);
    },
  });

beforeEach(async () => {
  log = [];
  registry = await open();
});
afterEach(async () => {
  for (const peer of opened.splice(0)) peer.cut();
  await registry.close("the test has ended");
});

async function dial(): Promise<RoguePeer> {
  const peer = await RoguePeer.dial(registry.audience);
  opened.push(peer);
  return peer;
}

async function joined(host: number, names: readonly string[]): Promise<RoguePeer> {
  const peer = await dial();
  await peer.join(registry.audience, tokenKey(registry.tokens[host] ?? ""), names);
  return peer;
}

const model = { task: "train" as const, parameters: new Float32Array(2), clipNorm: 0.5 };

/** An attempt of all clients, its round broadcast; `gathered` resolves when it has settled. */
function begin() {
  const attempt = new Attempt(3, 0, registry.rounds.present, sealed.model.parameters);
  const gathered = gather(registry.rounds, attempt, model);
  // A test may leave it open: the registry's end then ends it.
  gathered.catch(() => {});
  return { attempt, gathered };
}

/** Sends an update whose parts may lie. */
function update(
  peer: RoguePeer,
  clientIndex: number,
  values: number[],
  odd: Partial<{ round: number; attempt: number; stream: number }> = {},
) {
  const ids = { vclient: clientIndex, round: 3, attempt: 0, stream: 100 + clientIndex, ...odd };
  peer.object(encodeUpdate({ kind: "update", values: Int32Array.from(values) }, ids));
}

async function inRound(): Promise<{ a: RoguePeer; b: RoguePeer } & ReturnType<typeof begin>> {
  const [a, b] = [await joined(0, ["a", "b"]), await joined(1, ["c"])];
  await registry.joined;
  const opening = begin();
  for (const peer of [a, b]) {
    await peer.message("round");
    peer.say({ t: "accept", round: 3, attempt: 0 });
  }
  return { a, b, ...opening };
}

it("sums what honest clients send", async () => {
  const { a, b, attempt, gathered } = await inRound();
  update(a, 0, [1, 10]);
  update(a, 1, [2, 20]);
  update(b, 2, [4, -1]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(7, 29));
  expect(log).toEqual([]);
});

it("row 28: a peer that does not read its model holds nobody else up", async () => {
  await registry.close("for one that is patient");
  registry = await open(PATIENT);
  const [a, b] = [await joined(0, ["a", "b"]), await joined(1, ["c"])];
  await registry.joined;
  a.socket.pause();
  const attempt = new Attempt(3, 0, registry.rounds.present, sealed.model.parameters);
  // 32 MiB: more than lies between two processes of which one does not read.
  const parameters = new Float32Array(2 ** 23);
  const gathered = gather(registry.rounds, attempt, { ...model, parameters });
  const takeRound = async (peer: RoguePeer) => {
    await peer.message("round");
    peer.say({ t: "accept", round: 3, attempt: 0 });
    await peer.receive();
    expect((await peer.receive()).bytes).toHaveLength(4 * parameters.length);
  };
  await takeRound(b);
  update(b, 2, [4, -1]);
  expect(await b.message("updateAck")).toMatchObject({ vclient: 2, status: "counted" });
  expect([0, 1].map((clientIndex) => attempt.became(clientIndex).kind)).not.toContain("counted");
  // What it did not read has waited for it, whole.
  a.socket.resume();
  await takeRound(a);
  update(a, 0, [1, 10]);
  update(a, 1, [2, 20]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(7, 29));
  expect(log).toEqual([]);
});

it("row 49: asks a client no more whose own ledger holds no more, and waits for it no longer", async () => {
  const { a, b, attempt, gathered } = await inRound();
  const declined = (clientIndex: number, attemptOf: number, reason: string) =>
    a.say({ t: "decline", vclient: clientIndex, round: 3, attempt: attemptOf, reason });
  declined(0, 0, "budget");
  // Of this attempt only: asked again for the next.
  declined(1, 0, "stale");
  update(b, 2, [4, -1]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(4, -1));
  expect(registry.rounds.present).toEqual([1, 2]);
  expect(registry.clients.map(({ declined }) => declined)).toEqual([true, false, false]);
  expect(registry.clients.map(({ lost }) => lost)).toEqual([false, false, false]);
});

it("asks a client no more that left, and takes it for lost", async () => {
  const { a, b, attempt, gathered } = await inRound();
  a.say({ t: "decline", vclient: 0, round: 3, attempt: 0, reason: "leaving" });
  update(a, 1, [2, 20]);
  update(b, 2, [4, -1]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(6, 19));
  expect([0, 1].map((clientIndex) => attempt.became(clientIndex).kind)).toEqual([
    "lost",
    "counted",
  ]);
  expect(registry.rounds.present).toEqual([1, 2]);
  expect(registry.clients.map(({ lost }) => lost)).toEqual([true, false, false]);
  expect(log).toEqual(["lost a: it left"]);
});

it("row 37: waits no longer for a client whose update is too long", async () => {
  const bounds = { parameters: 2, norm: 100, bits: 0 };
  const { a, b } = await inRound();
  const attempt = new Attempt(3, 1, registry.rounds.present, sealed.model.parameters, { bounds });
  const gathered = gather(registry.rounds, attempt, model);
  update(a, 0, [100, 1], { attempt: 1 });
  update(a, 1, [60, 80], { attempt: 1 });
  update(b, 2, [4, -1], { attempt: 1 });
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(64, 79));
  expect(attempt.became(0)).toEqual({ kind: "refused", what: "update.norm" });
  expect(log.join()).toContain("update.norm");
  // How long it was would tell of its rows.
  expect(log.join()).not.toContain("100.0");
});

it("still waits for a client that declined another attempt", async () => {
  const { a, b, attempt, gathered } = await inRound();
  a.say({ t: "decline", vclient: 0, round: 3, attempt: 1, reason: "lost" });
  update(b, 2, [4, -1]);
  update(a, 1, [2, 20]);
  let settled = false;
  void gathered.then(() => {
    settled = true;
  });
  for (const peer of [a, b]) await peer.message("updateAck");
  expect(settled).toBe(false);
  update(a, 0, [1, 10]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(7, 29));
});

it("encodes the broadcast once: every socket gets the same model object", async () => {
  const [a, b] = [await joined(0, ["a", "b"]), await joined(1, ["c"])];
  const { attempt, gathered } = begin();
  const rounds = [await a.message("round"), await b.message("round")];
  const [first, second] = rounds.map((round) => round.modelStream);
  expect(first).toBe(second);
  const cohort = await a.receive();
  expect(unpackNumbers(cohort.bytes, "cohort")).toEqual([0, 1]);
  attempt.close();
  await gathered;
});

describe("refuses, logs, and leaves the sum as it was:", () => {
  it.each([
    ["row 39: a wrong shape", [1, 2, 3], {}, "stream.size"],
    ["row 39: a short update", [1], {}, "update.shape"],
    ["row 34: a stale round", [1, 10], { round: 2 }, "update.round"],
    ["row 34: a future attempt", [1, 10], { attempt: 1 }, "update.round"],
  ])("%s", async (_, values, odd, what) => {
    const { a, b, attempt, gathered } = await inRound();
    update(a, 0, values, odd);
    if (what === "stream.size") await a.closed();
    else
      expect(await a.message("updateAck")).toMatchObject({ status: "refused", problem: { what } });
    update(b, 2, [4, -1]);
    attempt.lose([0, 1]);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(4, -1));
    expect(log.join("\n")).toContain(what);
  });

  it("row 34: an update before any round", async () => {
    const a = await joined(0, ["a", "b"]);
    update(a, 0, [1, 10]);
    expect(await a.message("updateAck")).toMatchObject({ problem: { what: "update.round" } });
  });

  it("row 35: a foreign client's id, which closes the socket with 4403", async () => {
    const { a, b, attempt, gathered } = await inRound();
    update(a, 2, [9, 9]);
    expect(await a.closed()).toMatchObject({ code: 4403 });
    update(b, 2, [4, -1]);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(4, -1));
    expect(log.join("\n")).toContain("foreign");
  });

  it("row 33: a duplicate, which changes nothing, and other bytes for it, which are named", async () => {
    const { a, b, attempt, gathered } = await inRound();
    update(a, 0, [1, 10]);
    expect(await a.message("updateAck")).toMatchObject({ status: "counted" });
    update(a, 0, [1, 10], { stream: 7 });
    expect(await a.message("updateAck")).toMatchObject({ status: "duplicate" });
    update(a, 0, [5, 10], { stream: 8 });
    expect(await a.message("updateAck")).toMatchObject({ problem: { what: "update.conflict" } });
    update(a, 1, [0, 0]);
    update(b, 2, [4, -1]);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(5, 9));
    // Whoever says two things is left out of the next attempt, and only of that.
    expect(registry.rounds.present).toEqual([1, 2]);
    const next = new Attempt(4, 0, [], sealed.model.parameters);
    await gather(registry.rounds, next, model);
    expect(registry.rounds.present).toEqual([0, 1, 2]);
  });

  it("a broken frame, which closes that socket and no other", async () => {
    const { a, b, attempt, gathered } = await inRound();
    const ids = { vclient: 0, round: 3, attempt: 0, stream: 100 };
    const object = encodeUpdate({ kind: "update", values: Int32Array.of(1, 10) }, ids);
    const frame = Buffer.from(object.frames[0] ?? []);
    frame[60] = (frame[60] ?? 0) ^ 1;
    a.frame(frame);
    await a.closed();
    // A bad line can do that: its clients are away, and may be back in time.
    await expect.poll(() => registry.rounds.present).toEqual([2]);
    expect(registry.clients.map(({ lost }) => lost)).toEqual([true, true, false]);
    update(b, 2, [4, -1]);
    await b.message("updateAck");
    attempt.lose([0, 1]);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(4, -1));
    expect(log.join("\n")).toContain("frame.crc");
  });
});

it("takes an update that messages announced, as a large one is, and one that is its own announcement", async () => {
  const { a, b, attempt, gathered } = await inRound();
  const ids = { vclient: 0, round: 3, attempt: 0, stream: 9 };
  a.say({ t: "update", ...ids });
  a.object(encodeObject({ kind: "update", values: Int32Array.of(1, 10) }, ids));
  expect(await a.message("updateAck")).toMatchObject({ vclient: 0, status: "counted" });
  // The same update in the other form is the same update.
  update(a, 0, [1, 10]);
  expect(await a.message("updateAck")).toMatchObject({ vclient: 0, status: "duplicate" });
  update(a, 1, [2, 20]);
  update(b, 2, [4, -1]);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(7, 29));
});

it("closes a host that announces updates without end", async () => {
  const { a, attempt, gathered } = await inRound();
  for (let stream = 100; stream < 105; stream++)
    a.say({ t: "update", vclient: 0, round: 3, attempt: 0, stream });
  expect((await a.message("error")).problem.what).toBe("rate.update");
  expect(await a.closed()).toMatchObject({ code: 4429 });
  attempt.close();
  await gathered;
});

it("reads no ninth update while eight are under way, and goes on when one is in or gone", async () => {
  await registry.close("another takes its place");
  const hosts = Array.from({ length: 10 }, (_, i) => `h${i}`);
  const held = { ...TIMING, turnMs: 60_000, silenceMs: 60_000, trainMs: 60_000, acceptMs: 60_000 };
  registry = await open(held, hosts);
  const peers: RoguePeer[] = [];
  for (const [host, name] of hosts.entries()) peers.push(await joined(host, [name]));
  const { attempt, gathered } = begin();
  const put = (clientIndex: number) => {
    const ids = { vclient: clientIndex, round: 3, attempt: 0, stream: 100 };
    const object = encodeObject(
      { kind: "update", values: Int32Array.of(1, 1 << clientIndex) },
      ids,
    );
    peers[clientIndex]?.say({ t: "update", ...ids });
    peers[clientIndex]?.say(putOf(object));
    return () => peers[clientIndex]?.frame(object.frames[0] ?? Buffer.alloc(0));
  };
  const sends = [0, 1, 2, 3, 4, 5, 6, 7].map(put);
  for (const peer of peers.slice(0, 8)) {
    // Answered once the put before it has been read.
    peer.say({ t: "ping", id: 1, sentAt: 1 });
    await peer.message("pong");
  }
  const ninth = put(8);
  const unanswered = () =>
    expect(peers[8]?.message("updateAck", 200)).rejects.toThrow("nothing came");
  await unanswered(); // what comes with the put itself, in one packet, would still be read
  ninth();
  await unanswered();
  sends[0]?.();
  expect(await peers[8]?.message("updateAck")).toMatchObject({ status: "counted" });
  peers[1]?.cut();
  for (const send of [...sends.slice(2), put(9)]) send();
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(9, 1023 - 2));
});

it("gives up on clients that do not accept in time", async () => {
  await joined(0, ["a", "b"]);
  await joined(1, ["c"]);
  const { attempt, gathered } = begin();
  await gathered;
  expect(attempt.survivors).toEqual([]);
});

describe("at the door", () => {
  it("takes a token once", async () => {
    await joined(0, ["a"]);
    const again = await dial();
    const joining = again.join(registry.audience, tokenKey(registry.tokens[0] ?? ""), ["b"]);
    await expect(joining).rejects.toThrow("4401");
  });

  it("refuses a token that nobody gave out, and one for another address", async () => {
    const [wrong, moved] = [await dial(), await dial()];
    await expect(wrong.join(registry.audience, tokenKey(newToken()), ["a"])).rejects.toThrow(
      "4401",
    );
    const token = tokenKey(registry.tokens[0] ?? "");
    await expect(moved.join("elsewhere:1", token, ["a"])).rejects.toThrow("4401");
  });

  it("refuses a name twice, and one that nobody expects", async () => {
    await joined(0, ["a"]);
    const second = await dial();
    const token = tokenKey(registry.tokens[1] ?? "");
    await expect(second.join(registry.audience, token, ["a"])).rejects.toThrow("4408");
  });

  it("keeps strangers to their number, whoever has joined and left", async () => {
    // Time enough that no stranger is gone before the last has come, on a machine however slow.
    await registry.close("another takes its place");
    registry = await open({ ...TIMING, authMs: 2_000 });
    // Two of our own hosts join and go: that must not make room for two strangers more.
    for (const [host, name] of [
      [0, "a"],
      [1, "b"],
    ] as const) {
      const own = await joined(host, [name]);
      own.cut();
      await own.closed();
    }
    const strangers = await Promise.all(Array.from({ length: 11 }, dial));
    const full = strangers.map(async (peer) => (await peer.closed()).code === 1013);
    // Eight strangers of one address, and two hosts of our own, may be on their way in at once.
    expect((await Promise.all(full)).filter(Boolean)).toHaveLength(1);
  });

  it("cuts a stranger too many who does not answer the close", async () => {
    await registry.close("another takes its place");
    registry = await open({ ...TIMING, authMs: 10_000 });
    const first = await RawPeer.open(registry.audience, undefined);
    first.write(upgradeRequest(registry.audience));
    await Promise.all(Array.from({ length: 18 }, dial));
    // Whoever has stood there longest without a key.
    expect(await first.ended).toBe("101 1013");
  });

  it("closes whoever says nothing", async () => {
    await registry.close("another takes its place");
    registry = await open({ ...TIMING, authMs: 100 });
    const silent = await dial();
    expect(await silent.closed()).toMatchObject({ code: 4401 });
  });

  const upgrade = { connection: "upgrade", upgrade: "websocket" };
  const proper = {
    ...upgrade,
    "sec-websocket-version": "13",
    "sec-websocket-key": Buffer.alloc(16).toString("base64"),
    "sec-websocket-protocol": SUBPROTOCOL,
  };
  it.each([
    ["another path", "/", {}, 400],
    ["another subprotocol", PROTOCOL_PATH, { "sec-websocket-protocol": "murmur.v9" }, 400],
    ["a browser's page", PROTOCOL_PATH, { origin: "https://example.com" }, 403],
    ["another host name", PROTOCOL_PATH, { host: "example.com" }, 403],
  ])("refuses %s before any WebSocket is there", async (_, path, odd, status) => {
    const [host, port] = registry.audience.split(":");
    const answer = await new Promise((resolve, reject) => {
      const asked = request({ host, port, path, headers: { ...proper, ...odd } });
      asked.once("response", (response) => resolve(response.statusCode));
      asked.once("upgrade", () => resolve(101));
      asked.once("error", reject);
      asked.end();
    });
    expect(answer).toBe(status);
  });
});
