/** The coordinator's door under strangers (faults.md, rows 25 to 27, and (b), auth), over real sockets. */
import { createConnection, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Session } from "../../../client/connection/session.ts";
import { ClientConnections } from "../../../server/connections/client-connections.ts";
import { sha256 } from "../../../shared/canonical.ts";
import { newToken, signingKey, tokenKey } from "../../../shared/keys/proofs.ts";
import { shortened, type Timing } from "../../../shared/timing.ts";
import { PROTOCOL_PATH, SUBPROTOCOL } from "../../../shared/wire/protocol.ts";
import { sealedWith } from "../../support/plans.ts";
import { RoguePeer } from "../../support/rogue-peer.ts";

const TIMING: Timing = { ...shortened(50), heartbeatMs: 10_000, silenceMs: 30_000 };
let registry: ClientConnections;
let sockets: Socket[] = [];
let peers: RoguePeer[] = [];
const PLAN = Buffer.from("{}");
const SEALED = { ...sealedWith(), bytes: PLAN, hash: sha256(PLAN) };
const open = (timing = TIMING, hosts = 0) =>
  ClientConnections.open({
    sealed: SEALED,
    runId: new Uint8Array(16),
    expected: ["a"],
    host: "127.0.0.1",
    port: 0,
    hosts,
    joiners: [{ names: ["a"], key: undefined }],
    timing,
    observe: () => {},
  });

beforeEach(async () => {
  [sockets, peers] = [[], []];
  registry = await open();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const peer of peers) peer.cut();
  await registry.close("the test has ended");
});

async function dial(): Promise<RoguePeer> {
  const peer = await RoguePeer.dial(registry.audience);
  peers.push(peer);
  return peer;
}

/** A TCP connection, and its end. */
function raw(): { readonly socket: Socket; readonly ended: Promise<string> } {
  const [host = "", port] = registry.audience.split(":");
  const socket = createConnection(Number(port), host);
  sockets.push(socket);
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (data) => {
    text += data.toString("latin1");
  });
  return { socket, ended: new Promise((resolve) => socket.once("close", () => resolve(text))) };
}

const request = () =>
  [
    `GET ${PROTOCOL_PATH} HTTP/1.1`,
    `Host: ${registry.audience}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
    "\r\n",
  ].join("\r\n");

it("row 25: slow loris in the HTTP upgrade: cut, while another is let in", async () => {
  const { socket, ended } = raw();
  const text = request();
  let sent = 0;
  const drip = setInterval(() => socket.writable && socket.write(text[sent++ % 20] ?? ""), 10);
  const idle = raw();
  const other = await dial();
  expect((await other.message("hello")).t).toBe("hello");
  expect(await ended).not.toContain("101");
  clearInterval(drip);
  // One that says nothing at all too.
  await idle.ended;
  expect(sent).toBeLessThan(text.length);
});

it("row 26: slow loris after the upgrade, without auth: cut", async () => {
  const { socket, ended } = raw();
  socket.write(request());
  const drip = setInterval(() => socket.writable && socket.write(Buffer.from([0x81])), 20);
  expect(await ended).toContain("101 Switching Protocols");
  clearInterval(drip);
});

it("row 26b: crowds of idle connections: cut at the limit, and whoever is in stays in", async () => {
  await registry.close("another takes its place");
  registry = await open({ ...TIMING, requestMs: 2_000, authMs: 2_000 });
  const inside = await dial();
  await inside.join(registry.audience, tokenKey(registry.tokens[0] ?? ""), ["a"]);
  const crowd = Array.from({ length: 300 }, raw);
  let gone = 0;
  for (const { ended } of crowd) void ended.then(() => (gone += 1));
  await expect.poll(() => gone, { timeout: 5_000 }).toBe(300 - 32);
  expect(registry.rounds.present).toEqual([0]);
  for (const { socket } of crowd) socket.destroy();
  await expect.poll(() => gone).toBe(300);
  // Of those that ask for a WebSocket the first are told that it is full.
  const strangers = await Promise.all(Array.from({ length: 12 }, dial));
  const codes = strangers.map(async (peer) => (await peer.closed()).code);
  expect((await Promise.all(codes)).filter((code) => code === 1013)).toHaveLength(4);
  inside.say({ t: "ping", id: 1, sentAt: 1 });
  expect((await inside.message("pong")).id).toBe(1);
});

/** A connection from that address that says so much and no more, and comes again whenever it is cut. */
function crowding(port: number, localAddress: string, text: string): () => void {
  let isOver = false;
  const come = () => {
    const socket = createConnection({ port, host: "127.0.0.1", localAddress });
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("connect", () => socket.write(text));
    socket.on("close", () => !isOver && setTimeout(come, 500));
    socket.resume();
  };
  come();
  return () => {
    isOver = true;
  };
}

it("row 26c: 200 idle and 200 half-open sockets from two addresses that come again: an honest client is in", async () => {
  await registry.close("another takes its place");
  // As it is in use: nobody is cut for being slow before the honest client has come.
  registry = await open({ ...TIMING, requestMs: 5_000, authMs: 5_000, backOffMs: 500 });
  const port = Number(registry.audience.split(":")[1]);
  const half = request().slice(0, 40);
  const ends = Array.from({ length: 400 }, (_, i) => {
    const address = i % 2 === 0 ? "127.0.0.2" : "127.0.0.3";
    // Of the half-open ones every other has a WebSocket, and shows no key.
    return crowding(port, address, i < 200 ? "" : i % 4 < 2 ? half : request());
  });
  try {
    // The door is full of them, at both stages.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const start = performance.now();
    const session = new Session(
      {
        audience: registry.audience,
        credentials: { key: signingKey(), token: tokenKey(registry.tokens[0] ?? "") },
        serverKey: registry.serverKey.publicKey,
        planHash: undefined,
      },
      registry.timing,
    );
    session.plan.catch(() => {});
    await session.ready(["a"], SEALED.plan.privacy);
    expect(registry.rounds.present).toEqual([0]);
    expect(performance.now() - start).toBeLessThan(10_000);
    session.leave();
  } finally {
    for (const end of ends) end();
  }
});

it("row 27: fragments of one byte without an end: closed at the limit", async () => {
  const { socket, ended } = raw();
  socket.write(request());
  const fragment = (first: boolean) => Buffer.from([first ? 0x01 : 0x00, 0x81, 0, 0, 0, 0, 0x61]);
  socket.write(Buffer.concat(Array.from({ length: 20 }, (_, i) => fragment(i === 0))));
  // A close frame of 1008, which is what ws says of too many.
  expect(Buffer.from(await ended, "latin1").includes(Buffer.from([0x03, 0xf0]))).toBe(true);
});

it("(b) auth: a wrong proof is answered late; after five an address is refused before any WebSocket", async () => {
  const guess = async () => {
    const peer = await dial();
    const joining = peer.join(registry.audience, tokenKey(newToken()), ["a"]);
    await expect(joining).rejects.toThrow("4401");
  };
  for (let i = 0; i < 5; i++) await guess();
  await expect(dial()).rejects.toThrow("429");
  // Not for ever.
  await expect.poll(() => dial().then(Boolean, () => false), { timeout: 5_000 }).toBe(true);
});

it("(b) auth: where hosts of our own come by loopback, no stranger has them refused", async () => {
  await registry.close("another takes its place");
  registry = await open(TIMING, 1);
  for (let i = 0; i < 6; i++) {
    const peer = await dial();
    const joining = peer.join(registry.audience, tokenKey(newToken()), ["a"]);
    await expect(joining).rejects.toThrow("4401");
  }
  const own = await dial();
  await own.join(registry.audience, tokenKey(registry.tokens[0] ?? ""), ["a"]);
  expect(registry.rounds.present).toEqual([0]);
});

it("lets go of those that it refused and that never close: the door stays open", async () => {
  await registry.close("another takes its place");
  registry = await open({ ...TIMING, requestMs: 60_000 });
  const wrong = request().replace(PROTOCOL_PATH, "/elsewhere");
  const page = `GET / HTTP/1.1\r\nHost: ${registry.audience}\r\n\r\n`;
  // As many as may be pending of one address, twice.
  const refused = [...new Array<string>(32).fill(wrong), ...new Array<string>(32).fill(page)];
  for (const text of refused) {
    const { socket, ended } = raw();
    socket.write(text);
    expect(await ended).toMatch(/^HTTP\/1\.1 40[04]/);
  }
  expect((await (await dial()).message("hello")).t).toBe("hello");
});
