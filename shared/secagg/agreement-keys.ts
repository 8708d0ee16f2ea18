/** X25519 (RFC 7748) by its raw 32-byte keys: what two clients agree on without the coordinator. */
import { createPrivateKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { importPublicKey, rawPublicKey } from "../keys/raw-keys.ts";

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

/** A pair of the operating system's randomness; its private half stays behind node's wall. */
export function freshKeyPair(): AgreementKey {
  const { privateKey } = generateKeyPairSync("x25519");
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

/**
 * The same, and its private half's 32 raw bytes, for the caller to overwrite. On Node 20 it is made and read out in a quarter of the time in which OpenSSL reads one in.
 */
export function freshAgreementKey(): { readonly pair: AgreementKey; readonly secret: Buffer } {
  const pair = freshKeyPair();
  const der = pair.privateKey.export({ format: "der", type: "pkcs8" });
  return { pair, secret: der.subarray(-32) };
}

/** @param bytes 32 raw bytes, checked by `isAgreementKey` */
export function publicKeyOf(bytes: Uint8Array): KeyObject {
  return importPublicKey("X25519", bytes);
}

/** The shared secret: 32 bytes. */
export function agreed(own: KeyObject, peer: KeyObject): Buffer {
  return diffieHellman({ privateKey: own, publicKey: peer });
}

/**
 * u of the points whose order divides 8, on the curve and on its twist: 0, 1, two of order 8, and p - 1
 * (https://cr.yp.to/ecdh.html). A private key is a multiple of 8, and takes each of them to zero.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
]);

/**
 * True for 32 bytes that an honest client could have published: written in the one way that RFC 7748
 * gives (so that no two texts are one key), and not of small order, where everybody would agree on 0.
 */
export function isAgreementKey(bytes: Buffer): boolean {
  return bytes.length === 32 && isReduced(bytes) && !SMALL_ORDER.has(bytes.toString("hex"));
}

/** Below 2^255 - 19, little-endian. */
function isReduced(bytes: Uint8Array): boolean {
  const [first = 0, last = 0] = [bytes[0], bytes[31]];
  if (last !== 0x7f) return last < 0x7f;
  return first < 0xed || bytes.subarray(1, 31).some((byte) => byte !== 0xff);
}
