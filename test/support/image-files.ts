/** IDX files as tests write them, and a scenario of tiny images. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import type { Override } from "../../shared/scenario/text.ts";

/** As the MNIST page lays it out: magic number, big-endian dimensions, bytes row by row. */
export function idx(dims: readonly number[], data: Iterable<number>, type = 8): Buffer {
  const head = Buffer.alloc(4 + 4 * dims.length);
  head.set([0, 0, type, dims.length]);
  for (const [i, dim] of dims.entries()) head.writeInt32BE(dim, 4 + 4 * i);
  return Buffer.concat([head, Uint8Array.from(data)]);
}

/** Writes `train` and `held` images of 28 × 28 pixels and ten classes under MNIST's names, gzipped too. */
export function writeDigits(folder: string, train: number, held: number): void {
  const SIDE = 28;
  const write = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
  };
  for (const [name, count, from] of [
    ["train", train, 0],
    ["t10k", held, train],
  ] as const) {
    const indices = Array.from({ length: count }, (_, i) => from + i);
    // A bright square whose place tells the class, over a fixed pattern.
    const image = (i: number) =>
      Array.from({ length: SIDE * SIDE }, (_, at) => {
        const [row, column] = [Math.floor(at / SIDE), at % SIDE];
        const bright = Math.floor(row / 14) * 5 + Math.floor(column / 6) === i % 10;
        return (bright ? 180 : 20) + ((at * 31 + i * 17) % 60);
      });
    write(`${name}-images-idx3-ubyte`, idx([count, SIDE, SIDE], indices.flatMap(image)));
    write(
      `${name}-labels-idx1-ubyte`,
      idx(
        [count],
        indices.map((i) => i % 10),
      ),
    );
  }
}

/** Images of 2 × 3 pixels and labels 4, 7 and 9; every part of the file can be replaced. */
export function imageScenario(
  parts: Partial<
    Record<"image" | "columns" | "features" | "target" | "source" | "rest", string>
  > = {},
  overrides: readonly Override[] = [],
) {
  const image = parts.image ?? "{ role: insensitive, type: image, shape: [2, 3] }";
  const source = parts.source ?? "file: train-images-idx3-ubyte, testRows: 2, public: true";
  const text = `
format: 1
name: images
seed: 3
data:
  source: { ${source} }
  columns:
    image: ${image}
    digit: { from: label, role: target }
    ${parts.columns ?? ""}
  target: ${parts.target ?? "{ name: written, column: digit, classes: [4, 7, 9] }"}
features:
  ${parts.features ?? "pixels: { image: image, mean: 0.5, stddev: 0.25 }"}
model: { kind: softmax }
${parts.rest ?? ""}
privacy: { epsilon: 1, delta: 1e-5, population: 10 }
clients: { count: 2, minCohort: 2 }
`;
  return parseScenario(text, "images.yaml", overrides);
}
