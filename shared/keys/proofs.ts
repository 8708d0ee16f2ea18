/**
 * The cryptography of the handshake: Ed25519 (RFC 8032) for keys, HMAC-SHA256 (RFC 2104) for join
 * tokens, both over the transcript T under a label each, so that no proof serves another purpose.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { ScenarioError } from "../errors.ts";
import { rawPublicKey } from "./raw-keys.ts";
import { signed, verified } from "./signatures.ts";

const CLIENT_LABEL = Buffer.from("murmur/auth/v1\0");
const TOKEN_LABEL = Buffer.from("murmur/token/v1\0");
const SERVER_LABEL = Buffer.from("murmur/auth-server/v1\0");
// RFC 8410: the DER that stands before the 32 raw bytes of a private key.
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex");

/** An Ed25519 key pair, the public half as its 32 raw bytes. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
}

/** @param seed the 32 raw bytes of the private key; the operating system's by default */
export function signingKey(seed: Uint8Array = randomBytes(32)): SigningKey {
  const der = Buffer.concat([PRIVATE_DER, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

/** 32 bytes to be used once. */
export function newNonce(): Buffer {
  return randomBytes(32);
}

/** A one-time join token, in the form in which it is shown once. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** K, all of a token that the coordinator keeps. The token's bytes are hashed, not its text. */
export function tokenKey(token: string): Buffer {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== 32 || bytes.toString("base64url") !== token) {
    throw new ScenarioError({
      what: "join token",
      where: "token file",
      got: `${token.length} characters`,
      expected: "43 characters of base64url",
      fix: "Copy the token as the coordinator printed it.",
    });
  }
  return createHash("sha256").update("murmur/token").update(bytes).digest();
}

/** What the proofs of one socket are over. */
export interface TranscriptParts {
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** 32 bytes. */
  readonly clientNonce: Uint8Array;
  /** 32 bytes. */
  readonly serverNonce: Uint8Array;
  /** "host:port" as the client dialled it: a proof made for one coordinator fails at another. */
  readonly audience: string;
  /** The client's public key, 32 bytes. */
  readonly key: Uint8Array;
}

/** T = runId ‖ clientNonce ‖ serverNonce ‖ SHA-256(audience) ‖ key, 144 bytes. */
export function transcriptOf(parts: TranscriptParts): Buffer {
  const name = createHash("sha256").update(parts.audience).digest();
  return Buffer.concat([parts.runId, parts.clientNonce, parts.serverNonce, name, parts.key]);
}

export function signAsClient(transcript: Uint8Array, key: SigningKey): Buffer {
  return signed(Buffer.concat([CLIENT_LABEL, transcript]), key.privateKey);
}

/** @param publicKey 32 bytes, of whoever claims them */
export function verifyClient(
  transcript: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verified(Buffer.concat([CLIENT_LABEL, transcript]), publicKey, signature);
}

/** @param k what `tokenKey` gave */
export function tokenMac(transcript: Uint8Array, k: Uint8Array): Buffer {
  return createHmac("sha256", k).update(TOKEN_LABEL).update(transcript).digest();
}

export function verifyMac(transcript: Uint8Array, k: Uint8Array, mac: Uint8Array): boolean {
  const expected = tokenMac(transcript, k);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/** @param planHash 64 hex digits */
export function signAsServer(transcript: Uint8Array, planHash: string, key: SigningKey): Buffer {
  return signed(serverMessage(transcript, planHash), key.privateKey);
}

export function verifyServer(
  transcript: Uint8Array,
  planHash: string,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verified(serverMessage(transcript, planHash), publicKey, signature);
}

function serverMessage(transcript: Uint8Array, planHash: string): Buffer {
  return Buffer.concat([SERVER_LABEL, transcript, Buffer.from(planHash, "hex")]);
}
