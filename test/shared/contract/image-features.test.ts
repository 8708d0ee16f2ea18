import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../shared/canonical.ts";
import { buildContract } from "../../../shared/contract/build.ts";
import { contractSchema } from "../../../shared/contract/check.ts";
import { type Contract, inputShape, modelInputs } from "../../../shared/contract/contract.ts";
import { contractFor, shippedScenario } from "../../support/contracts.ts";
import { imageScenario } from "../../support/image-files.ts";

const GREY = "{ role: insensitive, type: image, shape: [28, 28] }";
const scattered = (keys: string) => ({
  image: GREY,
  features: `coefficients: { image: image, scatter: { ${keys} } }`,
});
const refusal = async (...[parts]: Parameters<typeof imageScenario>) => {
  try {
    await contractFor(imageScenario(parts));
  } catch (error) {
    return String(error);
  }
  return "no refusal";
};

describe("features of an image", () => {
  it("give the model its shape where one stands alone", async () => {
    const colour = "{ role: insensitive, type: image, shape: [4, 5, 3] }";
    expect(inputShape(await contractFor(imageScenario({ image: colour })))).toEqual([4, 5, 3]);
    expect(inputShape(await contractFor(imageScenario(scattered("groups: 27"))))).toEqual([
      7, 7, 81,
    ]);
    const pooled = await contractFor(imageScenario(scattered("pool: 3")));
    expect(inputShape(pooled)).toEqual([3, 3, 81]);
    expect(modelInputs(pooled)).toBe(729);
  });

  it("take constants from a file, a line a channel", async () => {
    const { features } = await contractFor(shippedScenario("mnist-scatter"));
    expect(features[0]).toMatchObject({ width: 3_969, outputShape: [7, 7, 81] });
    expect(features[0]).toHaveProperty("normalisation.means.0", 0.28864);
    expect(features[0]).toHaveProperty("normalisation.stddevs.80", expect.any(Number));
  });

  it.each([
    ["another header", "a,b", "got another first line"],
    ["a line too few", `mean,stddev${"\n1,1".repeat(80)}`, "80 lines"],
    ["a deviation of 0", `mean,stddev\n1,0${"\n1,1".repeat(80)}`, "line 2"],
    ["what is no number", `mean,stddev${"\n1,1".repeat(80)}\n1,x`, "line 82"],
    ["NaN", `mean,stddev${"\n1,1".repeat(80)}\nNaN,1`, "line 82"],
  ])("refuse a file with %s", async (_, text, fault) => {
    const scenario = imageScenario(scattered("channels: constants.csv"));
    await expect(buildContract(scenario, async () => text)).rejects.toThrow(fault);
  });

  it.each([
    ["too much of a pad", scattered("pad: 4"), "features.coefficients.scatter.pad"],
    ["too little of one", scattered("pad: 1"), "features.coefficients.scatter.pad"],
    ["colours", { ...scattered("groups: 3"), image: GREY.replace("28]", "28, 3]") }, "grey"],
    ["groups that do not divide", scattered("groups: 10"), "features.coefficients.scatter.groups"],
    ["two rules of scale", scattered("groups: 3, channels: x.csv"), "channels and groups"],
    ["no such column", { features: "p: { image: picture }" }, "features.p.image"],
    [
      "a column of no images",
      { columns: "age: { role: insensitive, type: number }", features: "p: { image: age }" },
      "a column with type: image",
    ],
    ["a formula beside it", { features: 'p: { image: image, formula: "1" }' }, "formula and image"],
    ["neither", { features: "p: { scale: linear }" }, "neither"],
    ["bounds", { features: "p: { image: image, bounds: [0, 1] }" }, "features.p.bounds"],
    [
      "one constant of two",
      { features: "p: { image: image, mean: 0.1 }" },
      "one of mean and stddev",
    ],
    [
      "constants beside scatter",
      { image: GREY, features: "p: { image: image, mean: 0, stddev: 1, scatter: {} }" },
      "none beside scatter",
    ],
    ["a stddev of 0", { features: "p: { image: image, mean: 0, stddev: 0 }" }, "features.p.stddev"],
    ["a formula over an image", { features: 'p: { formula: "image" }' }, "no image: features.NAME"],
    [
      "a filter over an image",
      { source: 'file: x, testRows: 2, public: true, where: "image > 1"' },
      "no image",
    ],
  ])("are refused for %s", async (_, parts, fault) => {
    expect(await refusal(parts)).toContain(fault);
  });
});

describe("a column of images", () => {
  it.each([
    ["no shape", "{ role: insensitive, type: image }", "data.columns.image.shape"],
    [
      "a shape of text",
      "{ role: insensitive, type: text, shape: [2, 3] }",
      "data.columns.image.shape",
    ],
    [
      "a level",
      "{ role: insensitive, type: image, shape: [2, 3], bands: [1] }",
      "data.columns.image.bands",
    ],
    [
      "role quasiIdentifier",
      "{ role: quasiIdentifier, type: image, shape: [2, 3] }",
      "roleConflict",
    ],
    ["role sensitive", "{ role: sensitive, type: image, shape: [2, 3] }", "roleConflict"],
    [
      "a size beyond any row's",
      "{ role: insensitive, type: image, shape: [4096, 4096] }",
      "1048576 bytes",
    ],
  ])("is refused for %s", async (_, image, fault) => {
    expect(await refusal({ image })).toContain(fault);
  });
});

describe("a target of classes", () => {
  it("takes numbers as text, in the order given", async () => {
    const { target } = await contractFor(imageScenario());
    expect(target).toEqual({
      kind: "classes",
      name: "written",
      column: "digit",
      classes: ["4", "7", "9"],
    });
  });

  it.each([
    [
      "a positive label as well",
      "{ name: w, column: digit, classes: [4, 7], positive: 4 }",
      "data.target",
    ],
    ["one class", "{ name: w, column: digit, classes: [4] }", "data.target.classes"],
    ["a class twice", '{ name: w, column: digit, classes: [4, "4"] }', "each class once"],
    [
      "257 classes",
      `{ name: w, column: digit, classes: [${[...Array(257).keys()].join(", ")}] }`,
      "data.target.classes",
    ],
    [
      "another column",
      "{ name: w, column: image, classes: [4, 7] }",
      "the one column with role target",
    ],
  ])("is refused for %s", async (_, target, fault) => {
    expect(await refusal({ target })).toContain(fault);
  });
});

describe("contractSchema, of images", async () => {
  const built = await contractFor(imageScenario(scattered("groups: 27")));
  const scatter = { ...built.features[0] };
  const pixels = await contractFor(imageScenario());
  const fault = (contract: Contract, feature: object) =>
    contractSchema.safeParse({ ...contract, features: [{ ...contract.features[0], ...feature }] });

  it("takes back what was built, unchanged", () => {
    for (const contract of [built, pixels])
      expect(canonicalJson(contractSchema.parse(JSON.parse(JSON.stringify(contract))))).toBe(
        canonicalJson(contract),
      );
  });

  it.each<[string, object]>([
    ["another width", { width: 3_970 }],
    ["another output shape", { outputShape: [3, 3, 81] }],
    ["a pad that misses the grid", { pad: 3 }],
    ["an image of another shape than its column", { shape: [30, 30, 1], pad: 1 }],
    ["groups that do not divide", { normalisation: { kind: "groups", groups: 2 } }],
    ["too few constants", { normalisation: { kind: "channels", means: [1], stddevs: [1] } }],
    [
      "a deviation of 0",
      { normalisation: { kind: "channels", means: Array(81).fill(0), stddevs: Array(81).fill(0) } },
    ],
    ["a pool that there is not", { pool: 2 }],
    ["a column that is none", { column: "digit" }],
    ["a key more", { bounds: [0, 1] }],
  ])("refuses scattering with %s", (_, change) => {
    expect(scatter).toMatchObject({ kind: "scatter" });
    expect(fault(built, change).success).toBe(false);
  });

  it.each<[string, object]>([
    ["another width", { width: 5 }],
    ["a stddev of 0", { stddev: 0 }],
    ["a mean that is no number", { mean: Number.NaN }],
    ["another shape of as many bytes", { shape: [3, 2, 1] }],
  ])("refuses pixels with %s", (_, change) => {
    expect(fault(pixels, change).success).toBe(false);
  });
});
