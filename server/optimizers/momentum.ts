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
      const moved = new Float64Array(moment.length);
      const step = new Float64Array(moment.length);
      for (let i = 0; i < moved.length; i++) {
        const v = momentum * (moment[i] ?? 0) + (gradient[i] ?? 0);
        moved[i] = v;
        step[i] = rate * v;
      }
      return { step, state: { moment: moved, variance } };
    },
  };
}
