/**
 * The lists of each step as bytes, records of one length after another: what travels as a BLOB.
 * Numbers are places in the cohort, u32 little-endian.
 */
import { u32 } from "./attempt-context.ts";
import { secaggRefusal } from "./refusal.ts";
import { SEALED_BYTES } from "./share-packets.ts";
import { SHARE_BYTES } from "./shares.ts";
import { type Advertisement, SIGNATURE_BYTES, type SurvivorSignature } from "./signed-steps.ts";

const KEY_BYTES = 32;
export const KEYS_BYTES = 2 * KEY_BYTES + SIGNATURE_BYTES;

/** A sealed packet on its way: up with the place of whom it is for, down with that of its sender. */
export interface AddressedPacket {
  readonly client: number;
  /** 90 bytes. */
  readonly sealed: Buffer;
}

/** One share handed back, of which kind follows from the survivors. */
export interface GivenShare {
  readonly owner: number;
  /** y[32] ‖ x[1]. */
  readonly share: Buffer;
}

/** R0 up: 128 bytes. */
export function packKeys({ cipherKey, maskKey, signature }: Advertisement): Buffer {
  return Buffer.concat([cipherKey, maskKey, signature]);
}

/** @throws ProtocolError `secagg.list`, as all below */
export function unpackKeys(bytes: Buffer, client: number): Advertisement {
  if (bytes.length !== KEYS_BYTES) throw badList(bytes, KEYS_BYTES);
  return {
    client,
    cipherKey: bytes.subarray(0, KEY_BYTES),
    maskKey: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
    signature: bytes.subarray(2 * KEY_BYTES),
  };
}

/** R0 down: 132 bytes each. */
export function packKeyList(list: readonly Advertisement[]): Buffer {
  return packed(list, (keys) => [keys.client, packKeys(keys)]);
}

export function unpackKeyList(bytes: Buffer): Advertisement[] {
  return records(bytes, KEYS_BYTES).map(([client, body]) => unpackKeys(body, client));
}

/** R1, both ways: 94 bytes each. */
export function packPackets(packets: readonly AddressedPacket[]): Buffer {
  return packed(packets, ({ client, sealed }) => [client, sealed]);
}

export function unpackPackets(bytes: Buffer): AddressedPacket[] {
  return records(bytes, SEALED_BYTES).map(([client, sealed]) => ({ client, sealed }));
}

/** R3 down: 4 bytes each. */
export function packSurvivors(survivors: readonly number[]): Buffer {
  return u32(...survivors);
}

export function unpackSurvivors(bytes: Buffer): number[] {
  return records(bytes, 0).map(([client]) => client);
}

/** R3's answers, all of them, down: 68 bytes each. (Up goes a signature by itself.) */
export function packSignatures(signatures: readonly SurvivorSignature[]): Buffer {
  return packed(signatures, ({ client, signature }) => [client, signature]);
}

export function unpackSignatures(bytes: Buffer): SurvivorSignature[] {
  return records(bytes, SIGNATURE_BYTES).map(([client, signature]) => ({ client, signature }));
}

/** R4 up: 37 bytes each. */
export function packShares(shares: readonly GivenShare[]): Buffer {
  return packed(shares, ({ owner, share }) => [owner, share]);
}

export function unpackShares(bytes: Buffer): GivenShare[] {
  return records(bytes, SHARE_BYTES).map(([owner, share]) => ({ owner, share }));
}

function packed<T>(list: readonly T[], record: (entry: T) => readonly [number, Buffer]): Buffer {
  return Buffer.concat(
    list.flatMap((entry) => {
      const [client, body] = record(entry);
      return [u32(client), body];
    }),
  );
}

/** Each a number and `body` bytes. */
function records(bytes: Buffer, body: number): [client: number, body: Buffer][] {
  const size = 4 + body;
  if (bytes.length % size !== 0) throw badList(bytes, size);
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const at = i * size;
    return [bytes.readUInt32LE(at), bytes.subarray(at + 4, at + size)];
  });
}

function badList(bytes: Buffer, size: number): Error {
  return secaggRefusal("list", "a step's list", `${bytes.length} bytes`, `${size} bytes each`);
}
