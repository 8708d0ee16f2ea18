/** When a client dials says no more of its rows than a power of two. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { untilMark } from "../../../client/join/dial-clock.ts";

it.each([
  [0, 1_000],
  [999, 1],
  [1_000, 0],
  [1_001, 999],
  [2_500, 1_500],
  [4_000.5, 3_999.5],
])("after %d ms of preparing waits for %d", (elapsed, wait) => {
  expect(untilMark(elapsed, 1_000)).toBe(wait);
});

it("ends at a mark, whatever the time before it", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (elapsed) => {
      const wait = untilMark(elapsed, 1_000);
      const doublings = Math.log2((elapsed + wait) / 1_000);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(doublings).toBeCloseTo(Math.round(doublings), 9);
      // It is the next one: half of it was over.
      if (elapsed > 1_000) expect(elapsed + wait).toBeLessThan(2 * elapsed);
    }),
  );
});
