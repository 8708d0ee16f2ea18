/** Which files tell one sweep from another, though its scenarios read alike. */
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fileHashes } from "../../../run/scenario/named-files.ts";
import { readScenario } from "../../../run/scenario/read-scenario.ts";
import { buildModel } from "../../../shared/model/build-model.ts";
import { modelJson, weightBytes } from "../../../shared/model/saved/layers-format.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
cpSync("scenarios", join(folder.path, "scenarios"), { recursive: true });
const at = (path: string) => join(folder.path, "scenarios", path);

async function hashesOf(name: string, ...sets: Record<string, string>[]) {
  const scenarios = (sets.length > 0 ? sets : [{}]).map((set) =>
    readScenario(at(name), {
      set: Object.entries(set).map(([path, value]) => ({ path, value })),
    }),
  );
  return fileHashes(await Promise.all(scenarios), at(name));
}

it("are a hierarchy, rows of each client, held-out ones, under the SHA-256 of their bytes", async () => {
  const all = { ...(await hashesOf("purchases.yaml")), ...(await hashesOf("clinics.yaml")) };
  const clinics = ["held-out", "north", "south", "west"].map((name) => `clinics/${name}.csv`);
  const paths = ["locations.csv", ...clinics];
  expect(Object.keys(all)).toEqual(paths.map((path) => `data/${path}`));
  for (const [path, hash] of Object.entries(all))
    expect(hash, path).toBe(
      createHash("sha256")
        .update(readFileSync(at(path)))
        .digest("hex"),
    );
});

it("are those of all points together, where points name others", async () => {
  cpSync(at("data/clinics"), at("elsewhere/data/clinics"), { recursive: true });
  const elsewhere = {
    "data.source.folder": "elsewhere",
    "data.source.testFile": "data/clinics/north.csv",
  };
  expect(Object.keys(await hashesOf("clinics.yaml", {}, elsewhere))).toEqual([
    ...["held-out", "north", "south", "west"].map((name) => `data/clinics/${name}.csv`),
    ...["north", "south", "west"].map((name) => `elsewhere/data/clinics/${name}.csv`),
  ]);
});

it("are a model's layers and its weights, and channels' constants", async () => {
  const net = buildModel({
    input: [1, 1, 4],
    layers: [{ kind: "dense", units: 1, activation: "linear" }],
    loss: "binaryCrossEntropy",
    init: { kind: "zeros" },
  });
  mkdirSync(at("net"));
  const made = readFileSync(at("purchases.yaml"), "utf8");
  writeFileSync(at("net.yaml"), made.replace(/^model: .*$/m, "model: { file: net/model.json }"));
  writeFileSync(at("net/model.json"), JSON.stringify(modelJson(net)));
  const weights = async (first: number) => {
    writeFileSync(at("net/weights.bin"), weightBytes(Float32Array.of(first, 0, 0, 0, 0)));
    return hashesOf("net.yaml");
  };
  const [before, after] = [await weights(1), await weights(2)];
  const changed = Object.keys(after).filter((path) => before[path] !== after[path]);
  expect(Object.keys(after)).toContain("net/model.json");
  expect(changed).toEqual(["net/model.json, its weights"]);
  const scattered = Object.keys(await hashesOf("mnist-scatter.yaml"));
  expect(scattered.filter((path) => path.startsWith("data/scatter"))).toHaveLength(1);
});

it("are others after one byte more, and refused where there is none", async () => {
  const before = await hashesOf("purchases.yaml");
  appendFileSync(at("data/locations.csv"), "\n");
  expect(await hashesOf("purchases.yaml")).not.toEqual(before);
  await expect(hashesOf("clinics.yaml", { "data.source.testFile": "gone.csv" })).rejects.toThrow(
    "path.missing",
  );
});
