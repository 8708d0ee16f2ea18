import { describe, expect, it } from "vitest";
import { momentumOptimizer } from "../../../server/optimizers/momentum.ts";
import { release } from "../../../server/step/release.ts";

describe("release", () => {
  const plan = { scale: 8, expectedUnits: 4 };
  const moving = (...velocity: number[]) => ({
    parameters: Float32Array.of(1, -2),
    optimizer: { moment: Float64Array.from(velocity), variance: new Float64Array() },
  });
  const start = moving(0, 0);

  it("decodes, divides and steps, as computed by hand", () => {
    // First: sum / 8 / 4 = (1, -2) = v; w = (1, -2) - .5·v.
    const first = release(Int32Array.of(32, -64), plan, start, 0.5, momentumOptimizer(0.25));
    expect([...first.optimizer.moment]).toEqual([1, -2]);
    expect([...first.parameters]).toEqual([0.5, -1]);
    // Second: g = (0, 1); v = .25·(1, -2) + g = (.25, .5); w = (.5, -1) - 2·v.
    const second = release(Int32Array.of(0, 32), plan, first, 2, momentumOptimizer(0.25));
    expect([...second.optimizer.moment]).toEqual([0.25, 0.5]);
    expect([...second.parameters]).toEqual([0, -2]);
  });

  it("steps down the gradient alone when momentum is 0", () => {
    const { parameters } = release(
      Int32Array.of(32, -64),
      plan,
      moving(100, 100),
      0.5,
      momentumOptimizer(0),
    );
    expect([...parameters]).toEqual([0.5, -1]);
  });

  it("keeps velocity in float64 and parameters in float32", () => {
    const third = { scale: 3, expectedUnits: 1 };
    const { optimizer, parameters } = release(
      Int32Array.of(1, 0),
      third,
      start,
      1,
      momentumOptimizer(0.9),
    );
    expect(optimizer.moment[0]).toBe(1 / 3);
    expect(parameters[0]).toBe(Math.fround(1 - 1 / 3));
  });

  it("changes none of its arguments", () => {
    const before = moving(3, 4);
    const sum = Int32Array.of(5, 6);
    release(sum, plan, before, 0.5, momentumOptimizer(0.25));
    expect([...before.parameters, ...before.optimizer.moment, ...sum]).toEqual([1, -2, 3, 4, 5, 6]);
  });

  it("refuses a sum or a velocity of another length than the model", () => {
    expect(() => release(new Int32Array(3), plan, start, 1, momentumOptimizer(0))).toThrow(
      RangeError,
    );
    const few = { ...start, parameters: new Float32Array(1) };
    expect(() => release(new Int32Array(2), plan, few, 1, momentumOptimizer(0))).toThrow(
      RangeError,
    );
    const short = { ...start, optimizer: moving(0).optimizer };
    expect(() => release(new Int32Array(2), plan, short, 1, momentumOptimizer(0))).toThrow(
      RangeError,
    );
  });
});
