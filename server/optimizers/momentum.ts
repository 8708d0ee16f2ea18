/** Gradient descent with momentum (Polyak 1964): v ← momentum·v + g, w ← w − rate·v. */
import type { Optimizer } from "./optimizer.ts";

/** @param momentum in [0, 1); 0 is plain descent */
export function momentumOptimizer(momentum: number): Optimizer {
  return {
    start: (parameters) => ({
      moment: new Float64Array(parameters),
      variance: new Float64Array(),
    }),
    advance({ moment, variance }, gradient, rate) {
      const moved = moment.map((v, i) => momentum * v + (gradient[i] ?? 0));
      return { step: moved.map((v) => rate * v), state: { moment: moved, variance } };
    },
  };
}
