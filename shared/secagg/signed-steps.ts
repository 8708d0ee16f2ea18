/**
 * What clients sign with their long-lived Ed25519 keys (RFC 8032): their keys of an attempt, so that
 * the coordinator cannot put its own in their place, and the survivors it told them of, so that it
 * cannot tell two groups different ones.
 */
import { sign } from "node:crypto";
import { type SigningKey, verified } from "../wire/proofs.ts";
import { u32 } from "./attempt-context.ts";

export const SIGNATURE_BYTES = 64;

/** A client's keys of one attempt, as it advertises them. */
export interface Advertisement {
  /** The client's place in the cohort, from 0. */
  readonly client: number;
  /** C, which seals its packets: 32 bytes of X25519, as is S. */
  readonly cipherKey: Buffer;
  /** S, from which the masks of its pairs follow. */
  readonly maskKey: Buffer;
  /** 64 bytes. */
  readonly signature: Buffer;
}

export function signKeys(
  keys: Omit<Advertisement, "signature">,
  context: Uint8Array,
  identity: SigningKey,
): Advertisement {
  return { ...keys, signature: sign(null, keysMessage(keys, context), identity.privateKey) };
}

/** @param identity 32 bytes */
export function areSignedKeys(
  keys: Advertisement,
  context: Uint8Array,
  identity: Uint8Array,
): boolean {
  return verified(keysMessage(keys, context), identity, keys.signature);
}

/** One client's word for whom it was told of as survivors. */
export interface SurvivorSignature {
  readonly client: number;
  /** 64 bytes. */
  readonly signature: Buffer;
}

/** @param survivors places in the cohort, ascending */
export function signSurvivors(
  survivors: readonly number[],
  context: Uint8Array,
  identity: SigningKey,
): Buffer {
  return sign(null, survivorsMessage(survivors, context), identity.privateKey);
}

/** @param identity 32 bytes */
export function areSignedSurvivors(
  survivors: readonly number[],
  context: Uint8Array,
  identity: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verified(survivorsMessage(survivors, context), identity, signature);
}

function keysMessage(
  { client, cipherKey, maskKey }: Omit<Advertisement, "signature">,
  context: Uint8Array,
): Buffer {
  const label = Buffer.from("murmur/secagg/r0");
  return Buffer.concat([label, context, u32(client), cipherKey, maskKey]);
}

/** "murmur/secagg/survivors" ‖ context ‖ u32 how many ‖ u32 each. */
export function survivorsMessage(survivors: readonly number[], context: Uint8Array): Buffer {
  const label = Buffer.from("murmur/secagg/survivors");
  return Buffer.concat([label, context, u32(survivors.length, ...survivors)]);
}
