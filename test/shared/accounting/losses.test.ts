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
