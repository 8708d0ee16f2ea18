/** Epsilon and delta as people read them. */

/** Rounded up in its third decimal; null is no bound. */
export function epsilonText(epsilon: number | null): string {
  if (epsilon === null) return "∞";
  return (Math.ceil(epsilon * 1000) / 1000).toFixed(3);
}

/** Rounded up to three digits: a bound that is computed has as many as a double. */
export function deltaAtMostText(delta: number): string {
  const nearest = delta.toExponential(2);
  if (Number(nearest) >= delta) return deltaText(Number(nearest));
  const [digits, exponent] = nearest.split("e").map(Number);
  return deltaText(Number(`${Math.round(100 * (digits ?? 0)) + 1}e${(exponent ?? 0) - 2}`));
}

/** Delta as people write it: 1e-5. */
export function deltaText(delta: number): string {
  return delta < 0.001 ? delta.toExponential() : String(delta);
}
