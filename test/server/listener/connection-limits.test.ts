/** The door's numbers, by a clock of the test's own. */
import { beforeEach, expect, it } from "vitest";
import { ConnectionLimits, networkOf } from "../../../server/listener/connection-limits.ts";

let now = 0;
let sockets = 0;
beforeEach(() => {
  now = 0;
});
const door = (ownHosts = 0) =>
  new ConnectionLimits({
    clock: () => now,
    timing: { failureWindowMs: 60_000, banMs: 60_000 },
    ownHosts,
    isOwn: (address) => address === "own",
  });

/** Connects and asks for a WebSocket; those that must go for it are gone. */
function come(limits: ConnectionLimits, address: string) {
  const id = `${address} ${sockets++}`;
  for (const other of limits.connected(id, address)) limits.gone(other);
  const evicted = limits.enter(id);
  for (const other of evicted ?? []) limits.gone(other);
  return { id, evicted };
}
const comers = (limits: ConnectionLimits, address: string, count: number) =>
  Array.from({ length: count }, () => come(limits, address));

it("keeps 8 strangers of an address, and 16 in all: the oldest of whoever has most goes for the next", () => {
  const limits = door();
  const first = comers(limits, "1", 8);
  expect(first.map(({ evicted }) => evicted)).toEqual(new Array(8).fill([]));
  expect(come(limits, "1").evicted).toEqual([first[0]?.id]);
  expect(comers(limits, "2", 8).flatMap(({ evicted }) => evicted)).toEqual([]);
  // Full; one more is let in all the same, and again.
  expect(come(limits, "3").evicted).toEqual([first[1]?.id]);
  const [, , , second] = first;
  limits.known(second?.id ?? "");
  expect(come(limits, "4").evicted).toEqual([]);
});

it("cannot be shut by whoever holds every place, however fast they come back", () => {
  const limits = door();
  for (const address of ["1", "2"]) comers(limits, address, 8);
  const { id } = come(limits, "3");
  const gone: string[] = [];
  for (let i = 0; i < 200; i++) {
    now += 60;
    for (const address of ["1", "2"]) gone.push(...(come(limits, address).evicted ?? []));
  }
  expect(gone.length).toBeGreaterThan(300);
  // Crowds push out their own, not the one that is slow to show its key.
  expect(gone).not.toContain(id);
  expect(limits.connected("pending", "3")).toEqual([]);
});

it("keeps places for addresses from which somebody has shown a key", () => {
  const limits = door();
  limits.known(come(limits, "friend").id);
  // As many addresses as there are places, each with one: of them no oldest is the friend's.
  for (let i = 0; i < 40; i++) come(limits, `stranger ${i}`);
  const { id, evicted } = come(limits, "friend");
  expect(evicted).toEqual([]);
  const gone = Array.from({ length: 100 }, (_, i) => {
    now += 10;
    return come(limits, `other ${i}`).evicted ?? [];
  }).flat();
  expect(gone.length).toBeGreaterThan(90);
  expect(gone).not.toContain(id);
  // Nor is it refused for wrong proofs: others may sit behind it, and guess.
  for (let i = 0; i < 9; i++) limits.failed(come(limits, "friend").id);
  expect(limits.isBanned("friend")).toBe(false);
});

it("lets nobody's haste use up another address's entries", () => {
  const limits = door();
  const fast = comers(limits, "1", 60).concat(comers(limits, "2", 60));
  expect(fast.filter(({ evicted }) => evicted === undefined)).toHaveLength(80);
  expect(come(limits, "3").evicted).toBeDefined();
});

it("lets 20 a second in, and 20 at once after a pause however long", () => {
  const limits = door();
  const shown = (address: string) => {
    const id = `of ${address} ${sockets++}`;
    limits.connected(id, address);
    const isIn = limits.enter(id) !== undefined;
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
  const stay = comers(limits, "own", 45).filter(({ evicted }) => evicted?.length === 0);
  expect(stay).toHaveLength(38);
});

it("refuses an address for a minute after five failures within one", () => {
  const limits = door();
  const fail = (address: string) => {
    const { id } = come(limits, address);
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
  for (let i = 0; i < 9; i++) limits.failed(come(limits, "own").id);
  expect(limits.isBanned("own")).toBe(false);
});

it("holds no more than 64 connections that have asked for nothing, 32 of one address", () => {
  const limits = door();
  const evicted = (address: string, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const gone = limits.connected(`${address} idle ${i}`, address);
      for (const id of gone) limits.gone(id);
      return gone;
    }).flat();
  expect(evicted("1", 40)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `1 idle ${i}`));
  expect(evicted("2", 32)).toEqual([]);
  expect(limits.connected("next", "3")).toEqual(["1 idle 8"]);
  limits.gone("1 idle 8");
  limits.gone("1 idle 9");
  expect(limits.connected("after", "3")).toEqual([]);
});

it("takes for one what one owner is given: an IPv4 address in either writing, 64 bits of IPv6", () => {
  expect(networkOf("192.0.2.7")).toBe("192.0.2.7");
  expect(networkOf("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(networkOf("2001:db8:0:1::7")).toBe("2001:db8:0:1::/64");
  expect(networkOf("2001:db8:0:1:aaaa:bbbb:cccc:dddd")).toBe("2001:db8:0:1::/64");
  expect(networkOf("2001:db8::7")).toBe("2001:db8:0:0::/64");
  expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(networkOf("64:ff9b::192.0.2.7")).toBe("64:ff9b:0:0::/64");
  expect(networkOf("::1")).toBe("::1");
});
