import { expect, it } from "vitest";
import { fateOf, type SimulatedFaults } from "../../client/simulated-faults.ts";

const faults: SimulatedFaults = { dropOut: 0.25, stragglers: { share: 0.4, localEpochs: 2 } };
const attemptOf = (i: number) => ({ round: i % 50, attempt: i % 3, client: `c${i}` });
const COUNT = 4_000;
const fates = Array.from({ length: COUNT }, (_, i) => fateOf(faults, 7, attemptOf(i)));

// Five standard deviations of a binomial: once in 1.7 million seeds.
const near = (found: number, chance: number) =>
  Math.abs(found - COUNT * chance) < 5 * Math.sqrt(COUNT * chance * (1 - chance));

it("loses clients and slows them at their rates, apart from each other", () => {
  const lost = fates.filter(({ dropsOut }) => dropsOut);
  const slow = fates.filter(({ epochs }) => epochs !== undefined);
  expect(near(lost.length, 0.25)).toBe(true);
  expect(near(slow.length, 0.4)).toBe(true);
  expect(near(lost.filter(({ epochs }) => epochs !== undefined).length, 0.1)).toBe(true);
  expect(slow.every(({ epochs }) => epochs === 2)).toBe(true);
});

it("depends on seed, round, attempt and client, and on nothing else", () => {
  expect(Array.from({ length: COUNT }, (_, i) => fateOf(faults, 7, attemptOf(i)))).toEqual(fates);
  const base = { round: 1, attempt: 0, client: "c1" };
  const drops = (change: (i: number) => object, seed = (_: number) => 7) =>
    Array.from({ length: 100 }, (_, i) => fateOf(faults, seed(i), { ...base, ...change(i) }))
      .map(({ dropsOut }) => Number(dropsOut))
      .join("");
  const one = drops(() => ({}));
  expect(new Set(one).size).toBe(1);
  for (const changed of [
    drops((round) => ({ round })),
    drops((attempt) => ({ attempt })),
    drops((i) => ({ client: `c${i}` })),
    drops(
      () => ({}),
      (i) => i,
    ),
  ])
    expect(new Set(changed).size).toBe(2);
});

it("lets nobody fail where nothing is asked for", () => {
  for (let i = 0; i < 200; i++)
    expect(fateOf({ dropOut: 0, stragglers: null }, 7, attemptOf(i))).toEqual({
      dropsOut: false,
      epochs: undefined,
    });
});
