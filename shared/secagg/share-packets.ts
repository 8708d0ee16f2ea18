/**
 * A packet: the two shares that one client gives another, sealed by AES-256-GCM (NIST SP 800-38D) under
 * a key that is used for it alone. The coordinator only passes it on.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { ProtocolError } from "../errors.ts";
import { u32 } from "./attempt-context.ts";
import { packetKey } from "./derived-keys.ts";
import { secaggProblem } from "./refusal.ts";
import { SHARE_BYTES } from "./shares.ts";

const TAG_BYTES = 16;
const PLAIN_BYTES = 8 + 2 * SHARE_BYTES;
export const SEALED_BYTES = PLAIN_BYTES + TAG_BYTES;

/** Shares of one owner in one holder's hands: y ‖ x each. */
export interface SharePair {
  /** Of the private mask key, s. */
  readonly maskKey: Buffer;
  /** Of the secret behind the owner's own mask, b. */
  readonly selfMask: Buffer;
}

/** A packet that does not open: what its sender sealed, or whoever passed it on, is at fault. */
export class BadPacket extends ProtocolError {
  /** The sender's place. */
  readonly from: number;

  constructor(from: number, to: number) {
    const where = `the packet from client ${from} to client ${to}`;
    const due = "two shares, sealed by its sender";
    super(secaggProblem("packet", where, "something else", due));
    this.from = from;
  }
}

/** @param secrets of `from` and `to`, as of `packetSecrets` */
export function sealPacket(
  { maskKey, selfMask }: SharePair,
  secrets: Buffer,
  context: Uint8Array,
  from: number,
  to: number,
): Buffer {
  const { key, nonce } = packetKey(secrets, from, to);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(additionalData(context, from, to));
  const plain = Buffer.concat([u32(from, to), maskKey, selfMask]);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  return sealed;
}

/**
 * @param place x that shares of `from` have in the hands of `to`
 * @throws BadPacket `secagg.packet` for one that is not what `from` sealed for `to`
 */
export function openPacket(
  sealed: Uint8Array,
  secrets: Buffer,
  context: Uint8Array,
  from: number,
  to: number,
  place: number,
): SharePair {
  const plain = decrypted(sealed, secrets, context, from, to);
  const right =
    plain?.readUInt32LE(0) === from &&
    plain.readUInt32LE(4) === to &&
    plain[8 + SHARE_BYTES - 1] === place &&
    plain[8 + 2 * SHARE_BYTES - 1] === place;
  if (!plain || !right) throw new BadPacket(from, to);
  return { maskKey: plain.subarray(8, 8 + SHARE_BYTES), selfMask: plain.subarray(8 + SHARE_BYTES) };
}

function decrypted(
  sealed: Uint8Array,
  secrets: Buffer,
  context: Uint8Array,
  from: number,
  to: number,
): Buffer | undefined {
  if (sealed.length !== SEALED_BYTES) return undefined;
  const { key, nonce } = packetKey(secrets, from, to);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(context, from, to));
  decipher.setAuthTag(sealed.subarray(PLAIN_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, PLAIN_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function additionalData(context: Uint8Array, from: number, to: number): Buffer {
  return Buffer.concat([Buffer.from("murmur/share"), u32(from, to), context]);
}
