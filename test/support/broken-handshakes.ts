/** Ways to break a handshake, in every place where one can, and how the coordinator must end each. */
import { randomBytes } from "node:crypto";
import { newToken, type SigningKey, signingKey, tokenKey } from "../../shared/keys/proofs.ts";
import { type EncodedObject, encodeObject, encodeUpdate } from "../../shared/wire/codec.ts";
import { answerHello, type Hello } from "../../shared/wire/handshake.ts";
import { type Outgoing, parseMessage } from "../../shared/wire/protocol.ts";
import { hashToWire, packNames, toWire } from "../../shared/wire/wire-values.ts";
import { OPCODE, type RawPeer, rawFrame, upgradeRequest } from "./raw-peer.ts";
import { putOf } from "./rogue-peer.ts";

/** What a way of breaking may draw on. */
export interface BrokenScene {
  /** "host:port". */
  readonly audience: string;
  /** 64 hex digits. */
  readonly planHash: string;
  /** The coordinator's public key. */
  readonly serverKey: Uint8Array;
  /** Of a client that is in: its `auth` as it was sent, and its token. */
  readonly heard: string;
  readonly token: Uint8Array;
  /** It may come in, under the name `j`, and breaks what follows. */
  readonly listed: SigningKey;
}

/** One way to break it; `ends`: the HTTP status and WebSocket's code, any of them. */
export interface BrokenHandshake {
  readonly name: string;
  readonly ends: readonly string[];
  readonly act: (peer: RawPeer, scene: BrokenScene) => unknown;
}

const PLAIN = { connection: "close", upgrade: undefined };
const UPDATE = { t: "update", vclient: 0, round: 3, attempt: 0, stream: 1 };

/** A request, and no more. */
function asking(name: string, ends: string, text: (scene: BrokenScene) => string): BrokenHandshake {
  return {
    name,
    ends: ends.split("|"),
    act: (peer, scene) => peer.write(Buffer.from(text(scene), "latin1")),
  };
}

/** A request with other fields. */
function fields(name: string, ends: string, odd: Record<string, string | undefined>) {
  return asking(name, ends, ({ audience }) => upgradeRequest(audience, odd));
}

const CUT = "408 cut|cut";
/** HTTP that never becomes a WebSocket. */
const REQUESTS: readonly BrokenHandshake[] = [
  asking("silence", CUT, () => ""),
  asking("one byte", CUT, () => "G"),
  asking("half a request", CUT, ({ audience }) => upgradeRequest(audience).slice(0, 90)),
  asking("no HTTP", "400 cut", () => "\u0016\u0003\u0001\u0002".repeat(50)),
  asking("a page", "404 cut", ({ audience }) =>
    upgradeRequest(audience, PLAIN, "GET /index.html HTTP/1.1"),
  ),
  asking("a body that never comes", "404 cut", ({ audience }) =>
    upgradeRequest(audience, { ...PLAIN, "content-length": "9" }, "POST / HTTP/1.1"),
  ),
  asking("another path", "400 cut", ({ audience }) =>
    upgradeRequest(audience, {}, "GET /murmur/v2 HTTP/1.1"),
  ),
  asking("POST", "405 cut|400 cut", ({ audience }) =>
    upgradeRequest(audience, {}, "POST /murmur/v1 HTTP/1.1"),
  ),
  asking("CONNECT", "cut", () => "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n"),
  fields("another subprotocol", "400 cut", { "sec-websocket-protocol": "murmur.v9" }),
  fields("two subprotocols", "400 cut", { "sec-websocket-protocol": "murmur.v1, chat" }),
  fields("no subprotocol", "400 cut", { "sec-websocket-protocol": undefined }),
  fields("another host", "403 cut", { host: "example.com" }),
  fields("no host", "400 cut|403 cut", { host: undefined }),
  fields("a browser's page", "403 cut", { origin: "https://example.com" }),
  fields("a version of WebSocket that is none", "400 cut|426 cut", {
    "sec-websocket-version": "3",
  }),
  fields("no WebSocket key", "400 cut", { "sec-websocket-key": undefined }),
  fields("another upgrade", "400 cut|404 cut", { upgrade: "h2c" }),
  fields("a header of 20 kB", "431 cut", { cookie: "x".repeat(20_000) }),
  asking("garbage behind the request", "101 1002", ({ audience }) =>
    upgradeRequest(audience).concat("\u00ff\u00ff"),
  ),
];

/** After the upgrade and `hello`. */
function upgraded(
  name: string,
  ends: string,
  act: (peer: RawPeer, hello: Hello, scene: BrokenScene) => unknown,
): BrokenHandshake {
  return {
    name,
    ends: ends.split("|"),
    act: async (peer, scene) => {
      peer.write(upgradeRequest(scene.audience));
      const { message } = parseMessage(await peer.texts.take(), "server", "server");
      if (message.t !== "hello") throw new Error(`${message.t} in the place of hello`);
      await act(peer, message, scene);
    },
  };
}

/** Bytes after `hello`. */
function writing(name: string, code: string, ...frames: Uint8Array[]): BrokenHandshake {
  return upgraded(name, `101 ${code}`, (peer) => peer.write(Buffer.concat(frames)));
}

const fragments = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    rawFrame({ opcode: i === 0 ? OPCODE.text : OPCODE.more, fin: false, payload: "x" }),
  );
const HALF = rawFrame({ opcode: OPCODE.binary, payload: Buffer.alloc(90) }).subarray(0, 70);

/** Bytes that are no WebSocket, or none of this protocol. */
const FRAMES: readonly BrokenHandshake[] = [
  writing("garbage", "1002", Buffer.alloc(64, 0xff)),
  writing("an unmasked frame", "1002", rawFrame({ masked: false, payload: "{}" })),
  writing("a compressed frame", "1002", rawFrame({ reserved: 4, payload: "{}" })),
  writing("a reserved bit", "1002", rawFrame({ reserved: 1, payload: "{}" })),
  writing("an opcode that is none", "1002", rawFrame({ opcode: 5 })),
  writing("a close code that is none", "1002", rawFrame({ opcode: 8, payload: Buffer.of(0, 7) })),
  writing("text that is no UTF-8", "1007", rawFrame({ payload: Buffer.of(0xc3, 0x28) })),
  writing("the 17th fragment", "1008", ...fragments(17)),
  writing("a byte too many", "1009", rawFrame({ opcode: 2, payload: Buffer.alloc(262_201) })),
  writing("a length of 2^63", "1009", Buffer.from("82ffffffffffffffffff00000000", "hex")),
  writing("fragments without an end", "4401", ...fragments(3)),
  writing("pings and no word", "cut", ...Array(500).fill(rawFrame({ opcode: OPCODE.ping }))),
  writing("half a frame", "4401", HALF),
  writing("no word", "4401"),
  writing("a frame before auth", "4401", rawFrame({ opcode: 2, payload: Buffer.alloc(56) })),
  writing("a first message of 2,049 bytes", "1009", rawFrame({ payload: "x".repeat(2_049) })),
  ...["{", "[]", "{}{}", '{"t":{"toString":1}}', '{"__proto__":1}', "[".repeat(2_000)].map((text) =>
    writing(`the text ${text.slice(0, 30)}`, "4400", rawFrame({ payload: text })),
  ),
  upgraded("half a frame, then the end", "101 cut", (peer) => {
    peer.write(HALF);
    peer.socket.end();
  }),
  upgraded("half a frame, then a reset", "101 cut", (peer) => {
    peer.write(HALF);
    peer.socket.destroy();
  }),
];

type Proof = (hello: Hello, scene: BrokenScene) => object;

/** An `auth`, or something else in its place. */
function proving(name: string, code: string, proof: Proof, seq = 0): BrokenHandshake {
  return upgraded(name, `101 ${code}`, (peer, hello, scene) => {
    peer.write(rawFrame({ payload: JSON.stringify({ ...proof(hello, scene), seq }) }));
  });
}

function auth(
  hello: Hello,
  { audience, listed }: Pick<BrokenScene, "audience" | "listed">,
  token?: Uint8Array,
): Outgoing<"client"> {
  return answerHello(hello, { audience, credentials: { key: listed, token }, software: "raw" })
    .auth;
}

/** The listed key's own proof, with something else in it. */
const but =
  (odd: object): Proof =>
  (hello, scene) => ({ ...auth(hello, scene), ...odd });
/** A proof over what the coordinator has not said. */
const over =
  (odd: Partial<Hello>): Proof =>
  (hello, scene) =>
    auth({ ...hello, ...odd }, scene);
/** A point of small order, and the signature that its equation is kept by where nobody looks. */
const smallOrder = (key: string) => {
  const point = Buffer.from(key.padEnd(64, "0"), "hex");
  return { key: toWire(point), sig: toWire(Buffer.concat([point, Buffer.alloc(32)])) };
};

/** Proofs that prove nothing. */
const PROOFS: readonly BrokenHandshake[] = [
  proving("an unknown key", "4401", (hello, scene) =>
    auth(hello, { ...scene, listed: signingKey() }),
  ),
  proving("a signature over another nonce", "4401", over({ serverNonce: toWire(randomBytes(32)) })),
  proving("a signature for another run", "4401", over({ runId: toWire(randomBytes(16)) })),
  proving("a signature for another address", "4401", (hello, scene) =>
    auth(hello, { ...scene, audience: "127.0.0.1:1" }),
  ),
  proving("a signature of 63 bytes", "4400", but({ sig: toWire(Buffer.alloc(63)) })),
  proving("a signature of zeros", "4401", but({ sig: toWire(Buffer.alloc(64)) })),
  proving("a key of order 1", "4401", but(smallOrder("01"))),
  proving("a key of order 4", "4401", but(smallOrder("00"))),
  proving("a key that is no point", "4401", but({ key: toWire(Buffer.alloc(32, 0xff)) })),
  proving("the coordinator's own key", "4401", (hello, scene) => ({
    ...auth(hello, scene),
    key: toWire(scene.serverKey),
  })),
  proving("a handshake said before", "4401", (_, { heard }) => JSON.parse(heard)),
  proving("a token used before", "4401", (hello, scene) => auth(hello, scene, scene.token)),
  proving("a token of another run", "4401", (hello, scene) =>
    auth(hello, scene, tokenKey(newToken())),
  ),
  proving("a token's proof of zeros", "4401", (hello, scene) => ({
    ...auth(hello, scene, scene.token),
    mac: toWire(Buffer.alloc(32)),
  })),
  proving("another version", "4400", but({ v: 2 })),
  proving("a key more", "4400", but({ rows: 17 })),
  proving("a number left out", "1002", (hello, scene) => auth(hello, scene), 1),
  proving("ping in the place of auth", "4401", () => ({ t: "ping", id: 1, sentAt: 1 })),
  proving("ready in the place of auth", "4400", (_, { planHash }) => ready(planHash)),
];

function ready(planHash: string) {
  return { t: "ready", planHash: hashToWire(planHash), clientsStream: 1 };
}

/** Whoever may come in, and breaks what follows: a message each, or a `put` and its frames. */
function entering(
  name: string,
  code: string,
  ...said: (object | EncodedObject | "ready")[]
): BrokenHandshake {
  return upgraded(name, `101 ${code}`, (peer, hello, scene) => {
    let seq = 0;
    const say = (message: object) =>
      peer.write(rawFrame({ payload: JSON.stringify({ ...message, seq: seq++ }) }));
    say(auth(hello, scene));
    for (const one of said) {
      if (one === "ready") say(ready(scene.planHash));
      else if (!("frames" in one)) say(one);
      else {
        if (one.sha256 === undefined) seq += 1;
        else say(putOf(one));
        for (const payload of one.frames) peer.write(rawFrame({ opcode: OPCODE.binary, payload }));
      }
    }
  });
}

const IDS = { vclient: 0xffffffff, round: 0, attempt: 0, stream: 1 };
const named = (names: readonly string[]) =>
  encodeObject({ kind: "blob", values: packNames(names) }, IDS);
const ALONE = encodeUpdate(
  { kind: "update", values: Int32Array.of(1, 10) },
  { vclient: 0, round: 0, attempt: 0, stream: 1 },
);
const putting = (bytes: number) => ({ ...putOf(named(["j"])), bytes, count: bytes });

const MEMBERS: readonly BrokenHandshake[] = [
  entering("another plan's hash", "4409", ready("00".repeat(32))),
  entering("an update before ready", "4400", UPDATE),
  entering("an update before it is admitted", "4400", "ready", UPDATE),
  entering("a whole update before ready", "4400", ALONE),
  entering("a whole update before it is admitted", "4400", "ready", ALONE),
  entering("a put of 2^53 bytes", "4400", "ready", putting(2 ** 53)),
  entering("a put of a gibibyte", "1009", "ready", putting(2 ** 30)),
  entering("a put that nothing has named", "1002", putting(5)),
  entering("a put of another stream", "1002", "ready", {
    ...putting(5),
    stream: 2,
  }),
  entering("another's name", "4403", "ready", named(["a"])),
  entering("a name of 10 kB", "4400", "ready", named(["x".repeat(10_000)])),
  entering("a name with a slash", "4400", "ready", named(["../a"])),
  entering("a name of two lines", "4400", "ready", named(["a\nb"])),
  entering("16,385 clients", "4400", "ready", named(Array(16_385).fill("n"))),
  entering("a name twice", "4408", "ready", named(["j", "j"])),
  entering("a million clients", "1009", "ready", named(Array(1e6).fill("n"))),
];

export const BROKEN_HANDSHAKES = [...REQUESTS, ...FRAMES, ...PROOFS, ...MEMBERS];
