import { expect, it } from "vitest";
import { packAdmitted, unpackAdmitted } from "../../../shared/wire/admitted.ts";
import { refusalOf } from "../../support/refusal.ts";

const bytesOf = (...numbers: number[]) => {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number, true);
  return new Uint8Array(view.buffer);
};
const NONE = 2 ** 32 - 1;

it("is three u32 a client, little-endian: its number, round and attempt, or neither of the two", () => {
  const admitted = [
    { vclient: 7, counted: { round: 0x01020304, attempt: 2 } },
    { vclient: 0, counted: null },
    { vclient: NONE, counted: { round: 0, attempt: 0 } },
  ];
  const bytes = bytesOf(7, 0x01020304, 2, 0, NONE, NONE, NONE, 0, 0);
  expect([...packAdmitted(admitted)]).toEqual([...bytes]);
  const shifted = Buffer.concat([Buffer.alloc(1), bytes]).subarray(1);
  expect(unpackAdmitted(shifted, "host 1")).toEqual(admitted);
});

it("is whole, of distinct clients, at most 16,384, and never of half an attempt", () => {
  const bad = [
    Buffer.alloc(11),
    Buffer.alloc(12 * 16_385),
    bytesOf(5, 0, 0, 5, 1, 0),
    bytesOf(5, NONE, 0),
    bytesOf(5, 0, NONE),
  ];
  expect(bad.map((bytes) => refusalOf(() => unpackAdmitted(bytes, "host 1")))).toEqual(
    Array(5).fill("client.numbers"),
  );
});
