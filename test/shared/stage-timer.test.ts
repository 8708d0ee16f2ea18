/** Laps against a clock that stands where the test puts it. */
import { afterEach, expect, it, vi } from "vitest";
import { StageTimer } from "../../shared/stage-timer.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("adds up a stage's pieces, in seconds, and what it is told besides; what is skipped is nobody's", () => {
  let now = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const clock = new StageTimer<"a" | "b" | "c">();
  const after = (ms: number) => {
    now += ms;
    return clock;
  };
  after(200).lap("a");
  after(3_000).lap("b");
  after(50_000).skip();
  after(40).lap("a");
  clock.add("c", 7);
  clock.add("b", -1);
  const seconds = Object.fromEntries(clock.seconds);
  expect(Object.keys(seconds)).toEqual(["a", "b", "c"]);
  expect(seconds.a).toBeCloseTo(0.24, 12);
  expect(seconds.b).toBeCloseTo(2, 12);
  expect(seconds.c).toBe(7);
});

it("begins when it is told", () => {
  vi.spyOn(performance, "now").mockReturnValue(5_000);
  const clock = new StageTimer<"a">(2_000);
  clock.lap("a");
  expect(clock.seconds.get("a")).toBe(3);
});

it("says with each lap how many milliseconds it took", () => {
  let now = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const clock = new StageTimer<"a" | "b">();
  now = 1_240;
  expect(clock.lap("a")).toBe(240);
  now = 1_250;
  clock.skip();
  now = 1_300;
  expect(clock.lap("b")).toBe(50);
});
