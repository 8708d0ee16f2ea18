import { expect, it } from "vitest";
import { memoize } from "../../shared/memoize.ts";

it("makes a value once, until as many new ones as are kept have come", () => {
  const kept = new Map<string, string>();
  const made: string[] = [];
  const ask = (key: string) =>
    memoize(kept, 2, key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  expect(["a", "b", "a", "b", "a"].map(ask)).toEqual(["A", "B", "A", "B", "A"]);
  expect(made).toEqual(["a", "b"]);
  expect(["c", "b", "a"].map(ask)).toEqual(["C", "B", "A"]);
  expect(made).toEqual(["a", "b", "c", "a"]);
  expect(kept.size).toBe(2);
});
