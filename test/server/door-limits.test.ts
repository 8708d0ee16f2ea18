/** The door's numbers, by a clock of the test's own. */
import { beforeEach, expect, it } from "vitest";
import { DoorLimits } from "../../server/door-limits.ts";

let now = 0;
let sockets = 0;
beforeEach(() => {
  now = 0;
});
const door = (ownHosts = 0) =>
  new DoorLimits({
    clock: () => now,
    timing: { failureWindowMs: 60_000, banMs: 60_000 },
    ownHosts,
    isOwn: (address) => address === "own",
  });

/** Connects and asks for a WebSocket; undefined: turned away. */
function come(limits: DoorLimits, address: string): string | undefined {
  const id = `socket ${sockets++}`;
  limits.connected(id, address);
  return limits.enter(id) ? id : undefined;
}

it("lets 8 strangers of an address in, and 16 in all; whoever has shown a key or is gone makes room", () => {
  const limits = door();
  const first = Array.from({ length: 9 }, () => come(limits, "1"));
  expect(first.map((id) => id !== undefined)).toEqual([...new Array(8).fill(true), false]);
  now = 1_000;
  const second = Array.from({ length: 8 }, () => come(limits, "2"));
  expect(second.every((id) => id !== undefined)).toBe(true);
  expect(come(limits, "3")).toBeUndefined();
  limits.known(first[0] ?? "");
  now = 2_000;
  expect(come(limits, "3")).toBeDefined();
  expect(come(limits, "3")).toBeUndefined();
  limits.gone(second[0] ?? "");
  expect(come(limits, "3")).toBeDefined();
});

it("lets 20 a second in, and 20 at once after a pause however long", () => {
  const limits = door();
  const shown = (address: string) => {
    const id = `of ${address} ${sockets++}`;
    limits.connected(id, address);
    const isIn = limits.enter(id);
    if (isIn) limits.known(id);
    else limits.gone(id);
    return isIn;
  };
  const many = (count: number) => Array.from({ length: count }, () => shown("1")).filter(Boolean);
  expect(many(30)).toHaveLength(20);
  now += 250;
  expect(many(30)).toHaveLength(5);
  now += 3_600_000;
  expect(many(30)).toHaveLength(20);
});

it("has room for our own hosts on top of every number", () => {
  const limits = door(30);
  expect(Array.from({ length: 60 }, () => come(limits, "own")).filter(Boolean)).toHaveLength(38);
});

it("refuses an address for a minute after five failures within one", () => {
  const limits = door();
  const fail = (address: string) => {
    const id = come(limits, address) ?? "";
    limits.failed(id);
    limits.gone(id);
  };
  for (const at of [0, 10_000, 20_000, 30_000]) {
    now = at;
    fail("1");
  }
  expect(limits.isBanned("1")).toBe(false);
  // The first is a minute ago, and counts no more.
  now = 60_000;
  fail("1");
  expect(limits.isBanned("1")).toBe(false);
  now = 61_000;
  fail("1");
  expect(limits.isBanned("1")).toBe(true);
  expect(limits.isBanned("2")).toBe(false);
  now = 120_999;
  expect(limits.isBanned("1")).toBe(true);
  now = 121_000;
  expect(limits.isBanned("1")).toBe(false);
});

it("lets no stranger have our own hosts refused", () => {
  const limits = door(1);
  for (let i = 0; i < 9; i++) limits.failed(come(limits, "own") ?? "");
  expect(limits.isBanned("own")).toBe(false);
});

it("holds no more than 64 connections that have asked for nothing, 32 of one address", () => {
  const limits = door();
  const held = (address: string) =>
    Array.from({ length: 40 }, (_, i) => limits.connected(`${address} idle ${i}`, address));
  expect(held("1").filter(Boolean)).toHaveLength(32);
  expect(held("2").filter(Boolean)).toHaveLength(32);
  expect(limits.connected("next", "3")).toBe(false);
  limits.gone("1 idle 3");
  expect(limits.connected("next", "3")).toBe(true);
});
