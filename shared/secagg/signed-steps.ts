/**
 * What clients sign with their long-lived Ed25519 keys (RFC 8032): their keys of an attempt, so that
 * the coordinator cannot put its own in their place, and what it told them of the attempt (its cohort,
 * its keys, its survivors), so that it cannot tell two groups different things.
 */
import { createHash } from "node:crypto";
import type { SigningKey } from "../keys/proofs.ts";
import { signed, verified } from "../keys/signatures.ts";
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
  return { ...keys, signature: signed(keysMessage(keys, context), identity.privateKey) };
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

/** All that a client has been told of an attempt by the time its shares are asked for. */
export interface ToldAttempt {
  readonly context: Uint8Array;
  /** 32 bytes, as of `keyListHash`: it covers the cohort and every key, so also the graph. */
  readonly listHash: Uint8Array;
  /** Places in the cohort, ascending. */
  readonly survivors: readonly number[];
}

/** @param client its place: one owner's clients have one key, and each signs for itself */
export function signSurvivors(client: number, told: ToldAttempt, identity: SigningKey): Buffer {
  return signed(survivorsMessage(client, told), identity.privateKey);
}

/** @param identity 32 bytes */
export function areSignedSurvivors(
  { client, signature }: SurvivorSignature,
  told: ToldAttempt,
  identity: Uint8Array,
): boolean {
  return verified(survivorsMessage(client, told), identity, signature);
}

/**
 * SHA-256("murmur/secagg/list" ‖ u32 cohort ‖ each one's identity ‖ (u32 place ‖ C ‖ S) of each on it).
 *
 * @param roster identity keys of the cohort, by place: 32 bytes each
 * @param list ascending
 */
export function keyListHash(
  roster: readonly Uint8Array[],
  list: readonly Omit<Advertisement, "signature">[],
): Buffer {
  const hash = createHash("sha256").update("murmur/secagg/list").update(u32(roster.length));
  for (const identity of roster) hash.update(identity);
  for (const { client, cipherKey, maskKey } of list)
    hash.update(u32(client)).update(cipherKey).update(maskKey);
  return hash.digest();
}

function keysMessage(
  { client, cipherKey, maskKey }: Omit<Advertisement, "signature">,
  context: Uint8Array,
): Buffer {
  const label = Buffer.from("murmur/secagg/r0");
  return Buffer.concat([label, context, u32(client), cipherKey, maskKey]);
}

/** "murmur/secagg/survivors" ‖ context ‖ hash of the list ‖ u32 signer ‖ u32 how many ‖ u32 each. */
export function survivorsMessage(client: number, told: ToldAttempt): Buffer {
  const { context, listHash, survivors } = told;
  const label = Buffer.from("murmur/secagg/survivors");
  return Buffer.concat([label, context, listHash, u32(client, survivors.length, ...survivors)]);
}
