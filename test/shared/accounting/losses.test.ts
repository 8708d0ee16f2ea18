/** Steps and pure mechanisms together: what is taken from a step that knows its own delta. */
import { expect, it } from "vitest";
import { lossDelta, lossEpsilon } from "../../../shared/accounting/losses.ts";
import { ORDERS } from "../../../shared/accounting/mechanisms/rdp.ts";

it("takes the least epsilon of a step that knows its own delta, where that reaches delta exactly", () => {
  const alone = (epsilon: number) => (epsilon < 0.5 ? 1e-3 : 1e-6);
  const losses = { steps: [], pure: 3, curve: () => ORDERS.map(() => 3), alone };
  expect(lossEpsilon(losses, 1e-6)).toBeGreaterThanOrEqual(0.5);
  expect(lossEpsilon(losses, 1e-6)).toBeLessThan(0.5 + 1e-9);
  expect(lossEpsilon(losses, 1e-3)).toBe(0);
  expect(lossEpsilon(losses, 1e-7)).toBe(3);
});

it("leaves the steps what pure mechanisms leave of epsilon, however small that is", () => {
  const steps = [{ rate: 1, noiseMultiplier: 1e9, count: 1 }];
  const [pure, epsilon] = [1e-9, 3e-9];
  const all = { steps, curve: () => ORDERS.map((order) => order * 1e-18) };
  const left = lossDelta({ ...all, pure: 0 }, (epsilon - pure) * (1 - 1e-6));
  expect(left).toBeLessThan(1e-10);
  expect(lossDelta({ ...all, pure }, epsilon)).toBeLessThanOrEqual(left);
});

/** A double as a whole number of 2^-1074. */
function exactly(x: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0] ?? 0n;
  const [exponent, mantissa] = [bits >> 52n, bits & (2n ** 52n - 1n)];
  return exponent === 0n ? mantissa : (mantissa + 2n ** 52n) << (exponent - 1n);
}

it("adds pure epsilons to that of the steps, and never rounds the sum down", () => {
  const steps = [{ rate: 1, noiseMultiplier: 3, count: 2 }];
  const all = { steps, curve: () => ORDERS.map(() => Infinity) };
  for (const pure of [0.1, 0.3, 1 / 3, 7, 1e-9]) {
    const alone = lossEpsilon({ ...all, pure: 0 }, 1e-5);
    const sum = lossEpsilon({ ...all, pure }, 1e-5);
    expect(exactly(sum) >= exactly(alone) + exactly(pure), `pure ${pure}`).toBe(true);
    expect(sum).toBeLessThan((alone + pure) * (1 + 1e-15));
  }
});
