/** Ed25519 (RFC 8032): a message signed, and a signature judged. */
import { type KeyObject, sign, verify } from "node:crypto";
import { importPublicKey, rawPublicKey } from "./raw-keys.ts";

/**
 * Signatures that this process made and nobody has judged yet, each with its message. Where coordinator and clients
 * are one process (`simulate`), what one has just signed need not be worked out by the other.
 */
const made = new Map<string, Uint8Array>();
/** More than two steps of a cohort under masks; the oldest are forgotten. */
const MOST_MADE = 2_048;

/** 64 bytes. @param message nobody's to change afterwards */
export function signed(message: Uint8Array, privateKey: KeyObject): Buffer {
  const signature = sign(null, message, privateKey);
  const [oldest] = made.keys();
  if (made.size >= MOST_MADE && oldest !== undefined) made.delete(oldest);
  made.set(nameOf(rawPublicKey(privateKey), signature), message);
  return signature;
}

/** Whether `signature` is the Ed25519 signature of `message` by the key of these 32 bytes. */
export function verified(
  message: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  const name = nameOf(publicKey, signature);
  const own = made.get(name);
  made.delete(name);
  if (own && Buffer.compare(own, message) === 0) return true;
  return verify(null, message, importPublicKey("Ed25519", publicKey), signature);
}

function nameOf(publicKey: Uint8Array, signature: Uint8Array): string {
  return Buffer.concat([publicKey, signature]).toString("latin1");
}
