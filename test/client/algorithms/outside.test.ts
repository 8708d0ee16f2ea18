/** An algorithm from outside: what it is given, and what becomes of anything that it returns. */
import { describe, expect, it } from "vitest";
import { clientUpdate, rawUpdate } from "../../../client/algorithms/client-update.ts";
import type { LocalRound } from "../../../client/algorithms/local-round.ts";
import { broughtAlong, hushed, requireAlgorithm } from "../../../client/algorithms/outside.ts";
import type {
  OutsideAlgorithm,
  OutsideRound,
} from "../../../client/algorithms/outside-algorithm.ts";
import type { ClientRows } from "../../../client/features/client-rows.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import type { Algorithm } from "../../../shared/training/algorithms.ts";
import { DP_SGD } from "../../support/plans.ts";
import { norm, randomCase } from "../../support/slow-network.ts";

const { model, parameters, examples } = randomCase(
  { kind: "mlp", hidden: [4], activation: "tanh" },
  3,
  40,
  22,
);
const engine = fusedEngine(model);
const present = Uint8Array.from({ length: 40 }, (_, slot) => (slot % 5 === 2 ? 0 : 1));
const CLIP_NORM = 0.375;

function roundOf(
  algorithm: Algorithm,
  outside?: OutsideAlgorithm,
  rows: ClientRows = { examples, present },
): LocalRound {
  return {
    ...{ parameters, rows, engine, outside },
    training: { algorithm, localEpochs: 1, batchSize: null, proximal: null },
    learningRate: 0.25,
    epochs: 1,
    control: null,
    shuffle: stream(seededRoot(4), "shuffle", 3, 0, "c1"),
    round: 3,
  };
}

const returning = (update: (round: OutsideRound) => unknown): OutsideAlgorithm => ({
  name: "toy",
  update: async (round) => {
    const value: unknown = await update(round);
    // biome-ignore lint/suspicious/noExplicitAny: a stranger's program has no types
    return value as any;
  },
});
const clippedOf = (outside: OutsideAlgorithm, rows?: ClientRows) =>
  clientUpdate(roundOf("outside/toy", outside, rows), "flat", CLIP_NORM);

it("has fedSgd's update from the mean of the gradients, and fedAvg's from a step, bit for bit", async () => {
  const sgd = returning(async ({ gradientSum, examples: { count }, parameters: at }) =>
    (await gradientSum(at)).map((x) => x / count),
  );
  expect(await rawUpdate(roundOf("outside/toy", sgd))).toEqual(await rawUpdate(roundOf("fedSgd")));
  const avg = returning(async ({ gradientSum, examples: { count }, parameters: at, ...given }) => {
    const sum = await gradientSum(at, Int32Array.from(given.random.permutation(count)));
    const trained = at.map((x, i) => x - (given.learningRate / count) * (sum[i] ?? 0));
    return Float64Array.from(trained, (x, i) => (at[i] ?? 0) - x);
  });
  expect(await rawUpdate(roundOf("outside/toy", avg))).toEqual(await rawUpdate(roundOf("fedAvg")));
});

describe("whatever it returns", () => {
  const length = model.parameters;
  const ofLength = (x: number) => new Float32Array(length).fill(x);

  it.each([
    ["huge entries", () => ofLength(1e30)],
    ["the largest there are", () => new Float64Array(length).fill(Number.MAX_VALUE)],
    ["ones", () => ofLength(1)],
  ])("%s are clipped as one vector", async (_, update) => {
    const { sum, bits, finite } = await clippedOf(returning(update));
    expect(norm(sum)).toBeGreaterThan(0.999 * CLIP_NORM);
    expect(norm(sum)).toBeLessThan(CLIP_NORM * (1 + 1e-12));
    expect([bits, finite]).toEqual([-1, true]);
  });

  it.each([
    ["NaN", () => ofLength(1).fill(Number.NaN, 2, 3)],
    ["infinity", () => ofLength(1).fill(Number.POSITIVE_INFINITY, 2, 3)],
    [
      "entries that are gone once they are read",
      () => {
        const update = ofLength(1);
        structuredClone(update.buffer, { transfer: [update.buffer] });
        return Object.defineProperty(update, "length", { value: length });
      },
    ],
  ])("%s has zeros in its place, as a core algorithm that diverged", async (_, update) => {
    const { sum, finite } = await clippedOf(returning(update));
    expect(sum).toEqual(new Float64Array(length));
    expect(finite).toBe(false);
  });

  const broken: [string, () => unknown][] = [
    ["fewer entries", () => new Float32Array(length - 1).fill(1e30)],
    ["more entries", () => new Float32Array(length + 1).fill(1e30)],
    ["a list", () => Array.from(ofLength(1))],
    ["nothing", () => undefined],
    ["bytes", () => new Uint8Array(length)],
    ["a look-alike", () => new Proxy(ofLength(1), {})],
    [
      "an error",
      () => {
        throw new Error("row 7 says yes");
      },
    ],
  ];
  it.each(broken)("%s: refused, or zeros where nobody may hear of it", async (what, update) => {
    const refused = clippedOf(returning(update));
    if (what === "an error") await expect(refused).rejects.toThrow("row 7 says yes");
    else await expect(refused).rejects.toThrow(ScenarioError);
    const { sum, finite } = await clippedOf(hushed(returning(update)));
    expect(sum).toEqual(new Float64Array(length));
    expect(finite).toBe(false);
  });

  it("is what it was when it came: later changes are not in the sum", async () => {
    const kept = ofLength(1e-3);
    const { sum } = await clippedOf(returning(() => kept));
    kept.fill(1e30);
    expect(norm(sum)).toBeLessThan(CLIP_NORM);
  });
});

it("is given the client's rows that count, and no others; never asked of a client without", async () => {
  let given: OutsideRound | undefined;
  const looks = returning((round) => {
    given = round;
    return new Float32Array(model.parameters);
  });
  await clippedOf(looks);
  const slots = Array.from({ length: 40 }, (_, slot) => slot).filter((slot) => slot % 5 !== 2);
  expect(given?.examples.count).toBe(32);
  expect(Array.from(given?.examples.labels ?? [])).toEqual(slots.map((i) => examples.labels[i]));
  expect(Array.from(given?.examples.inputs.subarray(3 * 2, 3 * 3) ?? [])).toEqual(
    Array.from(examples.inputs.subarray(3 * 3, 3 * 4)),
  );
  expect(given).toMatchObject({ round: 3, learningRate: 0.25, localEpochs: 1, batchSize: null });
  given = undefined;
  const { sum } = await clippedOf(looks, { examples, present: new Uint8Array(40) });
  expect([given, norm(sum)]).toEqual([undefined, 0]);
});

it("changes its own copies alone", async () => {
  const [inputs, labels] = [examples.inputs.slice(), examples.labels.slice()];
  const before = parameters.slice();
  let gradients: Float64Array[] = [];
  const spoils = returning(async ({ parameters: at, examples: own, gradientSum, ...given }) => {
    const first = await gradientSum(before);
    own.inputs.fill(9);
    own.labels.fill(1);
    at.fill(7);
    Object.assign(given, { learningRate: 1e9 });
    // Two at once keep apart.
    gradients = await Promise.all([gradientSum(before), gradientSum(at), gradientSum(before)]);
    return first;
  });
  const first = await rawUpdate(roundOf("outside/toy", spoils));
  expect([examples.inputs, examples.labels, parameters]).toEqual([inputs, labels, before]);
  expect([gradients[0], gradients[2]]).toEqual([first, first]);
  expect(gradients[1]).not.toEqual(first);
});

it("is refused gradients of rows or models that are not there", async () => {
  const at = (ask: (round: OutsideRound) => Promise<unknown>) =>
    rawUpdate(roundOf("outside/toy", returning(ask)));
  await expect(at(({ gradientSum }) => gradientSum(new Float32Array(3)))).rejects.toThrow(
    "got 3 parameters",
  );
  for (const row of [-1, 32])
    await expect(
      at(({ gradientSum, parameters: own }) => gradientSum(own, Int32Array.of(0, row))),
    ).rejects.toThrow("expected rows from 0 to 31");
});

it("is taken as it is at the call, under a name that a plan may have", () => {
  const mine = {
    name: "mine",
    own: 5,
    update(this: { own: number }) {
      return Float32Array.of(this.own);
    },
  };
  const taken = broughtAlong(mine);
  mine.name = "other";
  expect(taken.name).toBe("mine");
  expect(taken.update({} as OutsideRound)).toEqual(Float32Array.of(5));
  for (const name of ["", "A", "a/b", "a".repeat(65), 3])
    expect(() => broughtAlong({ ...mine, name } as OutsideAlgorithm)).toThrow(ScenarioError);
  expect(() => broughtAlong({ name: "mine" } as OutsideAlgorithm)).toThrow("without a function");
});

it("is refused by a process that has not got it", () => {
  const plan = (algorithm: Algorithm) => ({ training: { ...DP_SGD, algorithm } });
  const toy = returning(() => undefined);
  expect(() => requireAlgorithm(plan("outside/toy"))).toThrow("plan.algorithm");
  expect(() => requireAlgorithm(plan("outside/other"), toy)).toThrow("plan.algorithm");
  requireAlgorithm(plan("outside/toy"), toy);
  requireAlgorithm(plan("fedAvg"), toy);
  requireAlgorithm(plan("fedAvg"));
});

it("draws from its client's stream of that round, in the stream's order", async () => {
  const drawn: unknown[] = [];
  const draws = returning(({ random, parameters: { length } }) => {
    drawn.push(random.normal(), random.uniform(), random.below(1000), random.permutation(5));
    return new Float32Array(length);
  });
  await rawUpdate(roundOf("outside/toy", draws));
  const { shuffle } = roundOf("outside/toy");
  expect(drawn).toEqual([
    ...[shuffle.normal(), shuffle.uniform(), shuffle.below(1000), shuffle.permutation(5)],
  ]);
});
