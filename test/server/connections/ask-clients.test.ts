import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Attempt } from "../../../server/attempts/attempt.ts";
import type { Broadcast } from "../../../server/attempts/attempt-wire.ts";
import { Asking } from "../../../server/connections/ask-clients.ts";
import { shortened } from "../../../shared/timing.ts";
import { decodeFrame, type EncodedObject } from "../../../shared/wire/codec.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Accepts after 100 ms, trains until 12 s. */
const TIMING = shortened(50);
const BROADCAST: Broadcast = {
  task: "train",
  parameters: Float32Array.of(0.5, -2, 3),
  clipNorm: 0.25,
};

/** A host of those clients that keeps what it is asked. */
function host(...clientIndices: number[]) {
  const told: object[] = [];
  const asked: { mine: readonly number[]; terms: object; model: EncodedObject }[] = [];
  return {
    vclients: clientIndices,
    accepted: "",
    heardAt: Number.NEGATIVE_INFINITY,
    ping: () => {},
    asked,
    told,
    send: (message: object) => void told.push(message),
    sendStep: () => {},
    startRound(_: object, mine: readonly number[], terms: object, model: EncodedObject) {
      asked.push({ mine, terms, model });
    },
  };
}

function asking(cohort: readonly number[], ...hosts: ReturnType<typeof host>[]) {
  const attempt = new Attempt(4, 1, cohort, 3);
  let isSettled = false;
  void attempt.settled.then(() => {
    isSettled = true;
  });
  const here = new Set(hosts);
  let streams = 17;
  const { signal } = new AbortController();
  const open = new Asking(here, attempt, BROADCAST, () => streams++, TIMING, signal);
  open.begin();
  return { attempt, here, open, streams: () => streams, isSettled: () => isSettled };
}

it("asks each host for its own of the cohort, and nobody else", () => {
  const hosts = [host(0, 1, 2), host(3), host(4, 5)];
  asking([1, 2, 5], ...hosts);
  expect(hosts.map(({ asked }) => asked.map(({ mine }) => mine))).toEqual([[[1, 2]], [], [[5]]]);
  expect(hosts[0]?.asked[0]?.terms).toEqual({ task: "train", clipNorm: 0.25 });
});

it("encodes the model once for all of them, under the round's own numbers", () => {
  const hosts = [host(0), host(1)];
  asking([0, 1], ...hosts);
  const [first, second] = hosts.map(({ asked }) => asked[0]?.model);
  expect(first).toBe(second);
  expect(first?.header).toMatchObject({ round: 4, attempt: 1, stream: 17 });
  const { payload } = decodeFrame(first?.frames[0] ?? Buffer.alloc(0));
  expect(new Float32Array(payload.buffer)).toEqual(BROADCAST.parameters);
});

it("waits no longer for the clients of a host that has not accepted this very attempt in time", async () => {
  const [silent, earlier, willing] = [host(0), host(1), host(2)];
  const { attempt, isSettled } = asking([0, 1, 2], silent, earlier, willing);
  earlier.accepted = "4/0";
  willing.accepted = "4/1";
  // They live, and say nothing of this attempt.
  const answer = (one: { heardAt: number }) => () => {
    one.heardAt = Number.POSITIVE_INFINITY;
  };
  silent.ping = answer(silent);
  earlier.ping = answer(earlier);
  await vi.advanceTimersByTimeAsync(TIMING.acceptMs - 1);
  attempt.lose([2]);
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isSettled()).toBe(true);
});

it("row 53: waits for a host of which nothing is heard as for one that is away, and takes its late yes", async () => {
  const [dead, stopped] = [host(0), host(1)];
  const { attempt } = asking([0, 1], dead, stopped);
  // Word of the round before, on its way when this one began, is no sign of life now.
  dead.heardAt = stopped.heardAt = performance.now() + 1;
  await vi.advanceTimersByTimeAsync(TIMING.awayMs - 1);
  expect([0, 1].map((clientIndex) => attempt.waitsFor(clientIndex))).toEqual([true, true]);
  stopped.accepted = "4/1";
  await vi.advanceTimersByTimeAsync(1);
  expect([0, 1].map((clientIndex) => attempt.waitsFor(clientIndex))).toEqual([false, true]);
  attempt.excuse([1]);
  expect(attempt.silent).toEqual([0]);
});

it("waits for a host that has accepted until the time to train is up", async () => {
  const willing = host(0);
  const { attempt, isSettled } = asking([0], willing);
  willing.accepted = "4/1";
  await vi.advanceTimersByTimeAsync(TIMING.trainMs - 1);
  expect(isSettled()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isSettled()).toBe(true);
  const ids = { vclient: 0, round: 4, attempt: 1, sha256: "a" };
  const update = { kind: "update", ...ids, update: Int32Array.of(1, 2, 3) } as const;
  expect(attempt.offer(update)).toBe("late");
});

it("asks a host that is back for what is still due, and says what was counted", async () => {
  const first = host(0, 1, 2, 3);
  const { attempt, here, open } = asking([0, 1, 3], first);
  const ids = { round: 4, attempt: 1, sha256: "a" };
  const update = { kind: "update", ...ids, update: Int32Array.of(1, 2, 3) } as const;
  attempt.offer({ ...update, vclient: 1 });
  attempt.lose([3]);
  here.delete(first);
  open.away(first);
  const second = host(0, 1, 2, 3);
  here.add(second);
  open.again(second);
  expect(second.asked.map(({ mine }) => mine)).toEqual([[0]]);
  const counted = { vclient: 1, round: 4, attempt: 1 };
  expect(second.told).toEqual([{ t: "updateAck", ...counted, status: "duplicate" }]);
  second.accepted = "4/1";
  // Neither the first socket's silence nor its absence counts any more.
  await vi.advanceTimersByTimeAsync(2 * TIMING.awayMs);
  expect(attempt.waitsFor(0)).toBe(true);
});

it("waits for a host that is away for its time, and no longer", async () => {
  const [gone, willing] = [host(0), host(1)];
  const { attempt, here, open } = asking([0, 1], gone, willing);
  willing.accepted = "4/1";
  here.delete(gone);
  open.away(gone);
  await vi.advanceTimersByTimeAsync(TIMING.awayMs - 1);
  expect(attempt.waitsFor(0)).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect([0, 1].map((clientIndex) => attempt.waitsFor(clientIndex))).toEqual([false, true]);
});

it("leaves no timer once it is told to stop", () => {
  const gone = host(0);
  const { open } = asking([0], gone);
  open.away(gone);
  open.away(gone);
  expect(vi.getTimerCount()).toBe(3);
  open.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it("names those of its cohort that no message reaches now", () => {
  const [gone, there] = [host(0, 1, 2), host(3)];
  const { here, open } = asking([1, 2, 3], gone, there);
  expect(open.unreachable).toEqual([]);
  here.delete(gone);
  expect(open.unreachable).toEqual([1, 2]);
});

it("takes two numbers for its objects, however many are asked", () => {
  expect(asking([0, 1], host(0), host(1)).streams()).toBe(19);
  expect(asking([], host(0)).streams()).toBe(19);
});
