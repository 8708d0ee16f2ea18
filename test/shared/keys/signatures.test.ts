import crypto, { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, it } from "vitest";
import { rawPublicKey } from "../../../shared/keys/raw-keys.ts";
import { signed, verified } from "../../../shared/keys/signatures.ts";

const fresh = (): KeyObject => generateKeyPairSync("ed25519").privateKey;
const message = Buffer.from("the keys of a client");

it("takes what node's verify takes, of a signature made here, elsewhere, and judged twice", () => {
  const key = fresh();
  const elsewhere = crypto.sign(null, Buffer.from("another"), key);
  const here = signed(message, key);
  expect(here).toEqual(crypto.sign(null, message, key));
  expect(verified(message, rawPublicKey(key), here)).toBe(true);
  expect(verified(message, rawPublicKey(key), here)).toBe(true);
  expect(verified(Buffer.from("another"), rawPublicKey(key), elsewhere)).toBe(true);
});

it("refuses a signature made here over another message, under another key, or with another bit", () => {
  const [key, other] = [fresh(), fresh()];
  const public_ = rawPublicKey(key);
  expect(verified(Buffer.from("other keys"), public_, signed(message, key))).toBe(false);
  expect(verified(message, rawPublicKey(other), signed(message, key))).toBe(false);
  const bent = signed(message, key);
  bent[3] = (bent[3] ?? 0) ^ 1;
  expect(verified(message, public_, bent)).toBe(false);
  // Whose public half it is said to be is not asked: it is the private key's own.
  expect(verified(message, rawPublicKey(other), signed(message, key))).toBe(false);
});

it("judges all of many rightly, though it forgets the oldest that it made", () => {
  const key = fresh();
  const of = (i: number) => Buffer.from(`message ${i}`);
  const all = Array.from({ length: 2_050 }, (_, i) => signed(of(i), key));
  const judged = (i: number, name: number) =>
    verified(of(name), rawPublicKey(key), all[i] ?? Buffer.alloc(64));
  expect([judged(0, 0), judged(2_049, 2_049)]).toEqual([true, true]);
  expect([judged(1, 2), judged(2_048, 2)]).toEqual([false, false]);
});
