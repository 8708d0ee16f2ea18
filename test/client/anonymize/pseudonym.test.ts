import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pseudonymizer } from "../../../client/anonymize/pseudonym.ts";
import type { ContractColumn } from "../../../shared/contract/contract.ts";

type Column = Extract<ContractColumn, { role: "directIdentifier" }>;
type Bytes = Uint8Array<ArrayBuffer>;

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const utf8 = (text: string) => Uint8Array.from(Buffer.from(text));
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");
const sha256 = (...parts: Bytes[]) =>
  Uint8Array.from(createHash("sha256").update(Buffer.concat(parts)).digest());

/** RFC 2104 by its definition, from the digest alone. */
function hmac(key: Bytes, message: Bytes): Bytes {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const pad = (byte: number) => block.map((one) => one ^ byte);
  return sha256(pad(0x5c), sha256(pad(0x36), message));
}

/** RFC 5869, section 2. */
function hkdf(secret: Bytes, salt: Bytes, info: Bytes, length: number): Bytes {
  const prk = hmac(salt, secret);
  const blocks: Bytes[] = [];
  for (let i = 1; 32 * blocks.length < length; i++) {
    const last = blocks.at(-1) ?? new Uint8Array();
    blocks.push(hmac(prk, Uint8Array.from([...last, ...info, i])));
  }
  return Uint8Array.from(Buffer.concat(blocks)).slice(0, length);
}

const COLUMN: Column = {
  name: "email",
  from: "E-Mail",
  role: "directIdentifier",
  action: "pseudonym",
  identifier: "text",
  dropAfterJoin: true,
};
const MASTER = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 3);
const HASH = sha256(utf8("a contract"));

async function pseudonym(
  cell: string,
  column: Partial<Column> = {},
  master: Uint8Array = MASTER,
  hash = HASH,
): Promise<string> {
  const pseudonymize = await pseudonymizer({ ...COLUMN, ...column }, master, hash);
  return pseudonymize(cell, "people.csv, line 3, email");
}

describe("the oracle", () => {
  it("is HMAC-SHA-256 as RFC 4231 gives it, cases 1, 2 and 6", () => {
    expect(hex(hmac(bytes("0b".repeat(20)), utf8("Hi There")))).toBe(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
    expect(hex(hmac(utf8("Jefe"), utf8("what do ya want for nothing?")))).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    const long = utf8("Test Using Larger Than Block-Size Key - Hash Key First");
    expect(hex(hmac(bytes("aa".repeat(131)), long))).toBe(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
  });

  it("is HKDF-SHA-256 as RFC 5869 gives it, cases A.1 and A.3", () => {
    const secret = bytes("0b".repeat(22));
    const salt = bytes("000102030405060708090a0b0c");
    expect(hex(hkdf(secret, salt, bytes("f0f1f2f3f4f5f6f7f8f9"), 42))).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    expect(hex(hkdf(secret, bytes(""), bytes(""), 42))).toBe(
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    );
  });
});

describe("pseudonymizer", () => {
  it("is the first 128 bits of an HMAC under the column's own key", async () => {
    for (const text of ["anna.nowak@example.com", "3", "Zoë"]) {
      const key = hkdf(MASTER, HASH, utf8("murmur/anon/v1|email"), 32);
      expect(await pseudonym(text)).toBe(hex(hmac(key, utf8(text)).slice(0, 16)));
    }
  });

  it("differs by column, by client and by contract, and is the same within one", async () => {
    const all = await Promise.all([
      pseudonym("ann"),
      pseudonym("ann", { name: "login" }),
      pseudonym(
        "ann",
        {},
        MASTER.map((byte) => byte ^ 1),
      ),
      pseudonym("ann", {}, MASTER, sha256(utf8("another contract"))),
      pseudonym("Ann"),
    ]);
    expect(new Set(all).size).toBe(5);
    expect(await pseudonym("ann")).toBe(all[0]);
    expect(await pseudonym("ann", { from: "mail" })).toBe(all[0]);
  });

  it.each<[Column["identifier"], string, string]>([
    ["text", "Zo\u0308e ", "Zöe"],
    ["email", "Ann@Example.COM", "Ann@example.com"],
    ["email", '"a@b"@EXAMPLE.com', '"a@b"@example.com'],
    ["phone", "+33 6 12 34 56 78", "+33612345678"],
    ["phone", "+33 (0)6-12-34-56-78", "+33612345678"],
    ["phone", "06 12", "0612"],
  ])("takes two spellings of one %s for one", async (identifier, a, b) => {
    expect(await pseudonym(a, { identifier })).toBe(await pseudonym(b, { identifier }));
  });

  it.each<[Column["identifier"], string, string]>([
    ["text", "Ann", "ann"],
    ["email", "Ann@example.com", "ann@example.com"],
    ["email", "No Address", "no address"],
    ["email", "no addresS", "no address"],
    ["phone", "+33612345678", "+33612345679"],
  ])("keeps two of %s apart that may be two people", async (identifier, a, b) => {
    expect(await pseudonym(a, { identifier })).not.toBe(await pseudonym(b, { identifier }));
  });

  it.each([
    ["no key", new Uint8Array()],
    ["248 bits", MASTER.slice(1)],
    ["one byte, repeated", new Uint8Array(32).fill(9)],
    ["one byte, repeated for long", new Uint8Array(64)],
  ])("refuses %s", async (_, master) => {
    await expect(pseudonym("ann", {}, master)).rejects.toThrow(/^weakKey \(the master key/);
  });

  it("tells nothing of a weak key", async () => {
    const weak = utf8("correct horse battery staple");
    await expect(pseudonym("ann", {}, weak)).rejects.not.toThrow("horse");
    await expect(pseudonym("ann", {}, weak)).rejects.not.toThrow(hex(weak));
  });

  it.each(["", "  ", "\t"])("refuses %j, which names nobody", async (cell) => {
    const made = pseudonym(cell);
    await expect(made).rejects.toThrow("data.missingIdentifier (people.csv, line 3, email)");
  });
});
