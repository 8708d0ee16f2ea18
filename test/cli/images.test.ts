/** Images through the whole program: a run on tiny IDX files, and the commands that look at tables. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { idx } from "../support/image-files.ts";
import { murmur, runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);

const SIDE = 28;
/** Label 0: a bright upper half; 1: a lower one; 2: a left one. Noise of a fixed pattern over each. */
function image(label: number, i: number): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    const bright = [row < SIDE / 2, row >= SIDE / 2, column < SIDE / 2][label];
    return (bright ? 150 : 40) + ((at * 31 + i * 17) % 60);
  });
}

const labels = (count: number) => Array.from({ length: count }, (_, i) => i % 3);
const images = (count: number) => labels(count).flatMap(image);

const scenario = (features: object, model: object, more: object = {}) => ({
  format: 1,
  name: "pictures",
  seed: 4,
  data: {
    source: {
      file: "train-images-idx3-ubyte",
      testFile: "t10k-images-idx3-ubyte.gz",
      public: true,
    },
    columns: {
      image: { role: "insensitive", type: "image", shape: [SIDE, SIDE] },
      half: { from: "label", role: "target" },
    },
    target: { name: "brightHalf", column: "half", classes: [0, 1, 2] },
    partition: { kind: "dirichlet", alpha: 1 },
  },
  features,
  model,
  training: { rounds: 30, learningRate: 0.5, clipNorm: 1 },
  privacy: { trust: "central", epsilon: 8, delta: 1e-5, population: 90 },
  clients: { count: 3 },
  ...more,
});

const PIXELS = { pixels: { image: "image", mean: 0.5, stddev: 0.25 } };

function written(name: string, content: object): string {
  writeFileSync(at(name), stringify(content));
  return at(name);
}

beforeAll(() => {
  writeFileSync(at("train-images-idx3-ubyte"), idx([90, SIDE, SIDE], images(90)));
  writeFileSync(at("train-labels-idx1-ubyte"), idx([90], labels(90)));
  writeFileSync(at("t10k-images-idx3-ubyte.gz"), gzipSync(idx([30, SIDE, SIDE], images(30))));
  writeFileSync(at("t10k-labels-idx1-ubyte.gz"), gzipSync(idx([30], labels(30))));
});

it.each([
  ["pixels", PIXELS, { kind: "softmax" }, 784],
  [
    "scattering",
    { halves: { image: "image", scatter: { groups: 27, pool: 3 } } },
    { kind: "softmax" },
    729,
  ],
  [
    "pixels and a convolution",
    PIXELS,
    { kind: "cnn", layers: [{ kind: "conv", filters: 2, size: 7, stride: 7, padding: "valid" }] },
    784,
  ],
])(
  "a run on %s learns three classes, and no byte of an image is in what it says",
  async (name, features, model, inputs) => {
    const run = at(name.replaceAll(" ", "-"));
    const path = written(`${name.replaceAll(" ", "-")}.yaml`, scenario(features, model));
    const result = await runJson(path, ["--out", run]);
    expect(result.epochs.at(-1).accuracy).toBeGreaterThan(0.9);
    expect(result.stages[2]).toMatchObject({ rowsOut: 90, note: `${inputs} model inputs` });
    expect(result.stages[2].namesOut).toHaveLength(1);
    // Three pixels side by side of the first image, as text would have them.
    const [a, b, c] = image(0, 0);
    const planted = new RegExp(`${a},\\s*${b},\\s*${c}`);
    expect(JSON.stringify(result)).not.toMatch(planted);
    for (const file of readdirSync(run, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toMatch(planted);
  },
  TIMEOUT_MS,
);

it(
  "counts of as many classes as there are come back by their names",
  async () => {
    const statistics = { noiseMultiplier: 20, classCounts: true };
    const path = written("counted.yaml", scenario(PIXELS, { kind: "softmax" }, { statistics }));
    const args = ["--set", "training.rounds=2", "--set", "privacy.trust=none"];
    await runJson(path, [...args, "--out", at("counted")]);
    const { statistics: told } = JSON.parse(readFileSync(at("counted/trace.json"), "utf8"));
    expect(told).toMatchObject([
      { name: "brightHalf", names: ["0", "1", "2"], counts: [30, 30, 30] },
    ]);
  },
  TIMEOUT_MS,
);

it("scan says that a column holds images, and looks for no text in them", async () => {
  const { status, stdout } = await murmur(["scan", at("train-images-idx3-ubyte"), "--json"]);
  expect(status).toBe(0);
  const { rows, columns } = JSON.parse(stdout);
  expect(rows).toBe(90);
  expect(columns[0]).toMatchObject({ column: "image", looked: 0, role: "insensitive" });
  expect(columns[0].why).toContain("images");
});

it("anonymize leaves images out of its table of text, and says so", async () => {
  const { data } = scenario(PIXELS, {});
  const path = written("schema.yaml", { columns: data.columns, target: data.target });
  const table = at("train-images-idx3-ubyte");
  const told = await murmur(["anonymize", table, "--schema", path, "--out", at("out.csv")]);
  expect(told.stderr).toBe("");
  expect(told.stdout).toContain("image: images, kept as they are");
  const lines = readFileSync(at("out.csv"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(91);
  expect(lines.slice(0, 4)).toEqual(["brightHalf", "0", "1", "2"]);
});

it("init refuses a file of images, whose shape and scale it cannot know", async () => {
  const args = ["init", at("new"), "--from", at("train-images-idx3-ubyte"), "--target", "label"];
  const { status, stderr } = await murmur(args);
  expect(status).toBe(2);
  expect(stderr).toContain("got images");
  expect(existsSync(at("new"))).toBe(false);
});

it.each([
  [
    "a text under an IDX file's name",
    { file: "page-images-idx3-ubyte" },
    "data.format (page-images-idx3-ubyte): got no IDX file",
  ],
  [
    "images whose name leads to no labels",
    { file: "pictures.idx" },
    "labels of images NAME-images-idx3-ubyte are read from NAME-labels-idx1-ubyte beside them",
  ],
  [
    "images of as many pixels but another shape",
    { file: "flat-images-idx3-ubyte" },
    "data.imageShape (flat-images-idx3-ubyte): got images of 14×56 pixels, expected 28×28, as image declares",
  ],
])(
  "refuses %s in one line that says what is due",
  async (name, source, words) => {
    writeFileSync(at("page-images-idx3-ubyte"), "<html>404</html>");
    writeFileSync(at("pictures.idx"), idx([90, SIDE, SIDE], images(90)));
    writeFileSync(at("flat-images-idx3-ubyte"), idx([90, SIDE / 2, SIDE * 2], images(90)));
    writeFileSync(at("flat-labels-idx1-ubyte"), idx([90], labels(90)));
    const base = scenario(PIXELS, { kind: "softmax" });
    const data = { ...base.data, source: { ...base.data.source, ...source } };
    const path = written(`${name.replaceAll(/\W/g, "-")}.yaml`, { ...base, data });
    const { status, stderr } = await murmur(["run", path, "--out", at("refused")]);
    expect(stderr).toContain(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([status, existsSync(at("refused"))]).toEqual([2, false]);
  },
  TIMEOUT_MS,
);
