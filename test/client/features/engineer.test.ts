import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clippedValues, engineer, preparedPerson } from "../../../client/features/engineer.ts";
import { scaler } from "../../../shared/bounds/scaler.ts";
import { inputShape } from "../../../shared/contract/contract.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { imageScenario } from "../../support/image-files.ts";

describe("scaler", () => {
  it("takes the bounds to -1 and 1, and the middle to 0", () => {
    expect([0, 125, 250].map(scaler([0, 250], "linear"))).toEqual([-1, 0, 1]);
    expect([-30, 10].map(scaler([-40, 0], "linear"))).toEqual([-0.5, 1]);
    expect(scaler([0, 50], "log")(Math.sqrt(51) - 1)).toBeCloseTo(0, 12);
    expect([-0.5, 50].map(scaler([-0.5, 50], "log"))).toEqual([-1, 1]);
  });

  it("is the formula of the contract, in the logarithm where it is asked for", () => {
    // log1p 15 is four times ln 2, and log1p 3 half of it.
    expect(scaler([0, 15], "log")(3)).toBeCloseTo(0, 15);
    expect(scaler([1, 15], "log")(3)).toBeCloseTo(2 * (1 / 3) - 1, 15);
    expect(scaler([2, 10], "linear")(4)).toBe(-0.5);
  });

  it("clips to the bounds first, so that no value leaves [-1, 1], and keeps order", () => {
    const bounds = fc
      .uniqueArray(fc.double({ min: -0.99, max: 1e15, noNaN: true }), {
        minLength: 2,
        maxLength: 2,
      })
      .map(([a = 0, b = 1]) => [Math.min(a, b), Math.max(a, b)] as const)
      .filter(([a, b]) => Math.log1p(a) < Math.log1p(b));
    const value = fc.oneof(
      fc.double({ noNaN: true }),
      fc.double({ min: -2, max: 1e15, noNaN: true }),
    );
    fc.assert(
      fc.property(bounds, value, value, fc.constantFrom("linear", "log"), (ends, x, y, scale) => {
        const scaled = scaler(ends, scale);
        for (const one of [x, y]) {
          expect(Math.abs(scaled(one))).toBeLessThanOrEqual(1);
          if (one >= ends[1]) expect(scaled(one)).toBe(1);
          if (one <= ends[0]) expect(scaled(one)).toBe(-1);
        }
        if (x < y && scale === "linear") expect(scaled(x)).toBeLessThanOrEqual(scaled(y));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("engineer", async () => {
  const contract = await contractFor(
    peopleScenario({
      features: `city: { formula: "oneHot(city)" }
income: { formula: "income", bounds: [0, 100] }
age: { formula: "ordinal(age)" }
wage: { formula: "income", bounds: [0, 3], scale: log }`,
    }),
  );
  const person = (city: number, income: number, age: number) => ({
    values: new Map([
      ["city", city],
      ["income", income],
      ["age", age],
    ]),
    logs: new Map(),
  });
  const people = [person(3, 50, 1), person(0, 900, 0)];
  const slot = (at: number) => people[at] ?? person(0, 0, 0);

  it("writes a person a row, one-hot as 0 and 1, the rest between -1 and 1", async () => {
    expect(await engineer(slot, Uint8Array.of(1, 0), contract)).toEqual({
      count: 2,
      width: 7,
      inputs: Float32Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, -1, 1),
      labels: Float32Array.of(1, 0),
    });
  });

  it("gives a person the same row whoever else there is, and none where nobody is", async () => {
    const { inputs: alone } = await engineer(() => person(0, 900, 0), Uint8Array.of(0), contract);
    const { inputs: beside } = await engineer(slot, Uint8Array.of(1, 0), contract);
    expect(beside.subarray(7)).toEqual(alone);
    expect(await engineer(slot, new Uint8Array(), contract)).toMatchObject({ count: 0, width: 7 });
  });

  it("shows values as they are after clipping, before scaling", () => {
    const prepared = preparedPerson(person(1, 900, 2), ["city", "income"], contract);
    expect(prepared.features).toEqual([
      { name: "city", value: "north" },
      { name: "income", value: 100 },
      { name: "age", value: 2 },
      { name: "wage", value: 3 },
    ]);
    expect(prepared.columns).toEqual(["city", "income"]);
    expect(prepared.inputs).toEqual(Float32Array.of(0, 1, 0, 0, 1, 1, 1));
    expect(prepared.inputNames).toEqual([
      "city=south",
      "city=north",
      "city=other",
      "city=missing",
      "income",
      "age",
      "wage",
    ]);
  });

  it("counts the values that clipping changes, of rows that are kept", () => {
    const all = [person(0, 50, 0), person(0, 101, 0), person(0, 2, 0), person(0, 900, 0)];
    const clipped = (kept: number[]) =>
      clippedValues((at) => all[at] ?? person(0, 0, 0), Uint8Array.from(kept), contract);
    expect(clipped([1, 1, 1, 1])).toEqual({ income: 2, age: 0, wage: 3 });
    expect(clipped([1, 0, 1, 1])).toEqual({ income: 1, age: 0, wage: 2 });
  });
});

describe("engineer, of images", async () => {
  const bytes = Uint8Array.of(0, 51, 102, 153, 204, 255);
  const person = {
    values: new Map([["age", 1]]),
    logs: new Map(),
    images: new Map([["image", bytes]]),
  };
  const engineered = async (features: string) => {
    const columns = "age: { role: quasiIdentifier, bands: [18, 38] }";
    const contract = await contractFor(imageScenario({ features, columns }));
    return { contract, ...(await engineer(() => person, Uint8Array.of(2), contract)) };
  };

  it("is each pixel over 255, less the mean, over the standard deviation, in the file's order", async () => {
    const { inputs, labels, contract } = await engineered(
      "pixels: { image: image, mean: 0.5, stddev: 0.25 }",
    );
    const due = [-2, -1.2, -0.4, 0.4, 1.2, 2];
    expect(inputs).toHaveLength(6);
    for (const [i, value] of due.entries()) expect(inputs[i]).toBeCloseTo(value, 6);
    expect([...labels]).toEqual([2]);
    expect(inputShape(contract)).toEqual([2, 3, 1]);
  });

  it("is from 0 to 1 where no constants are given, and a plain row beside other features", async () => {
    const { inputs, contract } = await engineered(
      'age: { formula: "ordinal(age)" }\n  pixels: { image: image }',
    );
    expect([...inputs].map((x) => Number(x.toFixed(6)))).toEqual([0, 0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(inputShape(contract)).toEqual([1, 1, 7]);
  });

  it("shows of an image its size, and names its inputs once", async () => {
    const { contract } = await engineered("pixels: { image: image }");
    const prepared = preparedPerson(person, ["image"], contract);
    expect(prepared.features).toEqual([{ name: "pixels", value: "an image of 2×3 pixels" }]);
    expect(prepared.inputNames).toEqual(["pixels"]);
    expect(prepared.inputs[5]).toBe(1);
  });

  it("lets others run on the way", async () => {
    const contract = await contractFor(imageScenario());
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await engineer(() => person, new Uint8Array(300_000), contract);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

it.each([
  ["bounds: [-1, 5]", "log"],
  ["bounds: [-1e300, 1e308]", "linear"],
  ["bounds: [1e14, 100000000000000.02]", "log"],
])("a contract refuses %s with scale %s, which cannot be scaled", async (bounds, scale) => {
  const features = `f: { formula: "income", ${bounds}, scale: ${scale} }`;
  await expect(contractFor(peopleScenario({ features }))).rejects.toThrow("features.f.bounds");
});
