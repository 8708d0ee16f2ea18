/**
 * The handshake's two halves, without sockets: what a client answers and checks, what the
 * coordinator offers and checks. Order: hello → auth → welcome (protocol note, section 2).
 */
import { sha256 } from "../canonical.ts";
import { ProtocolError } from "../errors.ts";
import {
  newNonce,
  type SigningKey,
  signAsClient,
  signAsServer,
  tokenMac,
  transcriptOf,
  verifyClient,
  verifyMac,
  verifyServer,
} from "../keys/proofs.ts";
import { LIMITS, type Messages, type Outgoing, PROTOCOL_VERSION } from "./protocol.ts";
import { fromWire, hashFromWire, hashToWire, toWire } from "./wire-values.ts";

export type Hello = Extract<Messages["server"], { t: "hello" }>;
export type Welcome = Extract<Messages["server"], { t: "welcome" }>;
export type Auth = Extract<Messages["client"], { t: "auth" }>;

/** With what a client shows who it is. */
export interface Credentials {
  readonly key: SigningKey;
  /** K of a join token (`tokenKey`), which enrols the key; undefined once it is enrolled. */
  readonly token: Uint8Array | undefined;
}

/** What a client knows before it dials. */
export interface ClientPart {
  /** "host:port" as dialled. */
  readonly audience: string;
  readonly credentials: Credentials;
  /** Name and version, for the coordinator's log. */
  readonly software: string;
}

/** Client, on `hello`: the `auth` to send, and the transcript that `welcome` must be signed over. */
export function answerHello(
  hello: Hello,
  { audience, credentials, software }: ClientPart,
): { readonly auth: Outgoing<"client">; readonly transcript: Buffer } {
  const [oldest, newest] = hello.v;
  if (!(oldest <= PROTOCOL_VERSION && PROTOCOL_VERSION <= newest)) {
    throw versionFault(audience, `${oldest} to ${newest}`);
  }
  const { key, token } = credentials;
  const clientNonce = newNonce();
  const transcript = transcriptOf({
    runId: fromWire(hello.runId),
    clientNonce,
    serverNonce: fromWire(hello.serverNonce),
    audience,
    key: key.publicKey,
  });
  const said = {
    t: "auth",
    v: PROTOCOL_VERSION,
    key: toWire(key.publicKey),
    clientNonce: toWire(clientNonce),
    software,
  } as const;
  const auth: Outgoing<"client"> =
    token === undefined
      ? { ...said, method: "ed25519", sig: toWire(signAsClient(transcript, key)) }
      : { ...said, method: "token", mac: toWire(tokenMac(transcript, token)) };
  return { auth, transcript };
}

/** What a client insists on; what is undefined, it does not know beforehand. */
export interface Pins {
  /** The coordinator's public key, 32 bytes. Needed where there is no TLS. */
  readonly serverKey: Uint8Array | undefined;
  /** 64 hex digits. */
  readonly planHash: string | undefined;
}

/** Client, on `welcome`: the plan's hash in hex. Refuses with `auth.server` or `plan.pinned`. */
export function checkWelcome(
  welcome: Welcome,
  transcript: Uint8Array,
  { serverKey, planHash: pinned }: Pins,
  where: string,
): string {
  const planHash = hashFromWire(welcome.planHash);
  const signature = fromWire(welcome.serverSig);
  if (serverKey !== undefined && !verifyServer(transcript, planHash, serverKey, signature)) {
    throw new ProtocolError({
      what: "auth.server",
      where,
      got: "a signature by another key",
      expected: "one by the pinned server key",
      fix: "Check the address and --server-key with whoever runs the coordinator.",
    });
  }
  if (pinned !== undefined && planHash !== pinned) {
    throw planFault("plan.pinned", where, planHash, pinned);
  }
  return planHash;
}

/** Client, on the plan's BLOB: refuses with `plan.hash` bytes that are not what `welcome` promised. */
export function checkPlanBytes(bytes: Uint8Array, planHash: string, where: string): void {
  const got = sha256(bytes);
  if (got !== planHash) throw planFault("plan.hash", where, got, planHash);
}

/** What the coordinator knows when an `auth` comes in. */
export interface ServerPart {
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** Of this socket's `hello`, and of no other. */
  readonly serverNonce: Uint8Array;
  /** Each "host:port" by which clients may dial. */
  readonly audiences: readonly string[];
  /** Enrolled public keys, base64url. */
  readonly enrolled: { readonly has: (key: string) => boolean };
  /** K of each token that is neither spent nor expired. */
  readonly tokens: readonly Uint8Array[];
}

/** Server, first of all. */
export function hello(part: ServerPart, heartbeatMs: number): Outgoing<"server"> {
  const { frame, json, tensor, blob, clientsPerSocket } = LIMITS;
  return {
    t: "hello",
    v: [PROTOCOL_VERSION, PROTOCOL_VERSION],
    runId: toWire(part.runId),
    serverNonce: toWire(part.serverNonce),
    auth: ["ed25519", "token"],
    limits: { frame, json, tensor, blob, clientsPerSocket },
    heartbeatMs,
  };
}

/** Whoever has shown that it may join. */
export interface Authenticated {
  /** Public key, base64url. */
  readonly key: string;
  /** K of the token used: its use must be on disk before `welcome` leaves. */
  readonly token: Uint8Array | undefined;
  /** To sign in `welcome`. */
  readonly transcript: Buffer;
}

/**
 * Server, on `auth`. Refuses with `version`, or with `auth.refused`, which does not say whether key,
 * name dialled or proof was wrong. Everything is tried to the end, so that the time tells as little.
 */
export function checkAuth(auth: Auth, part: ServerPart, where: string): Authenticated {
  if (auth.v !== PROTOCOL_VERSION) throw versionFault(where, auth.v);
  const key = fromWire(auth.key);
  const clientNonce = fromWire(auth.clientNonce);
  const claims = part.audiences.map((audience) =>
    transcriptOf({ ...part, clientNonce, audience, key }),
  );
  const proven = auth.method === "token" ? byToken(auth, claims, part) : byKey(auth, claims, part);
  const [first] = proven;
  if (first === undefined) {
    throw new ProtocolError({
      what: "auth.refused",
      where,
      got: `no valid ${auth.method} proof`,
      expected: "an enrolled key, or a token not yet spent, and the address dialled",
      fix: "Ask whoever runs the coordinator for a new token, or to enrol this key.",
    });
  }
  return first;
}

function byKey(
  auth: Extract<Auth, { method: "ed25519" }>,
  claims: readonly Buffer[],
  { enrolled }: ServerPart,
): Authenticated[] {
  const key = fromWire(auth.key);
  const signature = fromWire(auth.sig);
  const proven = claims.filter((transcript) => verifyClient(transcript, key, signature));
  return enrolled.has(auth.key)
    ? proven.map((transcript) => ({ key: auth.key, token: undefined, transcript }))
    : [];
}

function byToken(
  auth: Extract<Auth, { method: "token" }>,
  claims: readonly Buffer[],
  { tokens }: ServerPart,
): Authenticated[] {
  const mac = fromWire(auth.mac);
  return claims.flatMap((transcript) =>
    tokens
      .filter((token) => verifyMac(transcript, token, mac))
      .map((token) => ({ key: auth.key, token, transcript })),
  );
}

/** Server, once the token's use is on disk. @param planHash 64 hex digits */
export function welcome(
  transcript: Uint8Array,
  planHash: string,
  planStream: number,
  key: SigningKey,
): Outgoing<"server"> {
  const serverSig = toWire(signAsServer(transcript, planHash, key));
  return { t: "welcome", planHash: hashToWire(planHash), planStream, serverSig };
}

function versionFault(where: string, got: unknown): ProtocolError {
  const expected = `version ${PROTOCOL_VERSION}`;
  const fix = "Run the same release of Murmur on both sides.";
  return new ProtocolError({ what: "version", where, got, expected, fix });
}

function planFault(what: string, where: string, got: string, expected: string): ProtocolError {
  const fix = "Ask whoever runs the coordinator which plan it runs.";
  return new ProtocolError({ what, where, got, expected, fix });
}
