import { hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  agreed,
  agreementKey,
  freshAgreementKey,
  isAgreementKey,
  publicKeyOf,
} from "../../../shared/secagg/agreement-keys.ts";
import {
  hkdf,
  packetKey,
  packetSecrets,
  pairSeed,
  selfSeed,
} from "../../../shared/secagg/derived-keys.ts";

const hex = (text: string) => Buffer.from(text, "hex");

describe("freshAgreementKey", () => {
  it("hands out the private half of its pair, another one each time", () => {
    const made = Array.from({ length: 20 }, freshAgreementKey);
    for (const { pair, secret } of made) {
      expect(secret).toHaveLength(32);
      expect(agreementKey(secret).publicKey).toEqual(pair.publicKey);
      const peer = agreementKey(Buffer.alloc(32, 5));
      const ours = agreed(pair.privateKey, publicKeyOf(peer.publicKey));
      expect(ours).toEqual(agreed(peer.privateKey, publicKeyOf(pair.publicKey)));
    }
    expect(new Set(made.map(({ secret }) => secret.toString("hex"))).size).toBe(20);
  });
});

describe("isAgreementKey", () => {
  it("takes what honest clients publish", () => {
    for (let byte = 0; byte < 20; byte++) {
      expect(isAgreementKey(agreementKey(Buffer.alloc(32, byte)).publicKey)).toBe(true);
    }
  });

  // The points whose order divides 8, by https://cr.yp.to/ecdh.html; every secret takes them to 0.
  it.each([
    ["0", "00".repeat(32)],
    ["1", `01${"00".repeat(31)}`],
    ["of order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"],
    ["of order 8, the other", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"],
    ["-1", `ec${"ff".repeat(30)}7f`],
  ])("input auth: the X25519 point %s → no key", (_, point) => {
    const { privateKey } = agreementKey(Buffer.alloc(32, 7));
    expect(() => agreed(privateKey, publicKeyOf(hex(point)))).toThrow();
    expect(isAgreementKey(hex(point))).toBe(false);
  });

  it("refuses a second text of a key: unreduced, or with the bit on that is ignored", () => {
    const { publicKey } = agreementKey(Buffer.alloc(32, 7));
    const same = Buffer.from(publicKey);
    same[31] = (same[31] ?? 0) | 0x80;
    const { privateKey } = agreementKey(Buffer.alloc(32, 9));
    expect(agreed(privateKey, publicKeyOf(same))).toEqual(
      agreed(privateKey, publicKeyOf(publicKey)),
    );
    expect(isAgreementKey(same)).toBe(false);
    // p + 9 is the base point once more; p - 2 is the largest that is not of small order.
    expect(isAgreementKey(hex(`f6${"ff".repeat(30)}7f`))).toBe(false);
    expect(isAgreementKey(hex(`eb${"ff".repeat(30)}7f`))).toBe(true);
    expect(isAgreementKey(hex(`09${"00".repeat(31)}`))).toBe(true);
  });

  it.each([0, 31, 33])("refuses %d bytes", (length) => {
    expect(isAgreementKey(Buffer.alloc(length, 9))).toBe(false);
  });
});

describe("derived keys", () => {
  const [secret, context] = [Buffer.alloc(32, 3), Buffer.alloc(32, 5)];

  it.each([1, 32, 33, 44, 100])("are those of HKDF, %d bytes of them", (bytes) => {
    const info = Buffer.from("some label");
    expect(hkdf(secret, context, info, bytes)).toEqual(
      Buffer.from(hkdfSync("sha256", secret, context, info, bytes)),
    );
  });

  it("differ by use, direction, client and context", () => {
    const other = Buffer.alloc(32, 6);
    const secrets = packetSecrets(secret, context, 1, 2);
    expect(packetSecrets(secret, context, 2, 1)).toEqual(secrets);
    const all = [
      pairSeed(secret, context, 1, 2),
      pairSeed(secret, context, 1, 3),
      pairSeed(secret, other, 1, 2),
      selfSeed(secret, context, 1),
      selfSeed(secret, context, 2),
      selfSeed(secret, other, 1),
      packetKey(secrets, 1, 2).key,
      packetKey(secrets, 2, 1).key,
      packetKey(packetSecrets(secret, other, 1, 2), 1, 2).key,
    ];
    expect(new Set(all.map((key) => key.toString("hex"))).size).toBe(all.length);
  });
});
