import { rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openTable } from "../../../client/source/open-table.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import { idx } from "../../support/image-files.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const IMAGES = idx([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
const LABELS = idx([2], [7, 9]);
const BIG = new Uint8Array(1_025 * 1_024);

/** Of an image's cell; nothing of any other. */
const bytesOf = (cell: Cell | undefined) => (cell instanceof Uint8Array ? [...cell] : []);

function folderOf(images: Buffer, labels: Record<string, Buffer>): string {
  for (const gz of ["", ".gz"])
    rmSync(join(files.folder, `train-labels-idx1-ubyte${gz}`), { force: true });
  for (const [name, bytes] of Object.entries(labels)) files.write(name, bytes);
  return files.write("train-images-idx3-ubyte", images);
}

describe("IDX images", () => {
  it("are one cell each, their bytes row by row, numbered from 1", async () => {
    const read = await files.read(files.write("t.idx", IMAGES));
    expect({ ...read, rows: read.rows.map((row) => row.map(bytesOf)) }).toEqual({
      header: ["image"],
      typed: true,
      lines: [1, 2],
      rows: [[[0, 1, 2, 3, 4, 5]], [[250, 251, 252, 253, 254, 255]]],
    });
  });

  it.each([
    ["beside them", "train-labels-idx1-ubyte", LABELS],
    ["gzipped", "train-labels-idx1-ubyte.gz", gzipSync(LABELS)],
  ])("under MNIST's name bring their labels along, %s", async (_, name, labels) => {
    const { header, rows } = await files.read(folderOf(IMAGES, { [name]: labels }));
    expect(header).toEqual(["image", "label"]);
    expect(rows.map(([image, ...more]) => [bytesOf(image).length, ...more])).toEqual([
      [6, 7],
      [6, 9],
    ]);
  });

  it("are labels alone in a file of one dimension", async () => {
    const { header, rows } = await files.read(files.write("t.idx", LABELS));
    expect({ header, rows }).toEqual({ header: ["label"], rows: [[7], [9]] });
  });

  it("come over many chunks and batches as they were, gzipped", async () => {
    const count = 3_000;
    const bytes = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7 + (i >> 9)) % 256);
    const { rows, lines } = await files.read(
      files.write("t.gz", gzipSync(idx([count, 28, 28], bytes))),
    );
    expect(lines).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    const all = rows.map(([image]) => Uint8Array.from(bytesOf(image)));
    expect(Buffer.concat(all).equals(bytes)).toBe(true);
  });
});

describe("IDX files are refused for", () => {
  it.each<[string, string, Buffer]>([
    ["bytes too few", "data.format", IMAGES.subarray(0, -1)],
    ["a record too few", "data.format", IMAGES.subarray(0, -6)],
    ["a byte too many", "data.format", Buffer.concat([IMAGES, Buffer.from([1])])],
    ["a record too many", "data.format", Buffer.concat([IMAGES, IMAGES.subarray(-6)])],
    ["dimensions cut off", "data.format", IMAGES.subarray(0, 9)],
    ["a negative dimension", "data.format", idx([-2, 2, 3], [])],
    ["a dimension of none", "data.format", idx([0, 2, 3], [])],
    ["five dimensions", "data.format", idx([1, 1, 1, 1, 1], [0])],
    ["integers of 32 bits", "data.format", idx([1], [0, 0, 0, 0], 0x0c)],
    ["more data than any file", "data.size", idx([2 ** 31 - 1, 2 ** 31 - 1, 3], [])],
    ["a larger image than a row", "data.fieldSize", idx([1, 1_025, 1_024], BIG)],
  ])("%s", async (_, code, content) => {
    expect((await files.refusal(files.write("t.idx", content))).what).toBe(code);
  });

  it.each<[string, string, Record<string, Buffer>]>([
    ["labels that are not there", "path.missing", {}],
    ["fewer labels than images", "data.ragged", { "train-labels-idx1-ubyte": idx([1], [7]) }],
    ["labels cut off", "data.format", { "train-labels-idx1-ubyte": LABELS.subarray(0, -1) }],
    ["images for labels", "data.format", { "train-labels-idx1-ubyte": IMAGES }],
  ])("%s", async (_, code, labels) => {
    const { what, got, expected } = await files.refusal(folderOf(IMAGES, labels));
    expect(what).toBe(code);
    // How many images there are is how many rows.
    if (code === "data.ragged") expect(`${got} ${expected}`).not.toMatch(/\d/);
  });

  it("a record too many, which is never handed on", async () => {
    const name = files.write("t.idx", Buffer.concat([IMAGES, IMAGES.subarray(-6)]));
    let rows = 0;
    const count = async () => {
      const { batches } = await openTable(files.folder, name);
      for await (const batch of batches) rows += batch.length;
    };
    await expect(count()).rejects.toThrow("data.format");
    expect(rows).toBeLessThanOrEqual(2);
  });

  it("a header of another length", async () => {
    const named = await files.read(files.write("t.idx", IMAGES), { header: ["face"] });
    expect(named.header).toEqual(["face"]);
    const problem = await files.refusal(files.write("t.idx", IMAGES), { header: ["a", "b"] });
    expect(problem.what).toBe("data.header");
  });
});
