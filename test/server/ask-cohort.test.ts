import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { askCohort } from "../../server/ask-cohort.ts";
import { Attempt, type Broadcast } from "../../server/attempt.ts";
import { shortened } from "../../shared/timing.ts";
import { decodeFrame, type EncodedObject } from "../../shared/wire/codec.ts";

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
function host(...vclients: number[]) {
  const asked: { mine: readonly number[]; terms: object; model: EncodedObject }[] = [];
  return {
    vclients,
    accepted: "",
    asked,
    send: () => {},
    startRound(_: Attempt, mine: readonly number[], terms: object, model: EncodedObject) {
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
  const { stop } = askCohort(hosts, attempt, cohort, BROADCAST, 17, TIMING);
  return { attempt, stop, isSettled: () => isSettled };
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
  await vi.advanceTimersByTimeAsync(TIMING.acceptMs - 1);
  attempt.lose([2]);
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isSettled()).toBe(true);
});

it("waits for a host that has accepted until the time to train is up", async () => {
  const willing = host(0);
  const { attempt, isSettled } = asking([0], willing);
  willing.accepted = "4/1";
  await vi.advanceTimersByTimeAsync(TIMING.trainMs - 1);
  expect(isSettled()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isSettled()).toBe(true);
  const update = { vclient: 0, round: 4, attempt: 1, update: Int32Array.of(1, 2, 3), sha256: "a" };
  expect(attempt.offer(update)).toBe("late");
});

it("leaves no timer once it is told to stop", () => {
  const { stop } = asking([0], host(0));
  expect(vi.getTimerCount()).toBe(2);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
