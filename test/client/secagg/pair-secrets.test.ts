import { randomBytes } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { PairSecrets } from "../../../client/secagg/pair-secrets.ts";
import {
  type AgreementKey,
  agreed,
  freshKeyPair,
  publicKeyOf,
} from "../../../shared/secagg/agreement-keys.ts";
import { confirmationOf, openKeyList } from "../../../shared/secagg/key-list.ts";
import { signKeys, signSurvivors } from "../../../shared/secagg/signed-steps.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { attemptOf, clientsOf, identityKeys } from "../../support/masked-attempt.ts";
import { refusalOf } from "../../support/refusal.ts";

describe("PairSecrets", () => {
  const [alice, bob, carol] = [freshKeyPair(), freshKeyPair(), freshKeyPair()];
  const between = (pairs: PairSecrets, own: AgreementKey, peer: AgreementKey) =>
    pairs.agreed(
      own,
      () => publicKeyOf(peer.publicKey),
      peer.publicKey,
      (secret) => secret,
    );
  const alone = (own: AgreementKey, peer: AgreementKey) =>
    agreed(own.privateKey, publicKeyOf(peer.publicKey));

  it("gives each of a pair what it would agree on by itself, in a buffer of its own", () => {
    const pairs = new PairSecrets();
    for (const key of [alice, bob]) pairs.add(key);
    const first = between(pairs, alice, bob);
    expect(first).toEqual(alone(alice, bob));
    first.fill(0);
    const second = between(pairs, bob, alice);
    expect(second).toEqual(alone(bob, alice));
    second.fill(0);
    // A third time nobody waits: it is worked out again.
    expect(between(pairs, bob, alice)).toEqual(alone(alice, bob));
    expect(between(pairs, alice, carol)).toEqual(alone(alice, carol));
  });

  it("works a pair's secret out once, and reads no key for the second", () => {
    const pairs = new PairSecrets();
    for (const key of [alice, bob]) pairs.add(key);
    const derive = vi.fn((secret: Buffer) => Buffer.from(secret.map((byte) => byte ^ 1)));
    const read = vi.fn((key: AgreementKey) => publicKeyOf(key.publicKey));
    const one = pairs.agreed(alice, () => read(bob), bob.publicKey, derive);
    const other = pairs.agreed(bob, () => read(alice), alice.publicKey, derive);
    expect(other).toEqual(one);
    expect([derive, read].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it("keeps nothing for a client of another host, and forgets what nobody asked for", () => {
    const pairs = new PairSecrets();
    pairs.add(alice);
    const copies: Buffer[] = [];
    const spy = vi.spyOn(Buffer, "from");
    const taken = () => {
      for (const { value } of spy.mock.results) if (value?.length === 32) copies.push(value);
      spy.mockClear();
      return copies.splice(0).filter((bytes) => bytes.equals(alone(alice, carol)));
    };
    between(pairs, alice, carol);
    expect(taken()).toEqual([]);
    pairs.add(carol);
    const secret = between(pairs, alice, carol);
    const [kept] = taken();
    spy.mockRestore();
    expect(kept).toEqual(secret);
    pairs.forgetAll();
    expect(kept).toEqual(Buffer.alloc(32));
  });
});

describe("what a host's own clients have signed", () => {
  const terms = secaggTerms(10, { minCohort: 8, colluders: 1 });
  const everybody = Array.from({ length: 10 }, (_, u) => u);
  const attempt = attemptOf(
    terms,
    everybody.map(() => Int32Array.of(1)),
  );
  const { setup } = attempt;
  const keys = clientsOf(attempt).map((client) => client.advertise());
  const own = new Map(keys.slice(0, 4).map((one) => [one.client, one]));
  const identities = identityKeys(10);

  it("is taken as it was; whatever else stands in its place is looked at", () => {
    expect(openKeyList(keys, setup, own).hash).toEqual(openKeyList(keys, setup).hash);
    const other = freshKeyPair().publicKey;
    for (const bent of [
      { maskKey: other },
      { cipherKey: other },
      { signature: randomBytes(64) },
    ] as const) {
      const list = keys.map((one) => (one.client === 2 ? { ...one, ...bent } : one));
      expect(refusalOf(() => openKeyList(list, setup, own))).toBe("secagg.signature");
    }
    const [identity] = identities.slice(2);
    const signed = keys[2];
    if (!identity || !signed) throw new Error("ten clients");
    const again = signKeys({ ...signed, maskKey: other }, setup.context, identity);
    const list = keys.map((one) => (one.client === 2 ? again : one));
    // Its own, of this attempt, and not what it advertised: that the client itself refuses.
    expect(openKeyList(list, setup, own).keys.get(2)?.advertisement).toBe(again);
  });

  it("counts for the survivors that it was signed for", () => {
    const list = openKeyList(keys, setup, own);
    const told = { context: setup.context, listHash: list.hash, survivors: everybody };
    const signatures = identities.map((identity, client) => ({
      client,
      signature: signSurvivors(client, told, identity),
    }));
    const mine = new Map(signatures.slice(0, 4).map((one) => [one.client, one.signature]));
    const signersOf = (among: typeof signatures) =>
      [...confirmationOf(everybody, among, setup, list, mine).signers].sort((a, b) => a - b);
    expect(signersOf(signatures)).toEqual(everybody);
    const bent = signatures.map((one) =>
      one.client % 4 === 0 ? { ...one, signature: randomBytes(64) } : one,
    );
    expect(signersOf(bent)).toEqual(everybody.filter((client) => client % 4 !== 0));
  });
});
