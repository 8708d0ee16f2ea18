/**
 * What follows from a secret within one attempt: HKDF-SHA256 (RFC 5869) with the attempt's context as
 * salt and a label for each use. By its HMACs: node's `hkdfSync` takes five times as long, and a
 * client derives some hundreds.
 */
import { createHmac } from "node:crypto";
import { u32 } from "./attempt-context.ts";

/** Seed of the mask that u and v share: 32 bytes. @param secret agreed by their mask keys */
export function pairSeed(secret: Uint8Array, context: Uint8Array, u: number, v: number): Buffer {
  const info = Buffer.concat([Buffer.from("murmur/mask"), u32(Math.min(u, v), Math.max(u, v))]);
  return hkdf(secret, context, info, 32);
}

/** Seed of u's own mask: 32 bytes. @param secret b_u */
export function selfSeed(secret: Uint8Array, context: Uint8Array, u: number): Buffer {
  return hkdf(secret, context, Buffer.concat([Buffer.from("murmur/self"), u32(u)]), 32);
}

/** Of the one packet that goes from u to v. @param secret agreed by their cipher keys */
export function packetKey(
  secret: Uint8Array,
  context: Uint8Array,
  u: number,
  v: number,
): { readonly key: Buffer; readonly nonce: Buffer } {
  const info = Buffer.concat([Buffer.from("murmur/share"), u32(u, v)]);
  const derived = hkdf(secret, context, info, 44);
  return { key: derived.subarray(0, 32), nonce: derived.subarray(32) };
}

/** RFC 5869, for at most 255 blocks of 32 bytes. */
export function hkdf(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  bytes: number,
): Buffer {
  const extracted = createHmac("sha256", salt).update(secret).digest();
  const blocks: Buffer[] = [];
  let last = Buffer.alloc(0);
  for (let i = 1; 32 * blocks.length < bytes; i++) {
    last = createHmac("sha256", extracted).update(last).update(info).update(u8(i)).digest();
    blocks.push(last);
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

function u8(number: number): Buffer {
  return Buffer.of(number);
}
