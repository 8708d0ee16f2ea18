import { describe, expect, it } from "vitest";
import { OrderBook } from "../../client/order-book.ts";
import { ProtocolError } from "../../shared/errors.ts";

const TERMS = { rounds: 4, spareAttempts: 1, clipNorm: 0.5 };
const book = () => new OrderBook({ ...TERMS, adaptiveClipping: null });

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
      orders.take(round, attempt, 0.5);
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
      for (const [round, attempt] of asked) orders.take(round, attempt, 0.5);
    };
    expect(all).toThrow(ProtocolError);
    expect(all).toThrow(what);
  });
});

describe("of the clip norm of a round", () => {
  const adaptive = { quantile: 0.5, learningRate: 0.2, bounds: [0.1, 8], bitNoise: 20 } as const;

  it("takes the plan's alone where it stays", () => {
    expect(() => book().take(0, 0, 0.5000001)).toThrow("round.clipNorm");
    expect(() => book().take(2, 0, 0.4999999)).toThrow("round.clipNorm");
  });

  it("takes any within the plan's bounds where it adapts, but for the first round", () => {
    const orders = new OrderBook({ ...TERMS, adaptiveClipping: adaptive });
    expect(() => orders.take(0, 0, 1)).toThrow("round.clipNorm");
    orders.take(0, 0, 0.5);
    orders.take(1, 0, 8);
    expect(() => orders.take(2, 0, 8.001)).toThrow("round.clipNorm");
    expect(() => orders.take(2, 0, Number.NaN)).toThrow("round.clipNorm");
    expect(() => orders.take(2, 0, 0.0999)).toThrow("round.clipNorm");
  });
});
