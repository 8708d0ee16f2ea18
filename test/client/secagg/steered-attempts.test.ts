/** Whole attacks of a coordinator that keeps to no rule, with honest clients' own machines before it. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MaskingClient } from "../../../client/secagg/masking-client.ts";
import { agreed, agreementKey } from "../../../shared/secagg/agreement-keys.ts";
import { packetSecrets } from "../../../shared/secagg/derived-keys.ts";
import { confirmationOf, type KeyList, openKeyList } from "../../../shared/secagg/key-list.ts";
import { sealPacket } from "../../../shared/secagg/share-packets.ts";
import { signKeys, signSurvivors } from "../../../shared/secagg/signed-steps.ts";
import type { AddressedPacket } from "../../../shared/secagg/step-lists.ts";
import { type SecaggTerms, secaggTerms } from "../../../shared/secagg/terms.ts";
import { attemptOf, clientsOf } from "../../support/masked-attempt.ts";
import { refusalOf } from "../../support/refusal.ts";

/** Zeros, and attempts on them. */
const started = (terms: SecaggTerms) =>
  attemptOf(
    terms,
    Array.from({ length: terms.clients }, () => Int32Array.of(0)),
  );

describe("a coordinator that shows two lists", () => {
  it("row 41: of keys, a colluder's own being others in each: gets no shares of either half", () => {
    const terms = secaggTerms(10, { minCohort: 7, colluders: 1 });
    const attempt = started(terms);
    const { setup } = attempt;
    const clients = clientsOf(attempt);
    const at = (u: number) => clients[u] ?? clientOutOf(u);
    const keys = clients.map((client) => client.advertise());
    const [colluder] = attempt.identities;
    if (!colluder) throw new Error("no clients");
    const halves = [
      [1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ].map((told) => {
      // Chosen after the honest keys are known, as often as it likes.
      const [cipher, mask] = [agreementKey(randomBytes(32)), agreementKey(randomBytes(32))];
      const own = { client: 0, cipherKey: cipher.publicKey, maskKey: mask.publicKey };
      const shown = [signKeys(own, setup.context, colluder), ...keys.slice(1)];
      return { told, cipher, list: openKeyList(shown, setup) };
    });
    const sent: AddressedPacket[][] = [];
    for (const { told, list } of halves) for (const u of told) sent[u] = at(u).share(list);
    const everybody = [...clients.keys()];
    for (const { told, cipher, list } of halves)
      for (const u of told) {
        const packet = dummyPacket(list, setup.context, 0, u, cipher);
        at(u).mask([packet, ...inboxOf(sent, u)], Int32Array.of(0));
      }
    const signatures = halves.flatMap(({ told }) =>
      told.map((client) => ({ client, signature: at(client).confirm(everybody) })),
    );
    for (const { told, list } of halves) {
      const signed = { context: setup.context, listHash: list.hash, survivors: everybody };
      const all = [...signatures, { client: 0, signature: signSurvivors(0, signed, colluder) }];
      const confirmation = confirmationOf(everybody, all, setup, list);
      expect([...confirmation.signers].toSorted((a, b) => a - b)).toEqual([0, ...told]);
      for (const u of told)
        expect(refusalOf(() => at(u).unmask(confirmation))).toBe("secagg.signature");
    }
  });

  it("row 41: of survivors, to two halves of 250, with 100 colluders that sign both: gets no shares", () => {
    const terms = secaggTerms(250, { minCohort: 240, colluders: 100 });
    const attempt = started(terms);
    const { setup, identities } = attempt;
    const identityOf = (u: number) => identities[u] ?? clientOutOf(u);
    const secrets = identities.map(() => [
      agreementKey(randomBytes(32)),
      agreementKey(randomBytes(32)),
    ]);
    // Two honest clients, one of each half, with their own machines.
    const victims = [100, 249].map((u) => ({
      u,
      client: new MaskingClient(setup, u, identityOf(u)),
    }));
    const own = new Map(victims.map(({ u, client }) => [u, client.advertise()]));
    const list = openKeyList(
      identities.map((identity, client) => {
        const [cipher, mask] = secrets[client] ?? [];
        if (!cipher || !mask) throw new Error("no keys");
        const keys = { client, cipherKey: cipher.publicKey, maskKey: mask.publicKey };
        return own.get(client) ?? signKeys(keys, setup.context, identity);
      }),
      setup,
    );
    const [ten, others] = [range(101, 111), range(200, 210)];
    const halves = [
      { told: range(100, 175), lost: others },
      { told: range(175, 250), lost: ten },
    ];
    const sent = new Map(victims.map(({ u, client }) => [u, client.share(list)]));
    for (const [i, { u, client }] of victims.entries()) {
      const inbox = list.graph.neighboursOf(u).flatMap((from) => {
        const cipher = secrets[from]?.[0];
        if (!sent.has(from) && cipher) return [dummyPacket(list, setup.context, from, u, cipher)];
        const packet = sent.get(from)?.find((one) => one.client === u);
        return packet ? [{ client: from, sealed: packet.sealed }] : [];
      });
      client.mask(inbox, Int32Array.of(0));
      const { told, lost } = halves[i] ?? { told: [], lost: [] };
      const survivors = range(0, 250).filter((one) => !lost.includes(one));
      const signed = { context: setup.context, listHash: list.hash, survivors };
      client.confirm(survivors);
      const signers = [...range(0, 100), ...told].filter((one) => survivors.includes(one));
      const signatures = signers.map((one) => ({
        client: one,
        signature: signSurvivors(one, signed, identityOf(one)),
      }));
      const confirmation = confirmationOf(survivors, signatures, setup, list);
      // The quorum of before, two thirds and one of 250, is reached by either half.
      expect(confirmation.signers.size).toBeGreaterThanOrEqual(167);
      expect(refusalOf(() => client.unmask(confirmation))).toBe("secagg.signature");
    }
  });
});

function inboxOf(
  sent: readonly (readonly AddressedPacket[] | undefined)[],
  to: number,
): AddressedPacket[] {
  return sent.flatMap((packets, from) =>
    (packets ?? [])
      .filter((packet) => packet.client === to)
      .map(({ sealed }) => ({ client: from, sealed })),
  );
}

/** Shares of nothing, as `from` would seal them: a client sees no more of them than that. */
function dummyPacket(
  list: KeyList,
  context: Buffer,
  from: number,
  to: number,
  cipher: ReturnType<typeof agreementKey>,
): AddressedPacket {
  const peer = list.keys.get(to);
  if (!peer) throw new Error(`no keys of ${to}`);
  const share = Buffer.alloc(33);
  share[32] = list.graph.placeOf(from, to);
  const secret = agreed(cipher.privateKey, peer.cipherKey);
  const pair = { maskKey: share, selfMask: Buffer.from(share) };
  const secrets = packetSecrets(secret, context, from, to);
  return { client: from, sealed: sealPacket(pair, secrets, context, from, to) };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

function clientOutOf(u: number): never {
  throw new Error(`no client ${u}`);
}
