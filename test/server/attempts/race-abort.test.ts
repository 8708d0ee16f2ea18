import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { raceAbort } from "../../../server/attempts/race-abort.ts";

it("gives what comes, or the reason why nothing will", async () => {
  const end = new AbortController();
  expect(await raceAbort(Promise.resolve(7), end.signal)).toBe(7);
  const waiting = raceAbort(new Promise(() => {}), end.signal);
  end.abort(new Error("over"));
  await expect(waiting).rejects.toThrow("over");
  await expect(raceAbort(new Promise(() => {}), end.signal)).rejects.toThrow("over");
});

it("leaves nothing behind that would keep what it waited for", async () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 100; i++) await raceAbort(Promise.resolve(i), signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
