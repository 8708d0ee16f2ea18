/** Images from their files to each client's examples: bytes kept as they are, labels as class numbers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DataAssignment } from "../../../client/data/assignment.ts";
import { personFromRow } from "../../../client/data/person-row.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor } from "../../support/contracts.ts";
import { idx, imageScenario } from "../../support/image-files.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
const TRAIN = 12;
/** Pixel 0 tells which image it is. */
const pixels = (image: number) => [image, 10, 20, 30, 40, 50];
const labelOf = (image: number) => [4, 7, 9][image % 3] ?? 0;
const numbers = Array.from({ length: TRAIN }, (_, image) => image);

beforeAll(() => {
  files.write("train-images-idx3-ubyte", idx([TRAIN, 2, 3], numbers.flatMap(pixels)));
  files.write("train-labels-idx1-ubyte", idx([TRAIN], numbers.map(labelOf)));
  const tests = [200, 201];
  files.write("t10k-images-idx3-ubyte.gz", gzipSync(idx([2, 2, 3], tests.flatMap(pixels))));
  files.write("t10k-labels-idx1-ubyte.gz", gzipSync(idx([2], [9, 4])));
});
afterAll(() => files.remove());

async function prepared(
  parts: Parameters<typeof imageScenario>[0] = {},
  overrides: Partial<DataAssignment> = {},
) {
  const scenario = imageScenario(parts);
  const assignment = { folder: files.folder, ...overrides };
  return prepare(await contractFor(scenario), assignmentFor(scenario, assignment));
}

const PLAIN = "pixels: { image: image }";
const SEPARATE = "file: train-images-idx3-ubyte, testFile: t10k-images-idx3-ubyte.gz, public: true";

describe("images", () => {
  it("come to their clients whole, each beside its own label, held-out ones from a file of theirs", async () => {
    const { clients, heldOut, stages, person } = await prepared(
      { source: SEPARATE, features: PLAIN },
      { population: TRAIN },
    );
    const seen: number[] = [];
    for (const { examples } of clients.values()) {
      for (let slot = 0; slot < examples.count; slot++) {
        const own = [...examples.inputs.subarray(6 * slot, 6 * (slot + 1))].map((x) =>
          Math.round(255 * x),
        );
        expect(own).toEqual(pixels(own[0] ?? -1));
        expect([4, 7, 9][examples.labels[slot] ?? -1]).toBe(labelOf(own[0] ?? -1));
        seen.push(own[0] ?? -1);
      }
    }
    expect(seen.sort((a, b) => a - b)).toEqual(numbers);
    expect(heldOut?.labels).toEqual(Float32Array.of(2, 0));
    expect(Math.round(255 * (heldOut?.inputs[6] ?? 0))).toBe(201);
    expect(person?.inputs).toEqual(heldOut?.inputs.subarray(0, 6));
    expect(stages.map(({ namesOut }) => namesOut)).toEqual([
      ["image", "digit"],
      ["image"],
      ["pixels 2×3"],
    ]);
    expect(stages[2]?.note).toBe("6 model inputs");
  });

  it("are in no measure of risk, and looked through by no scan", async () => {
    const { clients } = await prepared();
    for (const { report } of clients.values()) {
      expect(report.before.equivalence_classes).toBe(1);
      expect(report.scan.findings).toEqual([]);
      expect(report.contract.columns[0]).toMatchObject({ kept: "an image as it is, 2×3 pixels" });
      expect(JSON.stringify(report)).not.toContain("10,20,30");
    }
  });

  it.each([
    [
      "an image of another size",
      { image: "{ role: insensitive, type: image, shape: [3, 3] }" },
      "data.imageShape",
    ],
    [
      "an image for text",
      { image: "{ role: insensitive }", features: 'one: { formula: "1", bounds: [0, 2] }' },
      "data.image (train-images-idx3-ubyte, line 1, image)",
    ],
    [
      "an image for a number",
      {
        image: "{ role: insensitive, type: number }",
        features: 'one: { formula: "image", bounds: [0, 2] }',
      },
      "data.notANumber",
    ],
    [
      "an image for a category",
      {
        image: "{ role: quasiIdentifier, vocabulary: [a] }",
        features: 'one: { formula: "oneHot(image)" }',
      },
      "data.image",
    ],
    [
      "an image for a date",
      {
        image: "{ role: insensitive, type: date }",
        features: 'one: { formula: "1", bounds: [0, 2] }',
      },
      "data.image",
    ],
    [
      "an image for a code",
      {
        image: "{ role: insensitive, type: code }",
        features: 'one: { formula: "1", bounds: [0, 2] }',
      },
      "data.wrongShape",
    ],
    [
      "an image for a name",
      {
        image: "{ role: directIdentifier, action: pseudonym, dropAfterJoin: false }",
        features: 'one: { formula: "1", bounds: [0, 2] }',
      },
      "data.image",
    ],
    [
      "an image for a person",
      {
        image: "{ role: directIdentifier }",
        source: "file: train-images-idx3-ubyte, testRows: 2, public: true, person: image",
        features: 'one: { formula: "1", bounds: [0, 2] }',
      },
      "data.image",
    ],
  ])("are refused where the contract has %s, and not quoted", async (_, parts, fault) => {
    const failed = prepared(parts, { population: null });
    await expect(failed).rejects.toThrow(fault);
    await expect(failed).rejects.not.toThrow("20");
  });

  it("that are none are refused where the contract has some", async () => {
    writeFileSync(join(files.folder, "t.csv"), "image,label\nface,4\n,7\n");
    const source = "file: t.csv, testRows: 1, public: true";
    await expect(prepared({ source }, { population: null })).rejects.toThrow(
      "data.notAnImage (t.csv, line 2, image)",
    );
  });

  it("with one label alone are refused as any people are", async () => {
    files.write("ones-images-idx3-ubyte", idx([4, 2, 3], Array(24).fill(1)));
    files.write("ones-labels-idx1-ubyte", idx([4], [7, 7, 7, 7]));
    const source = "file: ones-images-idx3-ubyte, testRows: 2, public: true";
    await expect(prepared({ source }, { population: 2 })).rejects.toThrow(
      /^data\.absentClass .*classes that are there; .* holds "7"/,
    );
  });
});

describe("one image stated as a row", async () => {
  const contract = await contractFor(imageScenario());

  it("is a list of its bytes", () => {
    const { cells } = personFromRow({ image: [0, 1, 2, 3, 254, 255] }, contract, "predict.row");
    expect(cells[0]).toEqual(Uint8Array.of(0, 1, 2, 3, 254, 255));
  });

  it.each([
    ["nothing", undefined],
    ["text", "face"],
    ["a byte too few", [0, 1, 2, 3, 4]],
    ["what is no byte", [0, 1, 2, 3, 4, 256]],
    ["a fraction", [0, 1, 2, 3, 4, 0.5]],
    ["text for a byte", [0, 1, 2, 3, 4, "5"]],
  ])("is refused for %s", (_, image) => {
    expect(() => personFromRow({ image }, contract, "predict.row")).toThrow("predict.row, image");
  });
});
