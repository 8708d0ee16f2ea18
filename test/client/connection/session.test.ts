/** Lines that break amid a run (faults.md, section a): who comes back goes on, and counts once. */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterEach, expect, it, vi } from "vitest";
import { backOff } from "../../../client/connection/back-off.ts";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { tokenKey } from "../../../shared/keys/proofs.ts";
import { shortened } from "../../../shared/timing.ts";
import { answerHello } from "../../../shared/wire/handshake.ts";
import { LINK_TIMING, LinkedRun } from "../../support/linked-run.ts";
import { ROOT, scratch } from "../../support/murmur.ts";
import { RoguePeer } from "../../support/rogue-peer.ts";
import { gather } from "../../support/round-clients.ts";

let run: LinkedRun | undefined;
afterEach(async () => {
  await run?.close();
  run = undefined;
});

async function opened(...args: Parameters<typeof LinkedRun.open>): Promise<LinkedRun> {
  run = await LinkedRun.open(...args);
  return run;
}

const one = () => [1, 10];
const two = () => [2, 20];

it("row 30: a partition amid training, then back: kept bytes are put again, and counted once", async () => {
  const linked = await opened(["a", "b"]);
  let trained = 0;
  const a = linked.join("a", async () => {
    trained += 1;
    linked.relay.down();
    // Long enough that the first dials fail.
    setTimeout(() => linked.relay.heal(), 100);
    return [1, 10];
  });
  linked.join("b", two, { direct: true });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(3, 30));
  expect(attempt.survivors).toHaveLength(2);
  expect(trained).toBe(1);
  expect(linked.registry.clients[0]).toMatchObject({ updates: 1, connections: 2, lost: false });
  // Each try is told, with the address.
  expect(a.retries[0]).toMatch(/^127\.0\.0\.2:\d+ 1 /);
  expect(linked.log.join("\n")).toMatch(/a away: .*\na here again$/);
});

it("row 30: cut amid its own update: begun again from its first byte", async () => {
  const linked = await opened(["a"]);
  const a = linked.join("a", () => {
    // It goes alone, in a frame of 64 bytes, with WebSocket's own 70.
    linked.relay.cutAt = linked.relay.passedUp + 40;
    return [1, 10];
  });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(1, 10));
  expect(a.orders).toHaveLength(1);
  expect(linked.registry.clients[0]).toMatchObject({ updates: 1, connections: 2 });
});

it("row 24: half-open socket: dead after the time of silence, then dialled anew", async () => {
  const linked = await opened(["a", "b"]);
  const a = linked.join("a", async () => {
    linked.relay.silence();
    return [1, 10];
  });
  linked.join("b", two, { direct: true });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  // Connections dialled anew pass: what is silent is the first.
  await expect.poll(() => a.retries.length, { timeout: 5_000 }).toBeGreaterThan(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(3, 30));
  expect(a.retries[0]).toContain("silent for 600 ms");
});

it.each([
  ["lost", "drop"],
  ["doubled", "twice"],
  ["swapped", "swap"],
] as const)(
  "row 32: a message %s by a bad proxy, whichever it is: connect again, and the update is counted once",
  async (_, fate) => {
    // A message of the handshake costs that link its peace, not the run. The ninth is the update.
    for (const index of [2, 3, 4, 5, 6, 9]) {
      const linked = await opened(["a"]);
      linked.relay.fate = (direction, i, connection) =>
        direction === "up" && i === index && connection === 0 ? fate : "pass";
      linked.join("a", one, { giveUpAfterMs: 10_000 });
      await linked.registry.joined;
      const { attempt, gathered } = linked.begin(0);
      await gathered;
      expect(attempt.sum, `message ${index}`).toEqual(Int32Array.of(1, 10));
      expect(linked.registry.clients[0]?.updates, `message ${index}`).toBe(1);
      await linked.close();
      run = undefined;
    }
  },
);

it("row 10: a client started again with the same key replaces the old socket, and counts once", async () => {
  const linked = await opened(["a", "b"]);
  const hang = new Promise<number[]>(() => {});
  const first = linked.join("a", () => hang);
  linked.join("b", two);
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  await expect.poll(() => first.orders.length).toBe(1);
  const second = linked.join("a", one);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(3, 30));
  expect(linked.registry.clients[0]).toMatchObject({ updates: 1, connections: 2 });
  // The old one does not come again: two of them would take turns for ever.
  await expect.poll(() => first.session.end?.lost.message).toMatch(/4408 replaced/);
  expect(first.retries).toEqual([]);
  expect(second.session.end).toBeUndefined();
});

it("row 31: a partition of most: nothing is begun until enough are back", async () => {
  const linked = await opened(["a", "b", "c"]);
  const parties = ["a", "b"].map((name) => linked.join(name, one));
  linked.join("c", two, { direct: true });
  await linked.registry.joined;
  expect(await linked.registry.rounds.enough(3)).toBe(true);
  linked.relay.down();
  await expect.poll(() => linked.registry.rounds.present).toEqual([2]);
  const enough = linked.registry.rounds.enough(3);
  expect(linked.log.at(-1)).toBe("waiting for clients: 1 of at least 3 are here");
  linked.relay.heal();
  expect(await enough).toBe(true);
  for (const { session } of parties) expect(session.end).toBeUndefined();
});

it("rows 7, 31: who stays away loses the open attempt, and the next is not begun without it", async () => {
  const timing = { ...LINK_TIMING, rejoinMs: 50, awayMs: 50 };
  const linked = await opened(["a", "b"], "secure", { timing });
  linked.join("a", () => {
    linked.relay.down();
    return [1, 10];
  });
  linked.join("b", two, { direct: true });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  // Not until the time to train is up: its clients are lost to this attempt before.
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(2, 20));
  // Before a first attempt there is a time to come in.
  await expect(linked.registry.rounds.enough(2)).rejects.toThrow(
    "fewer than clients.minCohort = 2 clients came",
  );
  // After it, none.
  expect(await linked.registry.rounds.enough(1)).toBe(true);
  const waits = linked.registry.rounds.enough(2);
  const isOver = vi.fn();
  waits.catch(isOver);
  await wait(4 * timing.rejoinMs);
  expect(isOver).not.toHaveBeenCalled();
  // One whose process has ended is not waited for at all.
  linked.registry.loseClients(["a"], "its process has ended");
  await expect(waits).rejects.toThrow("fewer than clients.minCohort = 2 clients are left");
  expect(linked.log).toContain("waiting for clients: 1 of at least 2 are here");
});

it("row 53: nothing is begun while a socket is silent, though it still looks whole", async () => {
  // Silence is not the end of a socket for as long as this test takes.
  const timing = { ...LINK_TIMING, silenceMs: 60_000 };
  const linked = await opened(["a", "b"], "secure", { timing });
  linked.join("a", one, { timing });
  linked.join("b", two, { direct: true });
  await linked.registry.joined;
  expect(await linked.registry.rounds.enough(2)).toBe(true);
  linked.relay.silence();
  await wait(timing.heartbeatMs);
  const enough = linked.registry.rounds.enough(2);
  const isOver = vi.fn();
  void enough.then(isOver);
  await expect.poll(() => linked.log.at(-1)).toBe("waiting for clients: 1 of at least 2 are here");
  expect(linked.registry.rounds.present).toEqual([0, 1]);
  expect(isOver).not.toHaveBeenCalled();
  linked.relay.cut();
  linked.relay.heal();
  expect(await enough).toBe(true);
});

it("row 54: one that never answers sits out two rounds after the second, and is asked again", async () => {
  const timing = { ...LINK_TIMING, silenceMs: 60_000, trainMs: 60_000 };
  const linked = await opened(["a", "b", "c"], "secure", { timing, sitsOut: true });
  linked.join("a", one, { timing });
  linked.join("b", one, { timing });
  linked.join("c", () => new Promise(() => {}), { timing });
  await linked.registry.joined;
  const asked: string[] = [];
  for (let round = 0; round < 7; round++) {
    const { attempt, gathered } = linked.begin(round);
    asked.push(attempt.asked.includes(2) ? "asked" : "out");
    await expect.poll(() => attempt.survivors.length, { timeout: 20_000 }).toBe(2);
    // With it, the deadline is what ends the round; without it nobody waits for that.
    if (asked.at(-1) === "asked") attempt.close();
    await gathered;
  }
  expect(asked.join(" ")).toBe("asked asked out out asked out out");
  expect(linked.log.filter((line) => line.startsWith("c did not answer"))).toEqual([
    "c did not answer in 2 rounds: not asked in the next 2",
    "c did not answer in 3 rounds: not asked in the next 4",
  ]);
});

it("row 9: a whole host of a thousand clients dies as a thousand drop-outs, in one line", async () => {
  const linked = await opened(["a"], "secure", {
    each: 1_000,
    timing: { ...LINK_TIMING, awayMs: 50 },
  });
  linked.join("a", () => new Promise(() => {}), { each: 1_000 });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  linked.relay.down();
  await gathered;
  expect(attempt.survivors).toEqual([]);
  expect(linked.log.filter((line) => line.includes("away"))).toEqual([
    expect.stringMatching(/^a-1 to a-1000, 1000 clients, away: /),
  ]);
});

it("row 29: an upload that crawls is late at the deadline, and the run goes on without it", async () => {
  const timing = { ...LINK_TIMING, trainMs: 400 };
  const linked = await opened(["a", "b"], "secure", { timing });
  linked.join("a", () => {
    linked.relay.upPerTick = 1;
    return [1, 10];
  });
  linked.join("b", two, { direct: true });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(2, 20));
});

it("row 36: a model with NaN in it: the client refuses it, and says so", async () => {
  const linked = await opened(["a"]);
  const a = linked.join("a", one);
  await linked.registry.joined;
  const { registry } = linked;
  const attempt = new Attempt(0, 0, registry.rounds.present, linked.sealed.model.parameters);
  const parameters = Float32Array.of(1, Number.NaN);
  await gather(registry.rounds, attempt, { task: "train", parameters, clipNorm: 0.5 });
  await a.ended;
  expect(a.session.end?.lost.message).toContain("model.non-finite");
  expect(a.orders).toEqual([]);
  expect(attempt.survivors).toEqual([]);
});

it("row 44: the clock is set a day back, then two days on, amid a round: nobody is lost", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const linked = await opened(["a", "b"]);
    const day = 86_400_000;
    linked.join("a", async () => {
      vi.setSystemTime(Date.now() - day);
      await new Promise((resolve) => setTimeout(resolve, 300));
      vi.setSystemTime(Date.now() + 2 * day);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return [1, 10];
    });
    linked.join("b", two);
    await linked.registry.joined;
    const { attempt, gathered } = linked.begin(0);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(3, 30));
    expect(linked.log.filter((line) => line.includes("away"))).toEqual([]);
    for (const { connections } of linked.registry.clients) expect(connections).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

/** A client in a thread of its own, whose event loop its training blocks. */
const BUSY = `
const { workerData, parentPort } = require("node:worker_threads");
const { root, address, timing, privacy, busyMs } = workerData;
(async () => {
  const { Session } = await import(root + "/dist/parts/session.js");
  const session = new Session(address, timing, {});
  await session.ready(["a"], privacy);
  const { work } = session;
  for (let order = await work.next(); order; order = await work.next()) {
    const end = performance.now() + busyMs;
    while (performance.now() < end);
    for (const vclient of order.cohort) await work.send(order, vclient, Int32Array.of(1, 10));
  }
})();
`;

it("row 45: a loop that training blocks for longer than the silence: away, the others go on, and back", async () => {
  // Before anything of it is sent: it is not waited for as long as it is busy.
  const linked = await opened(["a", "b"], "secure", { timing: { ...LINK_TIMING, awayMs: 200 } });
  const { registry, sealed, keys } = linked;
  const address = {
    audience: registry.audience,
    credentials: { key: keys.get("a"), token: undefined },
    serverKey: registry.serverKey.publicKey,
    planHash: undefined,
  };
  const { privacy } = sealed.plan;
  const worker = new Worker(BUSY, {
    eval: true,
    workerData: { root: ROOT, address, timing: LINK_TIMING, privacy, busyMs: 1_800 },
  });
  try {
    linked.join("b", two, { direct: true });
    await registry.joined;
    const { attempt, gathered } = linked.begin(0);
    await gathered;
    expect(attempt.sum).toEqual(Int32Array.of(2, 20));
    expect(linked.log.join("\n")).toMatch(/a away: .*silent/);
    await expect.poll(() => linked.log.at(-1), { timeout: 5_000 }).toBe("a here again");
  } finally {
    await worker.terminate();
  }
});

it("under secure noise declines what it has sent and the coordinator has lost; under seeded noise makes it again", async () => {
  for (const noise of ["secure", "seeded"] as const) {
    const linked = await opened(["a"], noise);
    const a = linked.join("a", one);
    await linked.registry.joined;
    await linked.begin(0).gathered;
    // As a coordinator that lost its memory would: the same attempt, nothing counted.
    const { attempt, gathered } = linked.begin(0);
    await gathered;
    expect(attempt.survivors, noise).toEqual(noise === "secure" ? [] : [0]);
    expect(a.orders.length, noise).toBe(noise === "secure" ? 1 : 2);
    await linked.close();
    run = undefined;
  }
});

it("row 17: a coordinator that goes on from an older checkpoint gets a seeded round's bytes again, no secure one's", async () => {
  for (const noise of ["secure", "seeded"] as const) {
    const timing = { ...LINK_TIMING, awayMs: 50 };
    const linked = await opened(["a"], noise, { timing });
    const a = linked.join("a", ({ round }) => [round + 1, 10]);
    await linked.registry.joined;
    for (const round of [0, 1]) await linked.begin(round).gathered;
    const again = linked.begin(0);
    await again.gathered;
    const rounds = a.orders.map(({ round }) => round);
    if (noise === "secure") {
      expect(rounds).toEqual([0, 1]);
      expect(again.attempt.survivors).toEqual([]);
      expect(a.session.end?.lost.message).toContain("round.stale");
      expect(a.retries).toEqual([]);
    } else {
      expect(rounds).toEqual([0, 1, 0]);
      expect(again.attempt.sum).toEqual(Int32Array.of(1, 10));
      const next = linked.begin(1);
      await next.gathered;
      expect(next.attempt.sum).toEqual(Int32Array.of(2, 10));
    }
    await linked.close();
    run = undefined;
  }
});

it("is as patient with a first dial as with a later one, unless told for how long", async () => {
  const linked = await opened(["a"]);
  linked.relay.down();
  const brief = linked.join("a", one, { giveUpAfterMs: 200 });
  await expect(brief.session.plan).rejects.toThrow("connect (127.0.0.2:");
  expect(brief.retries.length).toBeGreaterThan(0);
  const patient = linked.join("a", one);
  await expect.poll(() => patient.retries.length).toBeGreaterThan(1);
  linked.relay.heal();
  await linked.registry.joined;
  expect(patient.session.end).toBeUndefined();
});

it("row 1: by a token, a process that died before it saw the plan is followed by one that joins, spent or not", async () => {
  const joiners = ["a", "b"].map((name) => ({ names: [name], key: undefined }));
  const linked = await opened(["a", "b"], "secure", { joiners });
  const [spent = "", unspent = ""] = linked.registry.tokens;
  const dying = await RoguePeer.dial(linked.registry.audience);
  const key = linked.keys.get("a");
  if (!key) throw new Error("a has a key");
  const part = {
    audience: linked.registry.audience,
    credentials: { key, token: tokenKey(spent) },
    software: "test",
  };
  dying.say(answerHello(await dying.message("hello"), part).auth);
  await dying.message("welcome");
  dying.cut();
  // Neither could know how far the one before it came.
  const again = linked.join("a", one, { token: spent, kept: true, direct: true });
  const fresh = linked.join("b", two, { token: unspent, kept: true, direct: true });
  await linked.registry.joined;
  const { attempt, gathered } = linked.begin(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(3, 30));
  for (const { retries } of [again, fresh]) expect(retries).toEqual([]);
  // For another key it is spent.
  const thief = linked.join("nobody", one, { token: unspent, direct: true });
  await expect(thief.session.plan).rejects.toThrow("auth.refused");
});

it("after goodbye, and after a refusal, dials no more", async () => {
  const linked = await opened(["a"]);
  const stranger = linked.join("nobody", one);
  await expect(stranger.session.plan).rejects.toThrow("auth.refused");
  expect(stranger.retries).toEqual([]);
  const a = linked.join("a", one);
  await linked.registry.joined;
  await linked.registry.close("the run has ended");
  await a.ended;
  expect(a.session.end?.said).toBe("the run has ended");
  expect(a.retries).toEqual([]);
});

it("is not led into another run at the same address", async () => {
  const folder = scratch();
  try {
    const linked = await opened(["a"], "secure", { credentials: join(folder.path, "keys.json") });
    const a = linked.join("a", one, { direct: true });
    await linked.registry.joined;
    await linked.restart({ runId: new Uint8Array(16).fill(7) });
    await a.ended;
    expect(a.session.end?.lost.message).toMatch(/plan\.run .*expected run 0{32}/);
  } finally {
    folder.remove();
  }
});

it("waits longer after each dial that failed, up to a limit, by chance", () => {
  const timing = shortened(1);
  const most = [0, 1, 2, 5, 6, 40].map((failed) => backOff(failed, timing, () => 1));
  expect(most).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000]);
  expect(backOff(3, timing, () => 0.25)).toBe(1_000);
});
