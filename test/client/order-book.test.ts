import { describe, expect, it } from "vitest";
import { OrderBook } from "../../client/order-book.ts";
import { ProtocolError } from "../../shared/errors.ts";

const book = () => new OrderBook({ rounds: 4, spareAttempts: 1 });

it("takes the plan's rounds in order, and a spare attempt", () => {
  const orders = book();
  const asked = () => {
    for (const [round, attempt] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 0],
      [3, 0],
    ] as const)
      orders.take(round, attempt);
  };
  expect(asked).not.toThrow();
});

describe("refuses", () => {
  it.each([
    [
      "the same attempt again",
      [
        [0, 0],
        [0, 0],
      ],
      "round.stale",
    ],
    [
      "an earlier attempt",
      [
        [1, 1],
        [1, 0],
      ],
      "round.stale",
    ],
    [
      "an earlier round, whatever the attempt",
      [
        [2, 0],
        [1, 7],
      ],
      "round.stale",
    ],
    ["a round that the plan does not have", [[4, 0]], "round.beyond"],
    [
      "more attempts than the plan pays for",
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [0, 3],
        [0, 4],
        [0, 5],
      ],
      "round.budget",
    ],
  ] as const)("%s", (_, asked, what) => {
    const all = () => {
      const orders = book();
      for (const [round, attempt] of asked) orders.take(round, attempt);
    };
    expect(all).toThrow(ProtocolError);
    expect(all).toThrow(what);
  });
});
