import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EventLogs, unicity } from "../../../../client/risk/models/unicity.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";

function logsOf(people: readonly (readonly number[])[]): EventLogs {
  const offsets = new Int32Array(people.length + 1);
  for (const [person, events] of people.entries())
    offsets[person + 1] = (offsets[person] ?? 0) + events.length;
  return { offsets, codes: Int32Array.from(people.flat()) };
}

const draw = (people: readonly (readonly number[])[], known: number, seed = 5) =>
  unicity(logsOf(people), known, stream(seededRoot(seed), "simulate"));

describe("by all events of everybody", () => {
  it("is the share of people whom nobody matches", () => {
    // 1 and 2 match each other; 3 has what 4 has not; 4's events are all 3's.
    expect(
      draw(
        [
          [1, 2],
          [2, 1],
          [3, 4, 4],
          [4, 3],
        ],
        3,
      ),
    ).toEqual({
      people: 4,
      unique: 1,
      share: 1 / 4,
    });
  });

  it("counts copies of an event", () => {
    expect(draw([[7, 7], [7]], 2).unique).toBe(1);
    expect(
      draw(
        [
          [7, 7],
          [7, 7, 7],
        ],
        2,
      ).unique,
    ).toBe(0);
  });

  it("agrees with comparing everybody to everybody", () => {
    const anyLogs = fc.array(fc.array(fc.nat(4), { maxLength: 4 }), { maxLength: 12 });
    fc.assert(
      fc.property(anyLogs, (people) => {
        const has = (events: readonly number[], code: number) =>
          events.filter((other) => other === code).length;
        const isUnique = (own: readonly number[], person: number) =>
          !people.some(
            (other, id) => id !== person && own.every((code) => has(other, code) >= has(own, code)),
          );
        expect(draw(people, 4).unique).toBe(people.filter(isUnique).length);
      }),
    );
  });
});

it("singles nobody out by no event, unless alone", () => {
  expect(draw([[], [1]], 2)).toMatchObject({ unique: 1 });
  expect(draw([[]], 2)).toMatchObject({ unique: 1 });
  expect(draw([], 2)).toEqual({ people: 0, unique: 0, share: 0 });
});

it("draws so many events of each, each as likely", () => {
  // Of 1, 2, 3 the pair 2, 3 is somebody else's: a third of the draws match.
  const pairs = Array.from({ length: 3000 }, (_, i) => [10 * i + 1, 10 * i + 2, 10 * i + 3]);
  const others = pairs.map(([, second = 0, third = 0]) => [second, third]);
  const { unique } = draw([...pairs, ...others], 2);
  const deviation = Math.sqrt(3000 * (2 / 9));
  expect(Math.abs(unique - 2000)).toBeLessThan(5 * deviation);
  // By one event nobody of the first is unique but by the first: again a third.
  const one = draw([...pairs, ...others], 1).unique;
  expect(Math.abs(one - 1000)).toBeLessThan(5 * deviation);
});

it("draws the same whatever the order of people and of their events", () => {
  const anyLogs = fc.array(fc.array(fc.nat(9), { maxLength: 6 }), { minLength: 1, maxLength: 20 });
  const shuffled = anyLogs.chain((people) =>
    fc.tuple(
      fc.constant(people),
      fc
        .shuffledSubarray(people, { minLength: people.length })
        .map((others) => others.map((events) => [...events].reverse())),
    ),
  );
  fc.assert(
    fc.property(shuffled, fc.nat(50), ([people, others], seed) => {
      expect(draw(others, 2, seed)).toEqual(draw(people, 2, seed));
    }),
  );
});

it("leaves the logs as they are", () => {
  const logs = logsOf([
    [3, 1, 2],
    [9, 8],
  ]);
  unicity(logs, 2, stream(seededRoot(5), "simulate"));
  expect(logs.codes).toEqual(Int32Array.of(3, 1, 2, 9, 8));
});
