/** Which masks are still in a sum, worked out from the shares that its survivors have given. */
import { agreed, agreementKey } from "../../shared/secagg/agreement-keys.ts";
import { pairSeed, selfSeed } from "../../shared/secagg/derived-keys.ts";
import type { KeyList } from "../../shared/secagg/key-list.ts";
import type { MaskSeeds } from "./open-sum.ts";
import { type HeldShare, recoverSecret, type WeightBook } from "./recover-secret.ts";

/** By place in the cohort. */
export interface GatheredShares {
  /** U₂: whoever shared its keys, so that others masked with it. */
  readonly owners: readonly number[];
  /** U₃. */
  readonly survivors: ReadonlySet<number>;
  /** By owner. */
  readonly shares: ReadonlyMap<number, readonly HeldShare[]>;
}

/**
 * Of each survivor its own mask; of whoever was lost all that survivors put in for it.
 *
 * @throws ProtocolError as `recoverSecret`
 */
export function rebuildSeeds(
  { owners, survivors, shares }: GatheredShares,
  list: KeyList,
  context: Buffer,
  threshold: number,
): { readonly seeds: MaskSeeds; readonly liars: readonly number[] } {
  const seeds: MaskSeeds = { plus: [], minus: [] };
  const liars = new Set<number>();
  const book: WeightBook = new Map();
  for (const owner of owners) {
    // In an order of their own, so that the same holders open all secrets, whoever answered first.
    const held = (shares.get(owner) ?? []).toSorted((a, b) => a.holder - b.holder);
    const where = `shares of client ${owner}`;
    const survived = survivors.has(owner);
    const advertised = list.keys.get(owner)?.advertisement.maskKey;
    const isRight = (secret: Buffer) =>
      advertised !== undefined && agreementKey(secret).publicKey.equals(advertised);
    // Of b nothing is known beforehand.
    const terms = survived ? { threshold, where } : { threshold, where, isRight };
    const { secret, liars: found } = recoverSecret(held, terms, book);
    for (const liar of found) liars.add(liar);
    if (survived) {
      seeds.minus.push(selfSeed(secret, context, owner));
      continue;
    }
    const lost = seedsOfLost(secret, list, context, owner, survivors);
    seeds.plus.push(...lost.plus);
    seeds.minus.push(...lost.minus);
  }
  return { seeds, liars: [...liars] };
}

/**
 * Survivors above a lost client had subtracted their common mask, which is added back; those below it
 * had added it.
 */
function seedsOfLost(
  secret: Buffer,
  { keys, graph }: KeyList,
  context: Buffer,
  client: number,
  survivors: ReadonlySet<number>,
): MaskSeeds {
  const { privateKey } = agreementKey(secret);
  const seeds: MaskSeeds = { plus: [], minus: [] };
  for (const other of graph.neighboursOf(client)) {
    const peer = keys.get(other);
    // Of two lost neighbours the common mask is in no vector.
    if (!peer || !survivors.has(other)) continue;
    const seed = pairSeed(agreed(privateKey, peer.maskKey), context, client, other);
    (other > client ? seeds.plus : seeds.minus).push(seed);
  }
  return seeds;
}
