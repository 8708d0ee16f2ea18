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

const PACKET_BYTES = 44;

/**
 * What seals the two packets between u and v, one each way: 88 bytes, the same for both clients.
 *
 * @param secret agreed by their cipher keys
 */
export function packetSecrets(
  secret: Uint8Array,
  context: Uint8Array,
  u: number,
  v: number,
): Buffer {
  const extracted = extract(secret, context);
  const [first, second] = [Math.min(u, v), Math.max(u, v)];
  const up = expand(extracted, packetInfo(first, second), PACKET_BYTES);
  const down = expand(extracted, packetInfo(second, first), PACKET_BYTES);
  const both = Buffer.concat([up, down]);
  for (const bytes of [extracted, up, down]) bytes.fill(0);
  return both;
}

/** Of the one packet that goes from one to the other. @param secrets as of `packetSecrets` */
export function packetKey(
  secrets: Buffer,
  from: number,
  to: number,
): { readonly key: Buffer; readonly nonce: Buffer } {
  const at = from < to ? 0 : PACKET_BYTES;
  const key = secrets.subarray(at, at + 32);
  return { key, nonce: secrets.subarray(at + 32, at + PACKET_BYTES) };
}

function packetInfo(from: number, to: number): Buffer {
  return Buffer.concat([Buffer.from("murmur/share"), u32(from, to)]);
}

/** RFC 5869, for at most 255 blocks of 32 bytes. */
export function hkdf(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  bytes: number,
): Buffer {
  return expand(extract(secret, salt), info, bytes);
}

function extract(secret: Uint8Array, salt: Uint8Array): Buffer {
  return createHmac("sha256", salt).update(secret).digest();
}

function expand(extracted: Uint8Array, info: Uint8Array, bytes: number): Buffer {
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
