import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ProtocolError } from "../../../shared/errors.ts";
import { shortened, TIMING } from "../../../shared/timing.ts";
import { Channel } from "../../../shared/wire/channel.ts";
import type { ChannelHandler, End } from "../../../shared/wire/channel-handler.ts";
import {
  type EncodedObject,
  encodeFrame,
  encodeObject,
  encodeUpdate,
  type ObjectIds,
  readFrame,
  type WireObject,
} from "../../../shared/wire/codec.ts";
import type { Received, Verdict } from "../../../shared/wire/incoming.ts";
import type { Messages, Side } from "../../../shared/wire/protocol.ts";
import { Mailbox } from "../../support/mailbox.ts";
import { putOf, RoguePeer } from "../../support/rogue-peer.ts";
import { type SocketPair, socketPair } from "../../support/socket-pair.ts";

/** Heartbeats of 40 ms, dead after 120 ms of silence. */
const SHORT = shortened(250);
const IDS = { vclient: 3, round: 7, attempt: 1, stream: 12 };
const ACCEPT = { t: "accept", round: 7, attempt: 1 } as const;
const LIMIT_BYTES = 100 * 2 ** 20;

const open: SocketPair[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pair) => pair.end()));
});
async function pair(): Promise<SocketPair> {
  const made = await socketPair();
  open.push(made);
  return made;
}

/** A handler that keeps what it hears. */
class Owner<Peer extends Side> implements ChannelHandler<Peer> {
  readonly messages = new Mailbox<Messages[Peer]>();
  readonly objects = new Mailbox<Received>();
  readonly ends = new Mailbox<End>();
  readonly bugs = new Mailbox<unknown>();
  verdict: () => Verdict = () => ({ limitBytes: LIMIT_BYTES, keep: true });
  onMessage: () => unknown = () => undefined;

  message = (message: Messages[Peer]): unknown => {
    this.messages.put(message);
    return this.onMessage();
  };
  judge = (): Verdict => this.verdict();
  object = (object: Received): void => this.objects.put(object);
  closed = (end: End): void => this.ends.put(end);
  bug = (error: unknown): void => this.bugs.put(error);
}

/** Two channels, each side's owner beside it; open unless said otherwise. */
async function channels(timing = TIMING) {
  const sockets = await pair();
  const serverOwner = new Owner<"client">();
  const clientOwner = new Owner<"server">();
  const server = new Channel(sockets.server, "client", serverOwner, { where: "host 1", timing });
  const client = new Channel(sockets.client, "server", clientOwner, { where: "server", timing });
  server.open();
  client.open();
  return { sockets, server, serverOwner, client, clientOwner };
}

/** A server's channel, opened, and a peer that is held to nothing. */
async function withRogue(timing = TIMING) {
  const sockets = await pair();
  const owner = new Owner<"client">();
  const channel = new Channel(sockets.server, "client", owner, { where: "host 1", timing });
  channel.open();
  return { sockets, owner, channel, rogue: new RoguePeer(sockets.client) };
}

const encoded = (object: WireObject, ids: ObjectIds = IDS) => encodeObject(object, ids);
const blob = (text: string, stream = IDS.stream) =>
  encoded({ kind: "blob", values: Buffer.from(text) }, { ...IDS, stream });
/** 600,000 bytes: three frames. */
const three = encoded({
  kind: "update",
  values: Int32Array.from({ length: 150_000 }, (_, i) => -i),
});
const lone = encodeUpdate({ kind: "update", values: Int32Array.of(7) }, IDS);
const firstFrame = ({ frames: [first] }: EncodedObject) => first ?? Buffer.alloc(0);

describe("messages", () => {
  it("arrive in order, numbered from 0 by each side", async () => {
    const { server, serverOwner, client, clientOwner } = await channels();
    for (const round of [5, 9, 2]) client.send({ ...ACCEPT, round });
    server.send({ t: "admitted", clientsStream: 4 });
    const got = [];
    for (let i = 0; i < 3; i++) got.push(await serverOwner.messages.take());
    expect(got).toEqual([5, 9, 2].map((round, seq) => ({ ...ACCEPT, round, seq })));
    expect(await clientOwner.messages.take()).toEqual({ t: "admitted", clientsStream: 4, seq: 0 });
  });

  it.each([
    ["skipped", 1],
    ["used twice", -1],
  ])("row 32: close the connection when a number is %s", async (_, skip) => {
    const { rogue, owner } = await withRogue();
    rogue.say(ACCEPT);
    rogue.say(ACCEPT, skip);
    const { problem } = await rogue.message("error");
    expect(problem).toMatchObject({ what: "json.seq", got: `${1 + skip}`, expected: "1" });
    // A bad line does that too: the peer may dial again.
    expect((await rogue.closed()).code).toBe(1002);
    expect(await owner.ends.take()).toMatchObject({ code: 1002, problem: { what: "json.seq" } });
    expect(owner.messages.size).toBe(1);
  });

  it("of a wrong form close the connection with a problem, and no later one is read", async () => {
    const { rogue, owner } = await withRogue();
    rogue.text('{"t":"accept"}');
    rogue.say(ACCEPT);
    expect((await rogue.message("error")).problem.what).toBe("json.schema");
    await rogue.closed();
    expect(owner.messages.size).toBe(0);
  });

  it("too long to be sent are a bug of the sender's", async () => {
    const { client, clientOwner } = await channels();
    client.send({ t: "ready", planHash: "x".repeat(70_000), clientsStream: 1 });
    expect(await clientOwner.bugs.take()).toBeInstanceOf(RangeError);
    expect((await clientOwner.ends.take()).code).toBe(1011);
  });
});

describe("before it is opened, a channel", () => {
  async function shut() {
    const sockets = await pair();
    const owner = new Owner<"client">();
    new Channel(sockets.server, "client", owner, { where: "host 1", timing: TIMING });
    return { owner, rogue: new RoguePeer(sockets.client) };
  }
  // Fits 2,048 bytes exactly with `seq` and `t` around it.
  const long = (bytes: number) => `{"t":"bye","reason":"${"x".repeat(bytes - 31)}","seq":0}`;

  it("reads one message", async () => {
    const { rogue, owner } = await shut();
    rogue.say(ACCEPT);
    rogue.say(ACCEPT);
    expect((await rogue.message("error")).problem.what).toBe("auth.early");
    expect((await rogue.closed()).code).toBe(4401);
    expect(owner.messages.size).toBe(1);
  });

  it.each([
    ["a frame", (rogue: RoguePeer) => rogue.frame(firstFrame(three)), "auth.early", 4401],
    ["an update", (rogue: RoguePeer) => rogue.frame(firstFrame(lone)), "auth.early", 4401],
    ["a put", (rogue: RoguePeer) => rogue.say(putOf(three)), "auth.early", 4401],
    ["2 KiB and a byte", (rogue: RoguePeer) => rogue.text(long(2_049)), "json.size", 1009],
    ["2 KiB", (rogue: RoguePeer) => rogue.text(long(2_048)), "json.schema", 4400],
  ])("refuses %s", async (_, send, what, code) => {
    const { rogue, owner } = await shut();
    send(rogue);
    expect((await rogue.message("error")).problem.what).toBe(what);
    expect((await rogue.closed()).code).toBe(code);
    expect(owner.objects.size).toBe(0);
  });
});

describe("objects", () => {
  it("of three frames and of no bytes arrive whole, as what they were", async () => {
    const { server, clientOwner } = await channels();
    const objects: WireObject[] = [
      { kind: "model", values: Float32Array.from({ length: 150_001 }, (_, i) => i / 3) },
      { kind: "update", values: Int32Array.of(-(2 ** 31), -1, 2 ** 31 - 1) },
      { kind: "masked", values: Uint32Array.of(2 ** 32 - 1) },
      { kind: "blob", values: new Uint8Array() },
      { kind: "model", values: new Float32Array() },
    ];
    const sent = objects.map((object, i) =>
      server.sendObject(encoded(object, { ...IDS, stream: i })),
    );
    for (const [stream, object] of objects.entries()) {
      const { put, kind, values } = await clientOwner.objects.take();
      expect(put).toMatchObject({ ...IDS, stream, count: object.values.length });
      expect(kind).toBe(object.kind);
      expect(values).toEqual(object.values);
    }
    expect(await Promise.all(sent)).toEqual(Array(5).fill("taken"));
  });

  it("encoded once go to many sockets", async () => {
    const all = await Promise.all([channels(), channels(), channels()]);
    const sent = all.map(({ server }) => server.sendObject(three));
    for (const { clientOwner } of all) {
      expect((await clientOwner.objects.take()).values).toHaveLength(150_000);
    }
    expect(await Promise.all(sent)).toEqual(["taken", "taken", "taken"]);
  });

  it("that are not to be kept are heard out and dropped", async () => {
    const { client, serverOwner } = await channels();
    serverOwner.verdict = () => ({ limitBytes: LIMIT_BYTES, keep: false });
    expect(await client.sendObject(three)).toBe("taken");
    serverOwner.verdict = () => ({ limitBytes: LIMIT_BYTES, keep: true });
    expect(await client.sendObject(blob("next", 13))).toBe("taken");
    expect((await serverOwner.objects.take()).put.stream).toBe(13);
    expect(serverOwner.objects.size).toBe(0);
  });

  it("with a wrong hash are refused, and may come again", async () => {
    const { rogue, owner } = await withRogue();
    rogue.object({ ...three, sha256: blob("other").sha256 });
    const have = await rogue.message("have");
    expect(have).toMatchObject({ stream: 12, ok: false, problem: { what: "stream.hash" } });
    rogue.object(three);
    expect(await rogue.message("have")).toMatchObject({ stream: 12, ok: true });
    await owner.objects.take();
    expect(owner.objects.size).toBe(0);
  });

  it("tell their sender when their hash was wrong", async () => {
    const { channel, rogue } = await withRogue();
    const sent = channel.sendObject(blob("a"));
    await rogue.message("put");
    const problem = { what: "stream.hash", where: "x", got: "x", expected: "x", fix: "x" };
    rogue.say({ t: "have", stream: 12, ok: false, problem });
    expect(await sent).toBe("refused");
  });

  const update = (values: number[], stream = 12) =>
    encodeUpdate({ kind: "update", values: Int32Array.from(values) }, { ...IDS, stream });

  it("that are alone need no put, and are judged before they are taken as by one", async () => {
    const { rogue, owner } = await withRogue();
    const judged: unknown[] = [];
    owner.judge = (...put: unknown[]) => {
      judged.push(...put);
      return { limitBytes: 8, keep: true };
    };
    rogue.object(update([7, -7]));
    expect(await rogue.message("have")).toMatchObject({ stream: 12, ok: true });
    expect(judged).toEqual([update([7, -7]).header, true]);
    expect(await owner.objects.take()).toMatchObject({
      kind: "update",
      values: Int32Array.of(7, -7),
    });
    rogue.object(update([1, 2, 3], 13));
    expect((await rogue.message("error")).problem).toMatchObject({ what: "stream.size" });
    expect((await rogue.closed()).code).toBe(1009);
    expect(owner.objects.size).toBe(0);
  });

  it("that are alone go in order with others and with messages, and both sides number them", async () => {
    const { client, serverOwner } = await channels();
    const sent = [update([1]), blob("a", 13), update([2], 14)].map((object, round) => {
      const delivery = client.sendObject(object);
      client.send({ ...ACCEPT, round });
      return delivery;
    });
    expect(await Promise.all(sent)).toEqual(["taken", "taken", "taken"]);
    client.send({ ...ACCEPT, round: 3 });
    const seqs: number[] = [];
    for (let i = 0; i < 4; i++) seqs.push((await serverOwner.messages.take()).seq);
    // Two that were alone and one put are behind the last.
    expect(seqs.at(-1)).toBe(6);
    const streams = [];
    for (let i = 0; i < 3; i++) streams.push((await serverOwner.objects.take()).put.stream);
    expect(streams).toEqual([12, 13, 14]);
    expect(client.egress.get("whole update")).toEqual({ messages: 2, bytes: 2 * (56 + 4) });
    expect(client.egress.get("put")?.messages).toBe(1);
  });

  it.each([
    ["lost", 0],
    ["doubled", 2],
  ])(
    "row 32: that are alone and %s on their way show in the next message's number",
    async (_, times) => {
      const { rogue } = await withRogue();
      const { frames, ...rest } = update([7, -7]);
      rogue.object({ ...rest, frames: Array.from({ length: times }, () => frames).flat() });
      rogue.say(ACCEPT);
      expect((await rogue.message("error")).problem.what).toBe("json.seq");
      expect((await rogue.closed()).code).toBe(1002);
    },
  );

  it("over the limit are refused at put with 1009, before anything is allocated", async () => {
    const { rogue, owner } = await withRogue();
    owner.verdict = () => ({ limitBytes: 1_000, keep: true });
    // More than any buffer can hold: to allocate it would throw a RangeError, a bug.
    const bytes = Number.MAX_SAFE_INTEGER;
    rogue.say({ ...putOf(blob("x")), count: bytes, bytes });
    expect((await rogue.message("error")).problem).toMatchObject({
      what: "stream.size",
      expected: "at most 1000",
    });
    expect((await rogue.closed()).code).toBe(1009);
    expect((await owner.ends.take()).code).toBe(1009);
    expect(owner.bugs.size).toBe(0);
  });

  it("of just the limit pass, and one byte more does not", async () => {
    const { rogue, owner } = await withRogue();
    owner.verdict = () => ({ limitBytes: 4, keep: true });
    rogue.object(blob("four"));
    expect((await owner.objects.take()).values).toEqual(new Uint8Array(Buffer.from("four")));
    rogue.object(blob("fives"));
    expect((await rogue.closed()).code).toBe(1009);
  });

  const [zero, one, two] = three.frames.map((frame) => readFrame(frame));
  if (zero === undefined || one === undefined || two === undefined) throw new Error("not three");
  const put = putOf(three);
  const frame = (base: typeof zero, header: object, payload = base.payload) =>
    encodeFrame({ ...base.header, ...header }, payload);
  const empty = new Uint8Array();

  it("of more frames than announced are taken, and what is more is refused", async () => {
    const { rogue, owner } = await withRogue();
    rogue.say(put);
    for (const sent of [zero, one, two, two]) rogue.frame(frame(sent, {}));
    expect((await rogue.message("error")).problem.what).toBe("stream.unknown");
    expect((await rogue.closed()).code).toBe(1002);
    expect([owner.objects.size, owner.bugs.size]).toEqual([1, 0]);
  });

  it("in frames that are sent as text are refused", async () => {
    const { rogue, owner } = await withRogue();
    rogue.say(putOf(blob("x")));
    rogue.text(firstFrame(blob("x")).toString("latin1"));
    expect((await rogue.message("error")).problem.what).toMatch(/^json\./);
    await rogue.closed();
    expect([owner.objects.size, owner.bugs.size]).toEqual([0, 0]);
  });

  it.each<[title: string, what: string, ...said: (object | Uint8Array)[]]>([
    ["a frame nobody announced", "stream.unknown", frame(zero, {})],
    ["another stream's frame", "stream.unknown", put, frame(zero, { stream: 13 })],
    ["another type", "stream.mismatch", put, frame(zero, { type: 3, dtype: 4 })],
    ["another dtype", "stream.mismatch", put, frame(zero, { dtype: 1 })],
    ["another total", "stream.mismatch", put, frame(zero, { total: 600_004 })],
    ["another client", "stream.mismatch", put, frame(zero, { vclient: 4 })],
    ["another round", "stream.mismatch", put, frame(zero, { round: 8 })],
    ["another attempt", "stream.mismatch", put, frame(zero, { attempt: 2 })],
    ["floats as an update", "stream.mismatch", { ...put, dtype: 1 }],
    ["a count that is not its size", "stream.mismatch", { ...put, count: 150_001 }],
    ["the second frame first", "stream.order", put, frame(one, {})],
    ["a frame twice", "stream.order", put, frame(zero, {}), frame(zero, {})],
    ["a frame misnumbered", "stream.order", put, frame(zero, {}), frame(one, { chunk: 0 })],
    ["a frame left out", "stream.order", put, frame(zero, {}), frame(two, {})],
    ["another number of frames", "stream.order", put, frame(zero, {}), frame(one, { chunks: 4 })],
    ["an overlap", "stream.order", put, frame(zero, {}), frame(one, { offset: 262_140 })],
    ["a hole", "stream.order", put, frame(zero, {}), frame(one, { offset: 262_148 })],
    ["an empty frame", "stream.order", put, frame(zero, { chunks: 9 }, empty)],
    ["a put amid the frames", "stream.order", put, frame(zero, {}), { ...put, stream: 13 }],
    [
      "one alone amid the frames",
      "stream.order",
      put,
      frame(zero, {}),
      firstFrame(update([1], 13)),
    ],
    ["one alone where a put was", "stream.order", put, firstFrame(update([1]))],
    ["a have of nothing", "stream.unknown", { t: "have", stream: 12, ok: true }],
    ["a broken frame", "frame.crc", put, Buffer.from(frame(zero, {})).fill(1, 60, 61)],
  ])("input frame: %s → %s", async (_, what, ...said) => {
    const { rogue, owner } = await withRogue();
    for (const item of said) {
      if (item instanceof Uint8Array) rogue.frame(item);
      else rogue.say(item);
    }
    expect((await rogue.message("error")).problem.what).toBe(what);
    // What a bad line may do, lost, doubled and damaged messages, is not held against the peer.
    expect((await rogue.closed()).code).toBe(what === "stream.mismatch" ? 4400 : 1002);
    expect(owner.objects.size + owner.bugs.size).toBe(0);
  });

  it("input frame: a binary frame sent as text → json.form", async () => {
    const { rogue, owner } = await withRogue();
    // Bytes of ASCII alone, or the socket itself would close: it is no UTF-8.
    rogue.text(
      Buffer.from(firstFrame(update([1])))
        .toString("latin1")
        .replaceAll(/[^ -~]/g, "0"),
    );
    expect((await rogue.message("error")).problem.what).toBe("json.form");
    expect((await rogue.closed()).code).toBe(4400);
    expect(owner.objects.size + owner.bugs.size).toBe(0);
  });

  it("still on their way are lost when the connection ends", async () => {
    const { channel, rogue } = await withRogue();
    const sent = [channel.sendObject(blob("a")), channel.sendObject(blob("b", 13))];
    await rogue.message("put");
    rogue.cut();
    expect(await Promise.all(sent)).toEqual(["lost", "lost"]);
    expect(await channel.sendObject(blob("c", 14))).toBe("lost");
  });
});

it("cuts its socket without a word, as a network does", async () => {
  const { client, clientOwner, serverOwner } = await channels();
  client.cut();
  for (const owner of [serverOwner, clientOwner]) {
    const end = await owner.ends.take();
    expect(end.code).toBe(1006);
    expect(end.problem).toBeUndefined();
  }
});

describe("back-pressure", () => {
  const large = Array.from({ length: 6 }, (_, stream) =>
    encoded({ kind: "model", values: new Float32Array(2 ** 21) }, { ...IDS, stream }),
  );

  it("holds back all but 4 MiB and a frame, and lets messages go between", async () => {
    const { channel, sockets, rogue } = await withRogue();
    for (const object of large) void channel.sendObject(object);
    let most = 0;
    let frames = 0;
    for (let last = false; !last; ) {
      const heard = await rogue.heard.take();
      most = Math.max(most, sockets.server.bufferedAmount);
      if (heard.kind === "closed") throw new Error("closed");
      if (heard.kind === "text" && heard.text.includes("admitted")) last = true;
      if (heard.kind === "frame" && ++frames === 1) {
        channel.send({ t: "admitted", clientsStream: 99 });
      }
    }
    expect(frames).toBeLessThan(6 * 32);
    expect(most).toBeGreaterThan(2 ** 20);
    expect(most).toBeLessThan(4 * 2 ** 20 + 2 * 262_200);
  });

  it("row 28: closes a peer that answers but takes nothing with 4410", async () => {
    const { channel, owner, rogue } = await withRogue(SHORT);
    rogue.socket.pause();
    const chatter = setInterval(() => rogue.say({ t: "pong", id: 0, sentAt: 0 }), 10);
    try {
      const sent = large.map((object) => channel.sendObject(object));
      const end = await owner.ends.take();
      expect(end).toMatchObject({ code: 4410, problem: { what: "peer.slow" } });
      expect(await Promise.all(sent)).toEqual(Array(6).fill("lost"));
    } finally {
      clearInterval(chatter);
    }
  });

  it("makes a paused channel's peer wait, and does not call it silent", async () => {
    const { channel, owner, rogue } = await withRogue(SHORT);
    channel.pause();
    rogue.object(three);
    // Six beats: twice the silence that would end it.
    for (let beat = 0; beat < 6; beat++) await rogue.message("ping");
    expect([owner.ends.size, owner.objects.size]).toEqual([0, 0]);
    channel.resume();
    expect((await owner.objects.take()).put.stream).toBe(12);
  });
});

describe("liveness", () => {
  it("ends a peer that says nothing", async () => {
    const { owner, rogue } = await withRogue(SHORT);
    expect(await owner.ends.take()).toEqual({
      code: 1006,
      reason: "silent for 120 ms",
      problem: undefined,
    });
    expect((await rogue.closed()).code).toBe(1006);
  });

  it.each([
    ["JSON pings", (rogue: RoguePeer) => rogue.say({ t: "ping", id: 1, sentAt: 1 })],
    ["JSON pongs", (rogue: RoguePeer) => rogue.say({ t: "pong", id: 1, sentAt: 1 })],
    ["pings of WebSocket", (rogue: RoguePeer) => rogue.socket.ping()],
  ] as const)("row 25b: closes a peer by 4429 that floods it with %s", async (_, ping) => {
    const { owner, rogue } = await withRogue(TIMING);
    // What may have waited while a loop was blocked is let by.
    for (let i = 0; i < 60; i++) ping(rogue);
    rogue.say(ACCEPT);
    expect(await owner.messages.take()).toMatchObject(ACCEPT);
    for (let i = 0; i < 60; i++) ping(rogue);
    expect(await owner.ends.take()).toMatchObject({ code: 4429, problem: { what: "rate.pings" } });
  });

  it("keeps a peer that only answers pings, and echoes those it sends", async () => {
    const { owner, rogue } = await withRogue(SHORT);
    for (let beat = 0; beat < 10; beat++) {
      const { id, sentAt } = await rogue.message("ping");
      rogue.say({ t: "pong", id, sentAt });
    }
    rogue.say({ t: "ping", id: 41, sentAt: 2.5 });
    expect(await rogue.message("pong")).toMatchObject({ id: 41, sentAt: 2.5 });
    expect(owner.ends.size).toBe(0);
  });

  it("keeps two channels alive by themselves", async () => {
    const { client, serverOwner, sockets } = await channels(SHORT);
    const pings = new Mailbox<string>();
    sockets.server.on("message", (data) => pings.put(data.toString()));
    for (let beat = 0; beat < 8; beat++) await pings.take();
    expect([client.isEnded, serverOwner.ends.size]).toEqual([false, 0]);
  });
});

describe("the end", () => {
  it("by bye is 1000 on both sides, with the reason", async () => {
    const { server, serverOwner, clientOwner } = await channels();
    server.bye("run finished");
    const end = { code: 1000, reason: "run finished", problem: undefined };
    expect(await clientOwner.ends.take()).toEqual(end);
    expect(await serverOwner.ends.take()).toEqual(end);
  });

  it("by a refusal in the handler tells the peer what and why", async () => {
    const { client, clientOwner, serverOwner } = await channels();
    serverOwner.onMessage = () => {
      throw refusal;
    };
    client.send(ACCEPT);
    const { what, where, expected, fix } = refusal.problem;
    const told = { what, where, got: "9", expected, fix };
    expect(await clientOwner.ends.take()).toEqual({ code: 4403, reason: what, problem: told });
    expect(await serverOwner.ends.take()).toMatchObject({ code: 4403, problem: refusal.problem });
    expect(serverOwner.bugs.size).toBe(0);
  });
  const refusal = new ProtocolError({
    what: "update.foreign",
    where: "host 1",
    got: 9,
    expected: "a client of this socket",
    fix: "Send one's own updates.",
  });

  const throws = () => {
    throw new Error("oops");
  };
  it.each([
    ["throws", throws],
    ["rejects later", () => Promise.resolve().then(throws)],
  ])("by a handler that %s is 1011, and the bug is told to its owner only", async (_, step) => {
    const { client, clientOwner, serverOwner } = await channels();
    serverOwner.onMessage = step;
    client.send(ACCEPT);
    expect(await serverOwner.bugs.take()).toEqual(new Error("oops"));
    const end = { code: 1011, reason: "internal error", problem: undefined };
    expect(await clientOwner.ends.take()).toEqual(end);
  });

  it("by a message larger than a frame is 1009", async () => {
    const { rogue, owner } = await withRogue();
    rogue.frame(new Uint8Array(262_201));
    expect((await rogue.closed()).code).toBe(1009);
    expect((await owner.ends.take()).reason).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
  });

  it("by a cut line is 1006", async () => {
    const { rogue, owner } = await withRogue();
    rogue.cut();
    expect((await owner.ends.take()).code).toBe(1006);
  });

  it("comes after closeMs when the peer does not answer the close", async () => {
    const { rogue, owner, channel } = await withRogue(SHORT);
    rogue.socket.pause();
    channel.close(1001, "going away");
    expect(await owner.ends.take()).toMatchObject({ code: 1001, reason: "going away" });
  });

  it("is told once, and nothing is sent or heard after", async () => {
    const { rogue, owner, channel } = await withRogue();
    channel.close(1001, "going away");
    channel.send({ t: "admitted", clientsStream: 1 });
    channel.bye("again");
    channel.fail(refusal);
    rogue.say(ACCEPT);
    expect(await rogue.heard.take()).toEqual({ kind: "closed", code: 1001, reason: "going away" });
    expect(await owner.ends.take()).toMatchObject({ code: 1001 });
    expect([owner.ends.size, owner.messages.size, owner.bugs.size]).toEqual([0, 0, 0]);
  });
});

it("never lets anything a peer sends reach the process or be called a bug", async () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.uint8Array({ maxLength: 120 }),
    fc.constantFrom(...three.frames, ...lone.frames),
    fc.constantFrom(putOf(three), ACCEPT, { t: "ping", id: 1, sentAt: 1 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 6 }), async (said) => {
      const { rogue, owner, sockets } = await withRogue();
      for (const item of said) {
        if (item instanceof Uint8Array) rogue.frame(item);
        else if (typeof item === "string") rogue.text(item);
        else rogue.say(item);
      }
      rogue.socket.close();
      await owner.ends.take();
      expect(owner.bugs.size).toBe(0);
      sockets.client.terminate();
    }),
    { numRuns: 60 },
  );
});
