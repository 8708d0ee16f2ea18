/** Epsilon and delta as people read them. */

/** Rounded up in its third decimal; null is no bound. */
export function epsilonText(epsilon: number | null): string {
  if (epsilon === null) return "∞";
  return (Math.ceil(epsilon * 1000) / 1000).toFixed(3);
}

/** Delta as people write it: 1e-5. */
export function deltaText(delta: number): string {
  return delta < 0.001 ? delta.toExponential() : String(delta);
}
