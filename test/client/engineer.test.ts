import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineer, preparedPerson, scaled } from "../../client/engineer.ts";
import { contractFor, peopleScenario } from "../support/contracts.ts";

describe("scaled", () => {
  it("takes the bounds to -1 and 1, and the middle to 0", () => {
    expect([0, 125, 250].map((x) => scaled(x, [0, 250], "linear"))).toEqual([-1, 0, 1]);
    expect(scaled(Math.sqrt(51) - 1, [0, 50], "log")).toBeCloseTo(0, 12);
    expect([-0.5, 50].map((x) => scaled(x, [-0.5, 50], "log"))).toEqual([-1, 1]);
  });

  it("clips to the bounds first, so that no value leaves [-1, 1]", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.constantFrom("linear", "log"), (x, scale) => {
        const input = scaled(x, [2, 9], scale);
        expect(input).toBeGreaterThanOrEqual(-1);
        expect(input).toBeLessThanOrEqual(1);
        if (x >= 9) expect(input).toBe(1);
        if (x <= 2) expect(input).toBe(-1);
      }),
    );
  });
});

describe("engineer", async () => {
  const contract = await contractFor(
    peopleScenario({
      features:
        'city: { formula: "oneHot(city)" }\nincome: { formula: "income", bounds: [0, 100] }',
    }),
  );
  const person = (city: number, income: number, label: 0 | 1) => ({
    values: new Map([
      ["city", city],
      ["income", income],
    ]),
    logs: new Map(),
    label,
  });

  it("writes a person a row, one-hot as 0 and 1", () => {
    const examples = engineer([person(3, 50, 1), person(0, 900, 0)], contract);
    expect(examples).toEqual({
      count: 2,
      width: 5,
      inputs: Float32Array.of(0, 0, 0, 1, 0, 1, 0, 0, 0, 1),
      labels: Float32Array.of(1, 0),
    });
  });

  it("shows values as they are after clipping, before scaling", () => {
    const prepared = preparedPerson(person(1, 900, 0), ["city", "income"], contract);
    expect(prepared.features).toEqual([
      { name: "city", value: "north" },
      { name: "income", value: 100 },
    ]);
    expect(prepared.inputNames).toEqual([
      "city=south",
      "city=north",
      "city=other",
      "city=missing",
      "income",
    ]);
  });
});
