import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { BLOCK_SLOTS } from "../../../../shared/engine/core/engine.ts";
import { inPieces, WorkSlices } from "../../../../shared/engine/core/work-slices.ts";
import { denseModel } from "../../../support/nets.ts";

const small = denseModel({ kind: "logistic", activation: "tanh" }, 9);
const large = denseModel({ kind: "mlp", hidden: [128], activation: "tanh" }, 784);

it("cuts work into whole blocks, in order, nothing twice and nothing left out", async () => {
  const { rows } = new WorkSlices(large);
  expect(rows % BLOCK_SLOTS).toBe(0);
  const pieces: [number, number][] = [];
  await inPieces(3 * rows + 5, large, (start, end) => pieces.push([start, end]));
  expect(pieces).toEqual([
    [0, rows],
    [rows, 2 * rows],
    [2 * rows, 3 * rows],
    [3 * rows, 3 * rows + 5],
  ]);
});

it("takes fewer rows at once of a larger model, and at least a block of any", () => {
  expect(new WorkSlices(small).rows).toBeGreaterThan(50 * new WorkSlices(large).rows);
  const huge = denseModel({ kind: "mlp", hidden: [4096], activation: "tanh" }, 4096);
  expect(new WorkSlices(huge).rows).toBe(BLOCK_SLOTS);
});

it("lets the event loop turn between two pieces, and after enough small ones", async () => {
  let turned = 0;
  let done = false;
  const other = (async () => {
    while (!done) {
      await setImmediate();
      turned += 1;
    }
  })();
  // A piece is as much work as may be done at once, to within a block.
  const { rows } = new WorkSlices(large);
  await inPieces(20 * rows, large, () => {});
  expect(turned).toBeGreaterThanOrEqual(9);
  const before = turned;
  const turns = new WorkSlices(large);
  for (let batch = 0; batch < 20 * rows; batch++) await turns.after(1);
  expect(turned - before).toBeGreaterThanOrEqual(9);
  expect(turned - before).toBeLessThan(rows);
  done = true;
  await other;
});
