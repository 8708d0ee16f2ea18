import { expect, it } from "vitest";
import { rowsHash } from "../../../client/features/rows-hash.ts";

const rows = (inputs: readonly number[], labels: readonly number[], gaps?: readonly number[]) => ({
  examples: {
    ...{ count: labels.length, width: inputs.length / labels.length },
    ...{ inputs: Float32Array.from(inputs), labels: Float32Array.from(labels) },
  },
  present: gaps && Uint8Array.from(gaps),
});

it("knows the same rows again, and any other apart", () => {
  const own = [rows([1, 2, 3, 4], [0, 1]), rows([5, 6], [1])];
  expect(rowsHash(own)).toBe(rowsHash(structuredClone(own)));
  const others = [
    [rows([1, 2, 3, 5], [0, 1]), rows([5, 6], [1])],
    [rows([1, 2, 3, 4], [1, 1]), rows([5, 6], [1])],
    [rows([1, 2, 3, 4], [0, 1], [1, 1]), rows([5, 6], [1])],
    [rows([1, 2, 3, 4], [0, 1], [1, 0]), rows([5, 6], [1])],
    [rows([1, 2], [0]), rows([3, 4, 5, 6], [1, 1])],
    [rows([5, 6], [1]), rows([1, 2, 3, 4], [0, 1])],
    [rows([1, 2, 3, 4], [0, 1])],
  ].map(rowsHash);
  expect(new Set([rowsHash(own), ...others]).size).toBe(8);
});
