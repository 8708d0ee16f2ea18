import { expect, it, vi } from "vitest";
import { UploadSemaphore } from "../../../server/connections/upload-semaphore.ts";

/** Takes one turn after the other and keeps what it is told. */
function taker(turns: UploadSemaphore) {
  const told: string[] = [];
  const take = (name: string) =>
    turns.take(
      () => told.push(`${name} waits`),
      () => told.push(`${name} begins`),
    );
  return { told, take };
}

it("lets eight in at once, then the next in its order for each that is done", () => {
  const { told, take } = taker(new UploadSemaphore(60_000));
  const done = Array.from({ length: 11 }, (_, i) => take(`${i}`));
  expect(told).toEqual(["8 waits", "9 waits", "10 waits"]);
  done[3]?.();
  done[3]?.(); // again: makes no room
  expect(told.slice(3)).toEqual(["8 begins"]);
  // One that is in, or gone, before its turn gives its place in the row away, and is read on.
  done[9]?.();
  expect(told.slice(4)).toEqual(["9 begins"]);
  done[0]?.();
  expect(told.slice(5)).toEqual(["10 begins"]);
  for (const end of done) end();
  take("last");
  expect(told).toHaveLength(6);
});

it("lets the next in when one is slow, and makes no room twice for it", () => {
  vi.useFakeTimers();
  try {
    const { told, take } = taker(new UploadSemaphore(500));
    const slow = Array.from({ length: 8 }, (_, i) => take(`${i}`));
    take("8");
    vi.advanceTimersByTime(499);
    expect(told).toEqual(["8 waits"]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(["8 waits", "8 begins"]);
    for (const end of slow) end();
    const next = Array.from({ length: 8 }, (_, i) => take(`n${i}`));
    // The eighth of them waits for the ninth of before.
    expect(told.slice(2)).toEqual(["n7 waits"]);
    for (const end of next) end();
  } finally {
    vi.useRealTimers();
  }
});
