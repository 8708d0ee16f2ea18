import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ClientStates } from "../../../client/scaffold/client-state.ts";
import { StateFiles } from "../../../client/scaffold/state-files.ts";
import { scratch } from "../../support/murmur.ts";

const first = { round: 2, attempt: 0 };
const again = { round: 2, attempt: 1 };

it("moves a control with the attempt that was released", () => {
  const book = new ClientStates();
  expect(book.of(1, 3)).toBeUndefined();
  book.propose(1, first, Float32Array.of(1));
  expect(book.of(1, 3)).toBeUndefined();
  book.settle([{ ...first, counted: [1] }]);
  expect(book.of(1, 3)).toEqual(Float32Array.of(1));
});

it("drops what an aborted attempt would have made of it", () => {
  const book = new ClientStates();
  book.propose(1, first, Float32Array.of(1));
  // The same round again: the first attempt was aborted.
  book.settle([]);
  book.propose(1, again, Float32Array.of(2));
  book.propose(2, again, Float32Array.of(3));
  book.settle([{ ...again, counted: [2, 1] }]);
  expect([book.of(1, 3), book.of(2, 3)]).toEqual([Float32Array.of(2), Float32Array.of(3)]);
});

it("drops it too where the round went on without this client", () => {
  const book = new ClientStates();
  book.propose(1, first, Float32Array.of(1));
  // Aborted; its second attempt had other clients, and was released.
  book.settle([]);
  book.settle([{ ...again, counted: [2] }]);
  expect(book.of(1, 3)).toEqual(Float32Array.of(0));
});

it("drops it where the update came too late for the sum that was released", () => {
  const book = new ClientStates();
  book.propose(1, first, Float32Array.of(1));
  book.propose(2, first, Float32Array.of(2));
  book.settle([{ ...first, counted: [2] }]);
  expect([book.of(1, 3), book.of(2, 3)]).toEqual([Float32Array.of(0), Float32Array.of(2)]);
});

it("outlasts its host: a round asked anew is entered as it was, the next one with what came of it", () => {
  const folder = scratch();
  try {
    const names = new Map([[1, "anna"]]);
    const files = (run = "one", parameters = 2) =>
      new StateFiles(folder.path, run, names, parameters);
    const live = new ClientStates(files());
    expect(live.of(1, 0)).toBeUndefined();
    live.propose(1, { round: 0, attempt: 0 }, Float32Array.of(1, 0.1));
    live.settle([{ round: 0, attempt: 0, counted: [1] }]);
    live.propose(1, first, Float32Array.of(2, 0.2));

    expect(new ClientStates(files()).of(1, 2)).toEqual(Float32Array.of(1, 0.1));
    expect(new ClientStates(files()).of(1, 3)).toEqual(Float32Array.of(2, 0.2));
    // The attempt came to nothing, and the host knew.
    live.settle([]);
    expect(new ClientStates(files()).of(1, 3)).toEqual(Float32Array.of(1, 0.1));
    // Another run's, another model's, and half a file are none.
    expect(new ClientStates(files("two")).of(1, 3)).toBeUndefined();
    expect(new ClientStates(files("one", 3)).of(1, 3)).toBeUndefined();
    writeFileSync(join(folder.path, "anna.control"), '{"runId":');
    expect(new ClientStates(files()).of(1, 3)).toBeUndefined();
    files().remove();
    expect(readdirSync(folder.path)).toEqual([]);
  } finally {
    folder.remove();
  }
});

it("enters a round that is asked anew as it was, though its release was heard of", () => {
  const book = new ClientStates();
  book.propose(1, { round: 1, attempt: 0 }, Float32Array.of(1));
  book.settle([{ round: 1, attempt: 0, counted: [1] }]);
  book.propose(1, first, Float32Array.of(2));
  book.settle([{ ...first, counted: [1] }]);
  // The coordinator died behind its release, and is there again.
  expect(book.of(1, 2)).toEqual(Float32Array.of(1));
  expect(book.of(1, 3)).toEqual(Float32Array.of(2));
});

it("knows nothing of an attempt that goes on where its link broke", () => {
  const book = new ClientStates();
  book.propose(1, first, Float32Array.of(1));
  book.propose(2, first, Float32Array.of(2));
  book.settle([], first);
  book.settle([{ ...first, counted: [1, 2] }]);
  expect([book.of(1, 3), book.of(2, 3)]).toEqual([Float32Array.of(1), Float32Array.of(2)]);
});
