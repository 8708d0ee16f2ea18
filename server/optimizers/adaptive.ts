/**
 * FedAdagrad, FedYogi and FedAdam (Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar & McMahan 2021,
 * arXiv:2003.00295, algorithm 2): Δ the mean update, m ← β1·m + (1 − β1)·Δ, v by one of three rules,
 * w ← w − rate·m / (√v + τ). v begins at τ², the least that the algorithm allows. As in the paper and
 * unlike in Adam itself, m and v are not corrected for having begun there.
 */
import type { Optimizer } from "./optimizer.ts";

/** v, and the square of the update, to the next v. */
type VarianceRule = (variance: number, square: number) => number;

/** Sums all squares: steps only ever shorten. */
export const adagradRule: VarianceRule = (variance, square) => variance + square;

/** A decaying mean of them. */
export function adamRule(beta2: number): VarianceRule {
  return (variance, square) => beta2 * variance + (1 - beta2) * square;
}

/** Moves towards them by a share of the square, not of the distance: v falls more slowly than Adam's. */
export function yogiRule(beta2: number): VarianceRule {
  return (variance, square) => variance - (1 - beta2) * square * Math.sign(variance - square);
}

/**
 * @param beta1 in [0, 1)
 * @param tau > 0
 */
export function adaptiveOptimizer(rule: VarianceRule, beta1: number, tau: number): Optimizer {
  return {
    start: (parameters) => ({
      moment: new Float64Array(parameters),
      variance: new Float64Array(parameters).fill(tau ** 2),
    }),
    advance(state, gradient, rate) {
      const { length } = state.moment;
      const moment = new Float64Array(length);
      const variance = new Float64Array(length);
      const step = new Float64Array(length);
      for (let i = 0; i < length; i++) {
        const g = gradient[i] ?? 0;
        const m = beta1 * (state.moment[i] ?? 0) + (1 - beta1) * g;
        const v = rule(state.variance[i] ?? 0, g ** 2);
        moment[i] = m;
        variance[i] = v;
        step[i] = (rate * m) / (Math.sqrt(v) + tau);
      }
      return { step, state: { moment, variance } };
    },
  };
}
