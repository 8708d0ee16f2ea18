/** Seconds by stage of a run, from its events and a clock that stands where the test puts it. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StageTimes } from "../../../run/execute/stage-times.ts";
import type { RoundStage, RunEvent } from "../../../shared/events/run-event.ts";

let now = 0;
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const begins = (secretCohort: boolean): RunEvent => ({
  ...{ event: "run-begins", runId: "ab", plan: "cd", scenario: "p", clients: 3, rounds: 2 },
  ...{ trust: "central", epsilon: 1, delta: 1e-5, secretCohort, tellsTimes: true },
});
const stage = (name: RoundStage, durationMs: number): RunEvent => ({
  ...{ event: "stage", stage: name, task: "train", round: 0, attempt: 0, durationMs },
});
const ROUNDS = [stage("charge", 10), stage("train", 400), stage("charge", 20), stage("train", 600)];

/** A run that takes a second for each step, its rounds aside. */
function secondsOf(events: readonly RunEvent[], client: ReadonlyMap<"collect" | "risk", number>) {
  now = 100;
  const watch = new StageTimes(0);
  const after = (ms: number) => {
    now += ms;
    return watch;
  };
  after(900).lap("start");
  after(1_000).prepared({ seconds: client.size > 0 ? client : null });
  after(1_000).lap("join");
  for (const event of events) after(500).observe(event);
  after(0).roundsEnd();
  after(1_000).lap("evaluate");
  after(1_000).lap("predict");
  return Object.fromEntries([...watch.seconds].map(([name, s]) => [name, Number(s.toFixed(9))]));
}

const ALWAYS = { start: 1, join: 1, evaluate: 1, predict: 1 };

it("adds up the rounds' own stages, and takes the client's out of what it took to prepare", () => {
  const client = new Map([["collect", 0.3] as const, ["risk", 0.1] as const]);
  expect(secondsOf([begins(false), ...ROUNDS], client)).toEqual({
    ...ALWAYS,
    ...{ prepare: 0.6, collect: 0.3, risk: 0.1, charge: 0.03, train: 1 },
  });
});

it("knows of private rows how long it waited for them, and no more", () => {
  expect(secondsOf([begins(false)], new Map())).toEqual({ ...ALWAYS, prepare: 1 });
});

it("does not time the training of a cohort that is secret, or may be", () => {
  for (const events of [[begins(true), ...ROUNDS], ROUNDS])
    expect(secondsOf(events, new Map())).toEqual({ ...ALWAYS, prepare: 1, charge: 0.03 });
});
