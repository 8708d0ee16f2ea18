/** The weights of a TensorFlow.js model out of its shards, by name, as float32. */
import { z } from "zod";
import { fileFault } from "./file-fault.ts";

/** Reads a shard that lies beside the model file, of at most so many bytes. */
export type ReadShard = (name: string, most: number) => Promise<Uint8Array>;

/** Of all weights of a file: 32 million parameters. */
const MOST_WEIGHT_BYTES = 2 ** 27;
const FLOAT32_BYTES = 4;
/** A plain name: a path could lead anywhere. */
const SHARD = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

const weight = z.looseObject({
  name: z.string().min(1).max(400),
  shape: z.array(z.number().int().min(0).max(MOST_WEIGHT_BYTES)).max(8),
  dtype: z.string(),
  group: z.string().optional(),
});
const manifestSchema = z
  .array(
    z.looseObject({
      paths: z.array(z.string()).min(1).max(10_000),
      weights: z.array(weight).max(10_000),
    }),
  )
  .max(1_000);

export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * All weights but an optimizer's own; null where the file has none.
 *
 * @param manifest the file's weightsManifest
 * @throws ScenarioError `model.file` naming the weight or shard
 */
export async function readWeights(
  manifest: unknown,
  file: string,
  read: ReadShard,
): Promise<ReadonlyMap<string, Weight> | null> {
  if (manifest === undefined || manifest === null) return null;
  const weights = new Map<string, Weight>();
  for (const { paths, weights: own } of checkedManifest(manifest, file)) {
    for (const { name, dtype, quantization } of own) {
      if (dtype === "float32" && quantization === undefined) continue;
      const got = quantization === undefined ? dtype : "quantized numbers";
      throw fileFault({ file, part: `weight ${name}`, got, expected: "float32" });
    }
    const due = own.reduce((sum, one) => sum + bytesOf(one), 0);
    const bytes = await joinedShards(paths, due, file, read);
    takeWeights(own, bytes, file, weights);
  }
  return weights.size > 0 ? weights : null;
}

/** A manifest by its form, whose weights fit into memory. */
function checkedManifest(manifest: unknown, file: string): z.infer<typeof manifestSchema> {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) {
    const got = parsed.error.issues[0]?.path.join(".") ?? "";
    throw fileFault({ file, part: "weightsManifest", got, expected: "shards and what is in them" });
  }
  const declared = parsed.data.flatMap(({ weights }) => weights.map(bytesOf));
  const all = declared.reduce((sum, bytes) => sum + bytes, 0);
  if (all <= MOST_WEIGHT_BYTES) return parsed.data;
  const expected = `at most ${MOST_WEIGHT_BYTES} bytes of weights`;
  throw fileFault({ file, part: "weightsManifest", got: `${all} bytes`, expected });
}

type Declared = z.infer<typeof weight>;

function bytesOf({ shape }: Declared): number {
  return shape.reduce((product, size) => product * size, FLOAT32_BYTES);
}

async function joinedShards(
  paths: readonly string[],
  due: number,
  file: string,
  read: ReadShard,
): Promise<Uint8Array> {
  const joined = new Uint8Array(due);
  let at = 0;
  for (const path of paths) {
    if (!SHARD.test(path)) {
      const expected = "the name of a file beside the model";
      throw fileFault({ file, part: "weightsManifest", got: path, expected });
    }
    const shard = await read(path, due - at);
    if (at + shard.length <= due) joined.set(shard, at);
    at += shard.length;
  }
  if (at === due) return joined;
  const part = `shards ${paths[0]} …`;
  throw fileFault({
    file,
    part,
    got: `${at} bytes`,
    expected: `${due} bytes, by the weights' shapes`,
  });
}

function takeWeights(
  declared: readonly Declared[],
  bytes: Uint8Array,
  file: string,
  weights: Map<string, Weight>,
): void {
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const one of declared) {
    const { name, shape, group } = one;
    const start = at;
    at += bytesOf(one);
    if (group === "optimizer") continue;
    const values = Float32Array.from({ length: (at - start) / FLOAT32_BYTES }, (_, i) =>
      view.getFloat32(start + i * FLOAT32_BYTES, true),
    );
    const part = `weight ${name}`;
    const bad = values.findIndex((w) => !Number.isFinite(w));
    if (bad >= 0)
      throw fileFault({ file, part, got: `${values[bad]} at ${bad}`, expected: "finite numbers" });
    if (weights.has(name))
      throw fileFault({ file, part, got: "two of that name", expected: "one" });
    weights.set(name, { shape, values });
  }
}
