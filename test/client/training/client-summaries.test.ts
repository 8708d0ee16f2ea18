import { expect, it } from "vitest";
import { clientSummaries } from "../../../client/training/client-summaries.ts";
import { countRight } from "../../../client/training/count-right.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { denseModel } from "../../support/nets.ts";

/** One input a row; the model says label 1 where it is above 0. */
const rowsOf = (inputs: number[], labels: number[], present?: number[]) => ({
  examples: {
    count: labels.length,
    width: 1,
    inputs: Float32Array.from(inputs),
    labels: Float32Array.from(labels),
  },
  present: present && Uint8Array.from(present),
});
const clients = new Map([
  ["none", rowsOf([], [])],
  ["absent", rowsOf([1], [1], [0])],
  ["one", rowsOf([1, -1, 2], [1, 1, 1])],
  ["seemsTwo", rowsOf([1, -1], [1, 0], [1, 0])],
  ["two", rowsOf([1, -1, 2, -2], [1, 1, 0, 0])],
]);

it("tells who has no rows in the population, and who rows of one class", () => {
  expect(clientSummaries(clients, 2)).toMatchObject({
    empty: ["none", "absent"],
    oneClass: ["one", "seemsTwo"],
  });
});

it("counts each client's records by label, those in the population alone", () => {
  const { labels } = clientSummaries(clients, 2);
  expect(labels.map(({ client, counts }) => [client, ...counts])).toEqual([
    ["none", 0, 0],
    ["absent", 0, 0],
    ["one", 0, 3],
    ["seemsTwo", 0, 1],
    ["two", 2, 2],
  ]);
});

it("counts right and wrong by client, of the rows in the population", async () => {
  const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);
  const counted = await countRight(clients, Float32Array.of(1, 0), fusedEngine(model));
  expect(counted.map(({ client, right, wrong }) => [client, right, wrong])).toEqual([
    ["none", 0, 0],
    ["absent", 0, 0],
    ["one", 2, 1],
    ["seemsTwo", 1, 0],
    ["two", 2, 2],
  ]);
});
