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
    const id = come(limits, address);
    if (id !== undefined) limits.known(id);
    return id !== undefined;
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

it("holds no more than 64 connections that have asked for nothing", () => {
  const limits = door();
  const held = Array.from({ length: 65 }, (_, i) => limits.connected(`idle ${i}`, "1"));
  expect(held.filter(Boolean)).toHaveLength(64);
  limits.gone("idle 3");
  expect(limits.connected("next", "1")).toBe(true);
});
