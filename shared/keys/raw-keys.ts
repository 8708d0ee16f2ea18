/**
 * Public keys of Ed25519 and X25519 as their 32 raw bytes (RFC 8037). By way of JWK: OpenSSL reads DER a
 * tenth as fast, and a masked attempt takes hundreds of keys in.
 */
import { createPublicKey, type KeyObject } from "node:crypto";

/** @param bytes 32. @throws Error for another length; whether it is a point is not looked at */
export function importPublicKey(curve: "Ed25519" | "X25519", bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });
}

/** The public half's 32 raw bytes. */
export function rawPublicKey(privateKey: KeyObject): Buffer {
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  return Buffer.from(x, "base64url");
}
