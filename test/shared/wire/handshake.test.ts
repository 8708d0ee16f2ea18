import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  newNonce,
  newToken,
  signAsClient,
  signAsServer,
  signingKey,
  tokenKey,
  tokenMac,
  transcriptOf,
  verifyClient,
  verifyMac,
  verifyServer,
} from "../../../shared/keys/proofs.ts";
import {
  type Auth,
  answerHello,
  checkAuth,
  checkPlanBytes,
  checkWelcome,
  type Hello,
  hello,
  type ServerPart,
  type Welcome,
  welcome,
} from "../../../shared/wire/handshake.ts";
import { parseMessage, type Side } from "../../../shared/wire/protocol.ts";
import { refusalOf } from "../../support/refusal.ts";

const hex = z.string().transform((text) => Buffer.from(text, "hex"));
const vectors = z
  .object({
    ed25519_seed: hex,
    ed25519_pk: hex,
    runId: hex,
    clientNonce: hex,
    serverNonce: hex,
    audience: z.string(),
    message: hex,
    sig: hex,
    token: z.object({ token_base64url: z.string(), K: hex, message: hex, mac: hex }),
    server: z.object({
      ed25519_seed: hex,
      ed25519_pk: hex,
      planHash: z.string(),
      message: hex,
      sig: hex,
    }),
  })
  .parse(
    JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/handshake.json"), "utf8")),
  );
const golden = transcriptOf({ ...vectors, key: vectors.ed25519_pk });

describe("published vectors", () => {
  it("give the transcript, behind the label of each proof", () => {
    const labels = ["murmur/auth/v1\0", "murmur/token/v1\0", "murmur/auth-server/v1\0"];
    const [client, token, server] = labels.map((label) =>
      Buffer.concat([Buffer.from(label), golden]).toString("hex"),
    );
    expect(client).toBe(vectors.message.toString("hex"));
    expect(token).toBe(vectors.token.message.toString("hex"));
    expect(`${server}${vectors.server.planHash}`).toBe(vectors.server.message.toString("hex"));
  });

  it("give the client's public key and signature", () => {
    const key = signingKey(vectors.ed25519_seed);
    expect(key.publicKey).toEqual(vectors.ed25519_pk);
    expect(signAsClient(golden, key)).toEqual(vectors.sig);
    expect(verifyClient(golden, vectors.ed25519_pk, vectors.sig)).toBe(true);
  });

  it("give the token's key and mac", () => {
    const { token_base64url, K, mac } = vectors.token;
    expect(tokenKey(token_base64url)).toEqual(K);
    expect(tokenMac(golden, K)).toEqual(mac);
    expect(verifyMac(golden, K, mac)).toBe(true);
  });

  it("give the server's signature", () => {
    const { ed25519_seed, ed25519_pk, planHash, sig } = vectors.server;
    expect(signAsServer(golden, planHash, signingKey(ed25519_seed))).toEqual(sig);
    expect(verifyServer(golden, planHash, ed25519_pk, sig)).toBe(true);
  });
});

describe("proofs", () => {
  const flipped = (bytes: Buffer, bit: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return copy;
  };

  it("fail after the flip of any bit of a mac or transcript", () => {
    const { K, mac } = vectors.token;
    for (let bit = 0; bit < 256; bit++) expect(verifyMac(golden, K, flipped(mac, bit))).toBe(false);
    for (let bit = 0; bit < 8 * golden.length; bit++) {
      expect(verifyMac(flipped(golden, bit), K, mac)).toBe(false);
    }
    expect(verifyMac(golden, K, mac.subarray(1))).toBe(false);
  });

  it("fail after the flip of a bit of a signature, key or transcript", () => {
    for (let bit = 0; bit < 256; bit += 5) {
      expect(verifyClient(flipped(golden, bit), vectors.ed25519_pk, vectors.sig)).toBe(false);
      expect(verifyClient(golden, flipped(vectors.ed25519_pk, bit), vectors.sig)).toBe(false);
      expect(verifyClient(golden, vectors.ed25519_pk, flipped(vectors.sig, 2 * bit))).toBe(false);
    }
  });

  it("of one side are none of the other", () => {
    const { planHash, ed25519_pk, sig } = vectors.server;
    expect(verifyClient(golden, ed25519_pk, sig)).toBe(false);
    expect(verifyServer(golden, planHash, vectors.ed25519_pk, vectors.sig)).toBe(false);
  });

  it("never repeat a nonce, token or key", () => {
    const drawn = Array.from({ length: 50 }, () => [
      newNonce().toString("hex"),
      newToken(),
      signingKey().publicKey.toString("hex"),
    ]).flat();
    expect(new Set(drawn).size).toBe(150);
  });

  it("need a token as it was printed", () => {
    for (const token of ["", "abc", `${newToken()}=`, `${newToken()} `, newToken().slice(1)]) {
      expect(() => tokenKey(token)).toThrow(/^join token \(token file\): got \d+ characters/);
    }
  });
});

/** A message as the other side gets it. */
function sent<S extends Side>(message: object, from: S) {
  return parseMessage(JSON.stringify({ ...message, seq: 0 }), from, "peer").message;
}
function asHello(message: object): Hello {
  const parsed = sent(message, "server");
  if (parsed.t !== "hello") throw new Error(parsed.t);
  return parsed;
}
function asAuth(message: object): Auth {
  const parsed = sent(message, "client");
  if (parsed.t !== "auth") throw new Error(parsed.t);
  return parsed;
}
function asWelcome(message: object): Welcome {
  const parsed = sent(message, "server");
  if (parsed.t !== "welcome") throw new Error(parsed.t);
  return parsed;
}

const AUDIENCE = "coordinator.example:7443";
const key = signingKey();
const wireKey = key.publicKey.toString("base64url");
const tokens = [newToken(), newToken()].map(tokenKey);
const server: ServerPart = {
  runId: vectors.runId,
  serverNonce: newNonce(),
  audiences: ["localhost:7443", AUDIENCE],
  enrolled: new Set([wireKey]),
  tokens,
};

/** What a client of `audience` answers to the hello of `part`. */
function answer(token?: Uint8Array, audience = AUDIENCE, part = server) {
  const { auth, transcript } = answerHello(asHello(hello(part, 10_000)), {
    audience,
    credentials: { key, token },
    software: "murmur test",
  });
  return { auth: asAuth(auth), transcript };
}

describe("the coordinator", () => {
  it("knows an enrolled key by its signature, whichever of its names was dialled", () => {
    for (const audience of server.audiences) {
      const { auth, transcript } = answer(undefined, audience);
      expect(auth.method).toBe("ed25519");
      const who = checkAuth(auth, server, "socket");
      expect(who).toEqual({ key: wireKey, token: undefined, transcript });
    }
  });

  it("says which token was used, for a key it has not seen", () => {
    const { auth, transcript } = answer(tokens[1]);
    const who = checkAuth(auth, { ...server, enrolled: new Set() }, "socket");
    expect(who).toEqual({ key: wireKey, token: tokens[1], transcript });
  });

  const otherKey = { key: signingKey().publicKey.toString("base64url") };
  it.each([
    ["a key that is not enrolled", answer().auth, { ...server, enrolled: new Set<string>() }],
    ["a proof for another coordinator", answer(undefined, "other.example:7443").auth, server],
    ["a proof for another socket", answer().auth, { ...server, serverNonce: newNonce() }],
    ["a proof for another run", answer().auth, { ...server, runId: Buffer.alloc(16, 9) }],
    ["a token for another coordinator", answer(tokens[0], "other.example:7443").auth, server],
    ["a token on another socket", answer(tokens[0]).auth, { ...server, serverNonce: newNonce() }],
    ["an unknown token", answer(tokenKey(newToken())).auth, server],
    ["a token where none is left", answer(tokens[0]).auth, { ...server, tokens: [] }],
    ["a token's proof under another key", { ...answer(tokens[0]).auth, ...otherKey }, server],
    ["another nonce", { ...answer().auth, clientNonce: newNonce().toString("base64url") }, server],
    ["no name of its own", answer().auth, { ...server, audiences: [] }],
  ])("refuses %s, and does not say why", (_, auth, part) => {
    expect(() => checkAuth(auth, part, "socket")).toThrow(
      new RegExp(`^auth\\.refused \\(socket\\): got no valid ${auth.method} proof, expected an`),
    );
  });

  it("refuses another version before it looks at the proof", () => {
    const { auth } = answer();
    expect(refusalOf(() => checkAuth({ ...auth, v: 2 }, server, "socket"))).toBe("version");
  });

  it("survives any 32 bytes as a key and any 64 as a signature", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const { auth } = answer();
    fc.assert(
      fc.property(bytes(32), bytes(64), (k, s) => {
        const wild = Buffer.from(k).toString("base64url");
        const part = { ...server, enrolled: new Set([wild]) };
        const sig = Buffer.from(s).toString("base64url");
        const forged = asAuth({ ...auth, method: "ed25519", key: wild, sig });
        expect(refusalOf(() => checkAuth(forged, part, "socket"))).toBe("auth.refused");
      }),
    );
  });
});

describe("a client", () => {
  const plan = Buffer.from('{"format":1}');
  const planHash = createHash("sha256").update(plan).digest("hex");
  const serverKey = signingKey();
  const { transcript } = answer();
  const greeted = asWelcome(welcome(transcript, planHash, 1, serverKey));
  const pins = { serverKey: serverKey.publicKey, planHash };

  it("takes the plan's hash from a coordinator it knows", () => {
    expect(checkWelcome(greeted, transcript, pins, "coordinator")).toBe(planHash);
    const unpinned = { serverKey: undefined, planHash: undefined };
    expect(checkWelcome(greeted, transcript, unpinned, "coordinator")).toBe(planHash);
  });

  it("refuses a coordinator with another key, of another socket, or with another plan's hash", () => {
    const otherKey = { ...pins, serverKey: signingKey().publicKey };
    const altered = { ...greeted, planHash: Buffer.alloc(32).toString("base64url") };
    const checks = [
      () => checkWelcome(greeted, transcript, otherKey, "coordinator"),
      () => checkWelcome(greeted, answer().transcript, pins, "coordinator"),
      () => checkWelcome(altered, transcript, pins, "coordinator"),
    ];
    expect(checks.map(refusalOf)).toEqual(Array(3).fill("auth.server"));
  });

  it("row 42: refuses a plan other than the pinned, and bytes other than the plan's", () => {
    const otherPlan = { ...pins, planHash: "0".repeat(64) };
    const pinned = () => checkWelcome(greeted, transcript, otherPlan, "coordinator");
    expect(refusalOf(pinned)).toBe("plan.pinned");
    const bytes = (text: string) => () => checkPlanBytes(Buffer.from(text), planHash, "plan");
    expect([`${plan}`, '{"format":2}', ""].map((text) => refusalOf(bytes(text)))).toEqual([
      undefined,
      "plan.hash",
      "plan.hash",
    ]);
  });

  it.each([[[0, 0]], [[2, 3]]])("refuses a coordinator that speaks versions %j only", (v) => {
    const greeting = asHello({ ...hello(server, 10_000), v });
    const part = { audience: AUDIENCE, credentials: { key, token: undefined }, software: "test" };
    expect(refusalOf(() => answerHello(greeting, part))).toBe("version");
  });
});
