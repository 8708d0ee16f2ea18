import { expect, it } from "vitest";
import { ControlBook } from "../../client/control-book.ts";

const first = { round: 2, attempt: 0 };
const again = { round: 2, attempt: 1 };

it("moves a control with the attempt that was released", () => {
  const book = new ControlBook();
  expect(book.of(1, 3)).toBeUndefined();
  book.propose(1, first, Float32Array.of(1));
  expect(book.of(1, 3)).toBeUndefined();
  book.settle([{ ...first, counted: [1] }]);
  expect(book.of(1, 3)).toEqual(Float32Array.of(1));
});

it("drops what an aborted attempt would have made of it", () => {
  const book = new ControlBook();
  book.propose(1, first, Float32Array.of(1));
  // The same round again: the first attempt was aborted.
  book.settle([]);
  book.propose(1, again, Float32Array.of(2));
  book.propose(2, again, Float32Array.of(3));
  book.settle([{ ...again, counted: [2, 1] }]);
  expect([book.of(1, 3), book.of(2, 3)]).toEqual([Float32Array.of(2), Float32Array.of(3)]);
});

it("drops it too where the round went on without this client", () => {
  const book = new ControlBook();
  book.propose(1, first, Float32Array.of(1));
  // Aborted; its second attempt had other clients, and was released.
  book.settle([]);
  book.settle([{ ...again, counted: [2] }]);
  expect(book.of(1, 3)).toBeUndefined();
});

it("drops it where the update came too late for the sum that was released", () => {
  const book = new ControlBook();
  book.propose(1, first, Float32Array.of(1));
  book.propose(2, first, Float32Array.of(2));
  book.settle([{ ...first, counted: [2] }]);
  expect([book.of(1, 3), book.of(2, 3)]).toEqual([undefined, Float32Array.of(2)]);
});
