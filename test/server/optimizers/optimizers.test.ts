/** Reddi et al. 2021, algorithm 2, by hand: numbers that come out even. */
import { describe, expect, it } from "vitest";
import { optimizerOf } from "../../../server/optimizers/optimizer-of.ts";
import type { OptimizerSpec } from "../../../shared/training/optimizer-spec.ts";

/** State and step of each of two rounds along these gradients, rate 2 and then 4. */
function twoSteps(spec: OptimizerSpec, ...gradients: readonly (readonly number[])[]) {
  const optimizer = optimizerOf(spec);
  let state = optimizer.start(gradients[0]?.length ?? 0);
  return gradients.map((gradient, round) => {
    const advanced = optimizer.advance(state, Float64Array.from(gradient), 2 * (round + 1));
    state = advanced.state;
    return { ...advanced.state, step: advanced.step };
  });
}

const ADAPTIVE = { beta1: 0.5, beta2: 0.75, epsilon: 1 } as const;

it("sgd goes down the gradient, and remembers nothing that counts", () => {
  const [first, second] = twoSteps({ kind: "sgd" }, [1, -2], [3, 0]);
  expect(first?.step).toEqual(Float64Array.of(2, -4));
  expect(second?.step).toEqual(Float64Array.of(12, 0));
});

it("momentum adds up what came before", () => {
  const [, second] = twoSteps({ kind: "momentum", momentum: 0.25 }, [1, -2], [3, 0]);
  expect(second?.moment).toEqual(Float64Array.of(3.25, -0.5));
  expect(second?.step).toEqual(Float64Array.of(13, -2));
});

describe("the adaptive ones, uncorrected for their start at τ²", () => {
  it("adam: a decaying mean of squares", () => {
    // v = .75·1 + .25·16 = 4.75; m = .5·4 = 2; step 2·2 / (√4.75 + 1).
    const [first, second] = twoSteps({ kind: "adam", ...ADAPTIVE }, [4], [0]);
    expect(first?.moment).toEqual(Float64Array.of(2));
    expect(first?.variance).toEqual(Float64Array.of(4.75));
    expect(first?.step[0]).toBeCloseTo(4 / (Math.sqrt(4.75) + 1), 14);
    // No gradient: m halves, v falls to three quarters.
    expect(second?.moment).toEqual(Float64Array.of(1));
    expect(second?.variance).toEqual(Float64Array.of(3.5625));
    expect(second?.step[0]).toBeCloseTo(4 / (Math.sqrt(3.5625) + 1), 14);
  });

  it("yogi: up or down by a share of the square, whichever way it lies", () => {
    // 16 > 1: v = 1 + .25·16 = 5. Then 4 < 5: v = 5 − .25·4 = 4, where Adam's would be 4.75.
    const [first, second] = twoSteps({ kind: "yogi", ...ADAPTIVE }, [4], [2]);
    expect(first?.variance).toEqual(Float64Array.of(5));
    expect(second?.variance).toEqual(Float64Array.of(4));
    expect(second?.moment).toEqual(Float64Array.of(2));
    expect(second?.step).toEqual(Float64Array.of(8 / 3));
    // A square that is the variance leaves it.
    expect(twoSteps({ kind: "yogi", ...ADAPTIVE }, [1])[0]?.variance).toEqual(Float64Array.of(1));
  });

  it("adagrad: the sum of all squares", () => {
    const { beta1, epsilon } = ADAPTIVE;
    const spec = { kind: "adagrad", beta1, epsilon } as const;
    const [first, second] = twoSteps(spec, [Math.sqrt(8)], [4]);
    expect(first?.variance[0]).toBeCloseTo(9, 12);
    expect(second?.variance[0]).toBeCloseTo(25, 12);
    expect(second?.step[0]).toBeCloseTo((4 * (0.5 * Math.sqrt(2) + 2)) / 6, 12);
  });

  it("begin at τ², so that a first step is no longer than β1 and τ allow", () => {
    const spec = { kind: "adam", beta1: 0.9, beta2: 0.99, epsilon: 0.125 } as const;
    expect(optimizerOf(spec).start(2).variance).toEqual(Float64Array.of(1 / 64, 1 / 64));
  });
});

it.each(["sgd", "momentum", "adam", "yogi", "adagrad"] as const)(
  "%s changes none of its arguments",
  (kind) => {
    const spec: OptimizerSpec = {
      sgd: { kind: "sgd" as const },
      momentum: { kind: "momentum" as const, momentum: 0.5 },
      adam: { kind: "adam" as const, ...ADAPTIVE },
      yogi: { kind: "yogi" as const, ...ADAPTIVE },
      adagrad: { kind: "adagrad" as const, beta1: 0.5, epsilon: 1 },
    }[kind];
    const optimizer = optimizerOf(spec);
    const state = optimizer.start(1);
    const [moment, variance] = [[...state.moment], [...state.variance]];
    const gradient = Float64Array.of(3);
    optimizer.advance(state, gradient, 1);
    expect([[...state.moment], [...state.variance], [...gradient]]).toEqual([
      moment,
      variance,
      [3],
    ]);
  },
);
