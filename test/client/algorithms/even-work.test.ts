/** The time of an answer may not say how many records were drawn: as many are worked on in every round. */
import { expect, it } from "vitest";
import { dpSgd } from "../../../client/algorithms/dp-sgd.ts";
import { evenWork, spareRows } from "../../../client/algorithms/even-work.ts";
import type { Engine } from "../../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { denseModel } from "../../support/nets.ts";
import { planWith } from "../../support/plans.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);
const ROWS = 300;
const RATE = 0.1;
const examples = {
  count: ROWS,
  width: 1,
  inputs: Float32Array.from({ length: ROWS }, (_, i) => (i % 7) / 7),
  labels: Float32Array.from({ length: ROWS }, (_, i) => i % 2),
};

/** Counts the rows that it works on, clipped and measured apart. */
function counting(): { readonly engine: Engine; readonly worked: { sums: number; norms: number } } {
  const engine = fusedEngine(model);
  const worked = { sums: 0, norms: 0 };
  return {
    worked,
    engine: {
      ...engine,
      clippedSum: (parameters, slice, bounds, sampled, sum) => {
        worked.sums += sampled?.reduce((all, one) => all + one, 0) ?? slice.count;
        return engine.clippedSum(parameters, slice, bounds, sampled, sum);
      },
      gradientNorms: (parameters, some) => {
        worked.norms += some.count;
        return engine.gradientNorms(parameters, some);
      },
    },
  };
}

const planOf = (noise: "secure" | "seeded") =>
  planWith({
    ...{ noise, sampling: { kind: "poisson", rate: RATE }, accountant: "rdp", clipNorm: 0.5 },
    ...{ targetEpsilon: null, statedNoise: 5 },
    adaptiveClipping: { quantile: 0.5, learningRate: 0.2, bounds: [0.01, 10], bitNoise: 20 },
  });

async function round(noise: "secure" | "seeded", number: number) {
  const { engine, worked } = counting();
  const coins = stream(seededRoot(4), "sample", number, 0, "c1");
  const parameters = Float32Array.of(0.5, -0.25);
  const contribution = await dpSgd(parameters, { examples }, engine, planOf(noise), 0.5, coins);
  return { contribution, worked };
}

it("works on as many rows in every round, under secure noise, however many were drawn", async () => {
  const rounds = Array.from({ length: 20 }, (_, i) => i);
  const secure = await Promise.all(rounds.map((i) => round("secure", i)));
  const seeded = await Promise.all(rounds.map((i) => round("seeded", i)));
  const due = evenWork(ROWS, RATE);
  expect(secure.map(({ worked }) => worked)).toEqual(rounds.map(() => ({ sums: due, norms: due })));
  // A simulation works on what was drawn, which differs from round to round; the sums are the same bits.
  expect(new Set(seeded.map(({ worked }) => worked.sums)).size).toBeGreaterThan(5);
  expect(secure.map(({ contribution }) => contribution)).toEqual(
    seeded.map(({ contribution }) => contribution),
  );
});

it.each([
  [300, 0.1, 1],
  [10_000, 0.01, 1],
  [100_000, 0.001, 1],
  [2_000, 0.02, 5],
])(
  "leaves a chance below 2^-60 that more of %i at rate %d, %i together, are drawn",
  (slots, rate, together) => {
    const work = evenWork(slots, rate, together);
    expect(work).toBeLessThan(slots);
    expect(work).toBeGreaterThan(slots * rate);
    // By the exact masses of groups that are drawn together, summed from the far end.
    const groups = slots / together;
    const odds = Math.log1p(-rate) - Math.log(rate);
    let logMass = groups * Math.log(rate);
    let tail = 0;
    for (let k = groups; k * together > work; k--) {
      tail += Math.exp(logMass);
      logMass += Math.log(k / (groups - k + 1)) + odds;
    }
    expect(tail).toBeLessThanOrEqual(2 ** -60);
    expect(tail).toBeGreaterThan(2 ** -80);
  },
);

it("takes all rows where fewer would not do", () => {
  expect(evenWork(20, 0.5)).toBe(20);
  expect(evenWork(100, 1)).toBe(100);
  expect(evenWork(0, 0.1)).toBe(0);
});

it("takes spare rows among those that were not drawn", () => {
  const taken = Uint8Array.of(0, 1, 0, 0, 1, 0);
  expect([...spareRows(taken, 4)]).toEqual([1, 0, 1, 0, 0, 0]);
  expect([...spareRows(taken, 6)]).toEqual([1, 0, 1, 1, 0, 1]);
  expect([...spareRows(taken, 1)]).toEqual([0, 0, 0, 0, 0, 0]);
});
