/** Round 1 from a client's side: its own secrets shared among its holders, theirs taken in. */

import { packetSecrets } from "../../shared/secagg/derived-keys.ts";
import type { KeyList, SecaggSetup } from "../../shared/secagg/key-list.ts";
import { secaggRefusal } from "../../shared/secagg/refusal.ts";
import { openPacket, sealPacket } from "../../shared/secagg/share-packets.ts";
import { splitSecret } from "../../shared/secagg/shares.ts";
import type { AddressedPacket } from "../../shared/secagg/step-lists.ts";
import type { ClientSecrets, Draw } from "./client-secrets.ts";
import type { PairSecrets } from "./pair-secrets.ts";

/** A packet for each holder; a share of its own, in the complete graph, it keeps. */
export function sealShares(
  { maskKey, selfMask, cipher, held, agreed: kept }: ClientSecrets,
  { graph, keys }: KeyList,
  { terms, context }: SecaggSetup,
  client: number,
  draw: Draw,
  pairs: PairSecrets,
): AddressedPacket[] {
  const holders = graph.holdersOf(client);
  const places = holders.map((holder) => graph.placeOf(client, holder));
  const ofMaskKey = splitSecret(maskKey, terms.threshold, places, draw);
  const ofSelfMask = splitSecret(selfMask, terms.threshold, places, draw);
  return holders.flatMap((holder, i) => {
    const [first, second, peer] = [ofMaskKey[i], ofSelfMask[i], keys.get(holder)];
    if (!first || !second || !peer || !cipher) throw new Error("a holder without share or keys");
    const pair = { maskKey: first, selfMask: second };
    if (holder === client) {
      held.set(holder, pair);
      return [];
    }
    const secretsOf = (secret: Buffer) => {
      const secrets = packetSecrets(secret, context, client, holder);
      secret.fill(0);
      return secrets;
    };
    const { cipherKey } = peer.advertisement;
    const secrets = pairs.agreed(cipher, () => peer.cipherKey, cipherKey, secretsOf);
    kept.set(holder, secrets);
    const sealed = sealPacket(pair, secrets, context, client, holder);
    first.fill(0);
    second.fill(0);
    return [{ client: holder, sealed }];
  });
}

/**
 * Takes the shares of others in.
 *
 * @returns the neighbours that sent them, with which the client masks
 * @throws ProtocolError `secagg.packet` for one that is not what its sender sealed (to leave it out would
 *   let the coordinator choose whom the client masks with); `secagg.below-threshold` where too few of its
 *   own holders are there
 */
export function openShares(
  packets: readonly AddressedPacket[],
  { held, agreed: kept }: ClientSecrets,
  { graph }: KeyList,
  { terms, context }: SecaggSetup,
  client: number,
): ReadonlySet<number> {
  const where = `packets for client ${client}`;
  const paired = new Set<number>();
  for (const { client: from, sealed } of packets) {
    const secrets = kept.get(from);
    if (!secrets || paired.has(from)) {
      throw secaggRefusal("packet", where, `one of client ${from}`, "one of each neighbour");
    }
    const place = graph.placeOf(from, client);
    held.set(from, openPacket(sealed, secrets, context, from, client, place));
    paired.add(from);
  }
  const holders = graph.holdersOf(client);
  const there = holders.filter((holder) => holder === client || paired.has(holder)).length;
  // In the complete graph the holders are all that is left of the cohort.
  const least = terms.degree === null ? terms.leastSurvivors : terms.threshold;
  if (there >= least) return paired;
  throw secaggRefusal("below-threshold", where, `${there} holders`, `at least ${least}`);
}
