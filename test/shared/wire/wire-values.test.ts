import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../shared/wire/protocol.ts";
import {
  fromWire,
  hashFromWire,
  hashToWire,
  packNames,
  packNumbers,
  toWire,
  unpackNames,
  unpackNumbers,
} from "../../../shared/wire/wire-values.ts";
import { refusalOf } from "../../support/refusal.ts";

describe("bytes", () => {
  it("are base64url without padding (RFC 4648, section 5)", () => {
    const bytes = Uint8Array.of(0, 0xfb, 0xff, 0xfe, 0);
    expect(toWire(bytes.subarray(1, 4))).toBe("-__-");
    expect([...fromWire("-__-")]).toEqual([0xfb, 0xff, 0xfe]);
  });

  it("of a hash are hex on either side of the wire", () => {
    const hash = "00ff".repeat(16);
    expect(hashToWire(hash)).toHaveLength(43);
    expect(hashFromWire(hashToWire(hash))).toBe(hash);
  });
});

describe("names", () => {
  const unpack = (list: unknown) => unpackNames(Buffer.from(JSON.stringify(list)), "host 1");

  it("come back in order", () => {
    const names = ["b", "a", "North_Hospital-2.x", "0".repeat(60)];
    expect(unpackNames(packNames(names), "host 1")).toEqual(names);
  });

  it("are letters, digits, dots, dashes and underscores only", () => {
    const texts = ["", "../a", "a/b", ".hidden", "a b", "é", "a\n", "x".repeat(61)];
    for (const name of [...texts, null, 3, ["a"], { toString: 1 }]) {
      expect(refusalOf(() => unpack([name]))).toBe("client.names");
    }
  });

  it("are distinct", () => {
    expect(refusalOf(() => unpack(["a", "b", "a"]))).toBe("client.duplicate-name");
  });

  it("are 1 to 16,384, which fit a BLOB at their longest", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `${i}`.padStart(60, "x"));
    expect(unpack(many(16_384))).toHaveLength(16_384);
    expect(packNames(many(16_384)).length).toBeLessThanOrEqual(LIMITS.blob);
    expect([[], many(16_385)].map((list) => refusalOf(() => unpack(list)))).toEqual(
      Array(2).fill("client.names"),
    );
  });

  it("are a list of JSON in UTF-8", () => {
    const bad = [Buffer.from("{"), Buffer.from('"a"'), Buffer.from([0x5b, 0xff, 0x5d])];
    expect(bad.map((bytes) => refusalOf(() => unpackNames(bytes, "host 1")))).toEqual(
      Array(3).fill("client.names"),
    );
  });
});

describe("numbers", () => {
  it("are u32, little-endian", () => {
    const bytes = packNumbers([1, 0x01020304, 2 ** 32 - 1]);
    expect([...bytes]).toEqual([1, 0, 0, 0, 4, 3, 2, 1, 255, 255, 255, 255]);
    const shifted = Buffer.concat([Buffer.alloc(1), bytes]).subarray(1);
    expect(unpackNumbers(shifted, "host 1")).toEqual([1, 0x01020304, 2 ** 32 - 1]);
    expect(unpackNumbers(packNumbers([]), "host 1")).toEqual([]);
  });

  it("are whole, distinct and at most 16,384", () => {
    const bad = [Buffer.alloc(7), packNumbers([5, 9, 5]), Buffer.alloc(4 * 16_385)];
    expect(bad.map((bytes) => refusalOf(() => unpackNumbers(bytes, "host 1")))).toEqual(
      Array(3).fill("client.numbers"),
    );
  });
});
