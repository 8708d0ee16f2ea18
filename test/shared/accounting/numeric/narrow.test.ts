import fc from "fast-check";
import { expect, it } from "vitest";
import { narrowed, type Probe } from "../../../../shared/accounting/numeric/narrow.ts";
import { logUniform } from "../../../support/properties.ts";

/** Shapes that epsilon takes over noise, and some that it doesn't. */
const shapes: readonly ((x: number) => number)[] = [
  (x) => 1 / x,
  (x) => Math.sqrt(Math.expm1(1 / x ** 2)),
  (x) => 1 / (2 * x ** 2) + 3 / x,
  (x) => 0.9 + 0.1 / x,
  (x) => (x < 2 ? 7 : 1 / x),
  // Here a secant alone would ask thousands of times.
  (x) => Math.exp(x ** -8),
  (x) => 1 + 1e-3 / x + (x < 2 ? 1e3 : 0),
  (x) => (x < 3 ? Infinity : 0),
];

it("ends next to the threshold on the side that keeps it, whichever that is, asking little", () => {
  fc.assert(
    fc.property(fc.constantFrom(...shapes), logUniform(0.3, 30), (shape, at) => {
      const limit = shape(at);
      fc.pre(limit < Infinity && shape(64) < limit && shape(0.25) > limit);
      for (const rising of [false, true]) {
        // A function that rises keeps its limit below the threshold instead.
        let asked = 0;
        const probe = (x: number): Probe => {
          asked += 1;
          const value = rising ? shape(1 / x) : shape(x);
          return { x, log: Math.log(value / limit) };
        };
        const [kept, lost] = rising ? [1 / 64, 4] : [64, 1 / 4];
        const { x, log } = narrowed(probe(kept), probe(lost), 1e-6, probe);
        expect(log).toBeLessThanOrEqual(0);
        expect(probe(rising ? x * (1 + 1.1e-6) : x * (1 - 1.1e-6)).log).toBeGreaterThan(0);
        // Bisection: 23, or 46 down to a jump. Where the secant is of no use, up to twice that.
        expect(asked).toBeLessThan(95);
        if (shapes.indexOf(shape) < 4) expect(asked).toBeLessThan(26);
      }
    }),
  );
});

it("ends at neighbouring doubles when asked for everything", () => {
  const probe = (x: number): Probe => ({ x, log: Math.log(2 / (x * x)) });
  const { x } = narrowed(probe(2), probe(1), 0, probe);
  expect(x).toBeCloseTo(Math.SQRT2, 14);
});

it("comes close in value too where the function is steep, and ends where it jumps", () => {
  const steep = (x: number): Probe => ({ x, log: 1e6 * Math.log(3 / x) });
  const found = narrowed(steep(4), steep(2), 1e-3, steep);
  expect(found.log).toBeLessThanOrEqual(0);
  expect(found.log).toBeGreaterThanOrEqual(-1e-4);
  const jump = (x: number): Probe => ({ x, log: x < 3 ? 1 : -1 });
  expect(narrowed(jump(4), jump(2), 1e-3, jump).x / 3).toBeCloseTo(1, 12);
});

it("asks nothing where the ends are as close as it is to be", () => {
  const none = () => {
    throw new Error("asked");
  };
  expect(narrowed({ x: 1, log: 0 }, { x: 2, log: 1 }, Math.LN2, none).x).toBe(1);
});
