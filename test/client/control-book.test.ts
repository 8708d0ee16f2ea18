import { expect, it } from "vitest";
import { ControlBook } from "../../client/control-book.ts";

const first = { round: 2, attempt: 0 };
const again = { round: 2, attempt: 1 };

it("moves a control with the attempt that was released", () => {
  const book = new ControlBook();
  expect(book.of("c1")).toBeUndefined();
  book.propose("c1", first, Float32Array.of(1));
  expect(book.of("c1")).toBeUndefined();
  book.settle([first]);
  expect(book.of("c1")).toEqual(Float32Array.of(1));
});

it("drops what an aborted attempt would have made of it", () => {
  const book = new ControlBook();
  book.propose("c1", first, Float32Array.of(1));
  // The same round again: the first attempt was aborted.
  book.settle([]);
  book.propose("c1", again, Float32Array.of(2));
  book.propose("c2", again, Float32Array.of(3));
  book.settle([again]);
  expect([book.of("c1"), book.of("c2")]).toEqual([Float32Array.of(2), Float32Array.of(3)]);
});

it("drops it too where the round went on without this client", () => {
  const book = new ControlBook();
  book.propose("c1", first, Float32Array.of(1));
  // Aborted; its second attempt had other clients, and was released.
  book.settle([]);
  book.settle([again]);
  expect(book.of("c1")).toBeUndefined();
});
