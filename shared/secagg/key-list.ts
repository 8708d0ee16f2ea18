/**
 * The keys of all that advertised, as the coordinator publishes them. Whoever holds a KeyList has
 * checked all that does not depend on who it is; a host does so once for all of its clients.
 */
import type { KeyObject } from "node:crypto";
import { isAgreementKey, publicKeyOf } from "./agreement-keys.ts";
import { completeGraph, type MaskGraph, ringNeighbours, sparseGraph } from "./mask-graph.ts";
import { secaggRefusal } from "./refusal.ts";
import {
  type Advertisement,
  areSignedKeys,
  areSignedSurvivors,
  keyListHash,
  type SurvivorSignature,
} from "./signed-steps.ts";
import type { SecaggTerms } from "./terms.ts";

/** What both sides know before round 0. */
export interface SecaggSetup {
  readonly terms: SecaggTerms;
  /** 32 bytes, as of `attemptContext`. */
  readonly context: Buffer;
  /** Identity keys of the cohort, by place: 32 bytes each. */
  readonly roster: readonly Uint8Array[];
}

/** The coordinator agrees with nobody, and needs the keys of clients that are lost alone: each is read when asked for. */
class PublishedKeys {
  readonly advertisement: Advertisement;
  #cipherKey: KeyObject | undefined;
  #maskKey: KeyObject | undefined;

  constructor(advertisement: Advertisement) {
    this.advertisement = advertisement;
  }

  get cipherKey(): KeyObject {
    this.#cipherKey ??= publicKeyOf(this.advertisement.cipherKey);
    return this.#cipherKey;
  }

  get maskKey(): KeyObject {
    this.#maskKey ??= publicKeyOf(this.advertisement.maskKey);
    return this.#maskKey;
  }
}

export interface KeyList {
  /** U₁, by place. */
  readonly keys: ReadonlyMap<number, PublishedKeys>;
  readonly graph: MaskGraph;
  /** 32 bytes: what survivors sign with, so that all of them have seen this list. */
  readonly hash: Buffer;
}

/**
 * One client's keys: of its own making, and usable.
 *
 * @throws ProtocolError `secagg.keys` or `secagg.signature`
 */
export function checkKeys(keys: Advertisement, { context, roster }: SecaggSetup): void {
  const where = `keys of client ${keys.client}`;
  const identity = roster[keys.client];
  if (!identity) throw secaggRefusal("keys", where, "nobody", "a member of the cohort");
  if (!isAgreementKey(keys.cipherKey) || !isAgreementKey(keys.maskKey)) {
    throw secaggRefusal("keys", where, "a key of small order, or no key", "two X25519 keys");
  }
  if (!areSignedKeys(keys, context, identity)) {
    throw secaggRefusal(
      "signature",
      where,
      "another signature",
      "the client's own, of this attempt",
    );
  }
}

const NONE = new Map<number, never>();

/**
 * A list as it came from the coordinator.
 *
 * @param own what clients of this side have signed for this attempt, by place: where that comes back as it was,
 *   nothing is left to check
 * @throws ProtocolError `secagg.keys`, `.signature`, `.graph` or `.below-threshold`
 */
export function openKeyList(
  list: readonly Advertisement[],
  setup: SecaggSetup,
  own: ReadonlyMap<number, Advertisement> = NONE,
): KeyList {
  checkOrder(list);
  for (const keys of list) if (!isSame(keys, own.get(keys.client))) checkKeys(keys, setup);
  return keyListOf(list, setup);
}

function isSame(one: Advertisement, other: Advertisement | undefined): boolean {
  return (
    other !== undefined &&
    one.client === other.client &&
    one.cipherKey.equals(other.cipherKey) &&
    one.maskKey.equals(other.maskKey) &&
    one.signature.equals(other.signature)
  );
}

/** @param list ascending, each checked by `checkKeys` */
export function keyListOf(list: readonly Advertisement[], setup: SecaggSetup): KeyList {
  const { terms, context, roster } = setup;
  const where = "the list of keys";
  const { leastSurvivors, degree } = terms;
  if (!(list.length >= leastSurvivors)) {
    throw secaggRefusal("below-threshold", where, list.length, `at least ${leastSurvivors}`);
  }
  const texts = list.flatMap(({ cipherKey, maskKey }) => [cipherKey, maskKey]);
  if (new Set(texts.map((key) => key.toString("latin1"))).size !== texts.length) {
    throw secaggRefusal("keys", where, "a key twice", "keys that are all different");
  }
  if (degree !== null && !(list.length > degree)) {
    throw secaggRefusal("graph", where, list.length, `more than the ${degree} neighbours of each`);
  }
  const published = list.map((advertisement) => {
    return [advertisement.client, new PublishedKeys(advertisement)] as const;
  });
  const graph =
    degree === null
      ? completeGraph(list.map(({ client }) => client))
      : sparseGraph(ringNeighbours(list, degree, context));
  return { keys: new Map(published), graph, hash: keyListHash(roster, list) };
}

function checkOrder(list: readonly Advertisement[]): void {
  const ascending = isAscending(list.map(({ client }) => client));
  if (!ascending) {
    throw secaggRefusal(
      "keys",
      "the list of keys",
      "another order",
      "clients, ascending, once each",
    );
  }
}

/** True where each number is larger than the one before. */
export function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? number));
}

/** Who signed one list of survivors. A host checks the signatures once for all of its clients. */
export interface Confirmation {
  readonly survivors: readonly number[];
  /** Survivors whose signature over that list, and over these keys, is right. */
  readonly signers: ReadonlySet<number>;
}

/**
 * Signatures that are not right, over other keys, or not a survivor's, count for nothing.
 *
 * @param list the keys that these clients were shown
 * @param own what clients of this side have signed of them, by place
 */
export function confirmationOf(
  survivors: readonly number[],
  signatures: readonly SurvivorSignature[],
  { context, roster }: SecaggSetup,
  list: KeyList,
  own: ReadonlyMap<number, Buffer> = NONE,
): Confirmation {
  const among = new Set(survivors);
  const told = { context, listHash: list.hash, survivors };
  const right = signatures.filter((one) => {
    const identity = roster[one.client];
    if (!identity || !among.has(one.client)) return false;
    return own.get(one.client)?.equals(one.signature) || areSignedSurvivors(one, told, identity);
  });
  return { survivors, signers: new Set(right.map(({ client }) => client)) };
}
