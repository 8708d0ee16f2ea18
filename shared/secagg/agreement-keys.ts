/** X25519 (RFC 7748) by its raw 32-byte keys: what two clients agree on without the coordinator. */
import { createPrivateKey, diffieHellman, type KeyObject } from "node:crypto";
import { importPublicKey, rawPublicKey } from "../raw-keys.ts";

// RFC 8410: the DER that stands before the 32 raw bytes of a private key. (As a JWK it would be read
// faster, but leave the key behind in a string, which nobody can overwrite.)
const PRIVATE_DER = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A key pair for one attempt, its public half as 32 raw bytes. */
export interface AgreementKey {
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
}

/** @param secret the 32 raw bytes of the private key */
export function agreementKey(secret: Uint8Array): AgreementKey {
  const der = Buffer.concat([PRIVATE_DER, secret]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

/** @param bytes 32 raw bytes, checked by `isAgreementKey` */
export function publicKeyOf(bytes: Uint8Array): KeyObject {
  return importPublicKey("X25519", bytes);
}

/** The shared secret: 32 bytes. */
export function agreed(own: KeyObject, peer: KeyObject): Buffer {
  return diffieHellman({ privateKey: own, publicKey: peer });
}

/** Any would do: a private key is a multiple of 8, and that takes each small-order point to zero. */
const PROBE = agreementKey(Buffer.alloc(32, 1));

/**
 * True for 32 bytes that an honest client could have published: written in the one way that RFC 7748
 * gives (so that no two texts are one key), and not of small order, where everybody would agree on 0.
 */
export function isAgreementKey(bytes: Uint8Array): boolean {
  if (bytes.length !== 32 || !isReduced(bytes)) return false;
  try {
    agreed(PROBE.privateKey, publicKeyOf(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Below 2^255 - 19, little-endian. */
function isReduced(bytes: Uint8Array): boolean {
  const [first = 0, last = 0] = [bytes[0], bytes[31]];
  if (last !== 0x7f) return last < 0x7f;
  return first < 0xed || bytes.subarray(1, 31).some((byte) => byte !== 0xff);
}
