import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { agreed, agreementKey, publicKeyOf } from "../../../shared/secagg/agreement-keys.ts";
import { attemptContext } from "../../../shared/secagg/attempt-context.ts";
import {
  packetKey,
  packetSecrets,
  pairSeed,
  selfSeed,
} from "../../../shared/secagg/derived-keys.ts";
import { ringNeighbours, ringOrder } from "../../../shared/secagg/mask-graph.ts";
import { addMasks } from "../../../shared/secagg/masks.ts";
import { openPacket, sealPacket } from "../../../shared/secagg/share-packets.ts";
import { combineShares, splitSecret, weightsAtZero } from "../../../shared/secagg/shares.ts";
import {
  areSignedKeys,
  areSignedSurvivors,
  keyListHash,
  signKeys,
  signSurvivors,
  survivorsMessage,
} from "../../../shared/secagg/signed-steps.ts";
import { type GoldenAttempt, goldenAttempts, goldenSecagg } from "../../support/secagg-vectors.ts";
import { coefficientsOf } from "../../support/shamir-oracle.ts";

/** A mask by itself. */
function words(seed: Buffer, count: number): Uint32Array {
  const mask = new Uint32Array(count);
  addMasks(mask, [seed], []);
  return mask;
}

const clientsOf = ({ clients }: GoldenAttempt) => clients;
const advertisementOf = (client: GoldenAttempt["clients"][number]) => ({
  client: client.index,
  cipherKey: client.c_pk,
  maskKey: client.s_pk,
  signature: client.advertise_sig,
});

describe.each(goldenAttempts)("golden attempt $label", (golden) => {
  const { ctx } = golden;

  it("has the context of its run, round, attempt and plan", () => {
    const { runId, round, attempt, paramsHash: planHash } = golden;
    expect(attemptContext({ runId, round, attempt, planHash })).toEqual(ctx);
  });

  it("has its clients' public keys, self masks and signed keys", () => {
    for (const client of clientsOf(golden)) {
      expect(agreementKey(client.c_sk).publicKey).toEqual(client.c_pk);
      expect(agreementKey(client.s_sk).publicKey).toEqual(client.s_pk);
      expect(selfSeed(client.b, ctx, client.index)).toEqual(client.self_seed);
      expect([...words(client.self_seed, 8)]).toEqual(client.self_words);
      const identity = signingKey(client.ed25519_seed);
      expect(identity.publicKey).toEqual(client.ed25519_pk);
      const advertisement = advertisementOf(client);
      expect(signKeys(advertisement, ctx, identity)).toEqual(advertisement);
      expect(areSignedKeys(advertisement, ctx, client.ed25519_pk)).toBe(true);
    }
  });

  it("has the mask of each pair, the same from both ends", () => {
    for (const { u, v, ecdh, seed, words: first, sha256_16KiB: sha } of golden.pairwise) {
      const [one, other] = [golden.clients[u], golden.clients[v]];
      if (!one || !other) throw new Error("no such pair");
      expect(agreed(agreementKey(one.s_sk).privateKey, publicKeyOf(other.s_pk))).toEqual(ecdh);
      expect(agreed(agreementKey(other.s_sk).privateKey, publicKeyOf(one.s_pk))).toEqual(ecdh);
      expect(pairSeed(ecdh, ctx, u, v)).toEqual(seed);
      expect(pairSeed(ecdh, ctx, v, u)).toEqual(seed);
      const mask = words(seed, 4096);
      expect([...mask.subarray(0, 8)]).toEqual(first);
      expect(createHash("sha256").update(mask).digest("hex")).toBe(sha);
    }
  });

  const thresholds = Object.entries(golden.thresholds);
  it.each(thresholds)("has shares that open at %s of them", (t, { holders, ...shares }) => {
    const threshold = Number(t);
    for (const [owner, client] of golden.clients.entries()) {
      for (const [secret, all] of [
        [client.b, shares.shares_b[owner] ?? []],
        [client.s_sk, shares.shares_s[owner] ?? []],
      ] as const) {
        // Nobody was left out, so that rank + 1 is the place.
        expect(all.map((share) => share[32])).toEqual(holders[owner]?.map((_, i) => i + 1));
        const places = all.map((share) => share[32] ?? 0);
        for (const first of [0, all.length - threshold]) {
          const some = all.slice(first, first + threshold);
          const weights = weightsAtZero(places.slice(first, first + threshold));
          expect(combineShares(some, weights)).toEqual(secret);
        }
        // Split by the vector's own coefficients, all of its shares come out again.
        const coefficients = coefficientsOf(all.slice(0, threshold));
        expect(splitSecret(secret, threshold, places, () => coefficients)).toEqual(all);
      }
    }
  });

  it("has its survivors, signed", () => {
    for (const {
      survivors,
      survivors_msg_sha256: hashes,
      survivor_sigs: signatures,
    } of golden.cases) {
      const roster = golden.clients.map((client) => client.ed25519_pk);
      const listHash = keyListHash(roster, golden.clients.map(advertisementOf));
      expect(listHash).toEqual(golden.list_sha256);
      const told = { context: ctx, listHash, survivors };
      for (const { index: u, ed25519_seed: seed, ed25519_pk: key } of golden.clients) {
        if (!survivors.includes(u)) continue;
        const message = survivorsMessage(u, told);
        expect(createHash("sha256").update(message).digest("hex")).toBe(hashes[u]);
        const signature = signSurvivors(u, told, signingKey(seed));
        expect(signature).toEqual(signatures[u]);
        const isSigned = (bent: object, client = u) =>
          areSignedSurvivors({ client, signature }, { ...told, ...bent }, key);
        expect(isSigned({})).toBe(true);
        expect(isSigned({ survivors: [...survivors, 99] })).toBe(false);
        expect(isSigned({ listHash: Buffer.alloc(32) })).toBe(false);
        // One owner's clients share a key: each signs for its own place.
        expect(isSigned({}, u + 1)).toBe(false);
      }
    }
  });
});

it("golden ring follows from the keys of all", () => {
  const { clients, ctx, graph } = goldenSecagg.sparse;
  const members = clients.map(advertisementOf);
  expect(ringOrder(members, ctx)).toEqual(graph?.permutation);
  const neighbours = ringNeighbours(members, graph?.k ?? 0, ctx);
  expect(members.map(({ client }) => neighbours.get(client))).toEqual(graph?.neighbours);
});

const sealedIn = goldenAttempts.flatMap(({ share_packet: packet, ctx, clients }) => {
  const [from, to] = [clients[packet?.u ?? 0], clients[packet?.v ?? 0]];
  return packet && from && to ? [{ ...packet, ctx, from, to }] : [];
});

it.each(sealedIn)("golden packet from $u to $v is sealed, and opened, to the byte", (packet) => {
  const { u, v, ctx, from, to, plaintext } = packet;
  const secret = agreed(agreementKey(from.c_sk).privateKey, publicKeyOf(to.c_pk));
  const secrets = packetSecrets(secret, ctx, u, v);
  expect(packetKey(secrets, u, v)).toEqual({ key: packet.key, nonce: packet.nonce });
  const pair = { maskKey: plaintext.subarray(8, 41), selfMask: plaintext.subarray(41) };
  expect(sealPacket(pair, secrets, ctx, u, v)).toEqual(packet.ciphertext_tag);
  expect(openPacket(packet.ciphertext_tag, secrets, ctx, u, v, plaintext[40] ?? 0)).toEqual(pair);
});

describe("golden shamir_negative", () => {
  const { t, client, t_minus_1_gives: wrong } = goldenSecagg.shamir_negative;
  const { clients, thresholds } = goldenSecagg.protocol;
  const shares = thresholds[t]?.shares_s[client]?.slice(0, t - 1) ?? [];

  it("has what one share too few gives, whose public key is another", () => {
    const got = combineShares(shares, weightsAtZero(shares.map((share) => share[32] ?? 0)));
    expect(got).toEqual(wrong);
    expect(agreementKey(got).publicKey).not.toEqual(clients[client]?.s_pk);
  });
});
