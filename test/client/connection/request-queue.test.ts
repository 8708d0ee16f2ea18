import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { RequestQueue } from "../../../client/connection/request-queue.ts";
import type { RoundRequest } from "../../../client/connection/round-request.ts";

const order = (round: number): RoundRequest => ({
  kind: "plain",
  round,
  attempt: 0,
  task: "train",
  clipNorm: 0.5,
  cohort: [3],
  parameters: new Float32Array(2),
});

it("gives orders in the order they came, each once", async () => {
  const queue = new RequestQueue<RoundRequest>();
  for (const round of [0, 1, 2]) queue.put(order(round));
  const rounds = [await queue.next(), await queue.next(), await queue.next()];
  expect(rounds.map((next) => next?.round)).toEqual([0, 1, 2]);
});

it("hands an order to whoever waits for it, and keeps none of it", async () => {
  const queue = new RequestQueue<RoundRequest>();
  const waiting = queue.next();
  expect(await Promise.race([waiting, setImmediate("none yet")])).toBe("none yet");
  queue.put(order(5));
  expect((await waiting)?.round).toBe(5);
  queue.end();
  expect(await queue.next()).toBeUndefined();
});

it("gives what is in before it says that there is no more", async () => {
  const queue = new RequestQueue<RoundRequest>();
  queue.put(order(7));
  queue.end();
  expect((await queue.next())?.round).toBe(7);
  expect(await queue.next()).toBeUndefined();
});

it("lets go of whoever waits at the end", async () => {
  const queue = new RequestQueue<RoundRequest>();
  const waiting = queue.next();
  queue.end();
  expect(await waiting).toBeUndefined();
});
