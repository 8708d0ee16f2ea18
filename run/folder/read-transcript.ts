/** IO: of a run's transcript one masked update and the sum that it went into, as histograms. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { MaskedWords } from "../../report/figures/masks-figure.ts";
import { histogramOf } from "../../report/figures/masks-figure.ts";
import { TRANSCRIPT_FILE, WORDS_FILE } from "../../server/run-folder/transcript-file.ts";
import { runFile } from "./run-files.ts";

const vectorSchema = z.object({
  round: z.number(),
  attempt: z.number(),
  step: z.enum(["masked", "sum"]),
  client: z.number().optional(),
  at: z.number(),
  words: z.number(),
});
type VectorLine = z.infer<typeof vectorSchema>;

/** Of the last round whose sum was opened; null where nothing was taken down. */
export function readTranscript(run: string): MaskedWords | null {
  if (!existsSync(join(run, TRANSCRIPT_FILE))) return null;
  const vectors = runFile(run, TRANSCRIPT_FILE).toString("utf8").split("\n").flatMap(vectorIn);
  const sum = vectors.findLast(({ step }) => step === "sum");
  const masked = vectors.find(
    ({ step, round, attempt }) =>
      step === "masked" && round === sum?.round && attempt === sum.attempt,
  );
  if (!sum || !masked) return null;
  const [one, all] = [wordsOf(run, masked), wordsOf(run, sum)];
  const { round, client = 0, words } = masked;
  return { round, client, words, masked: histogramOf(one), sum: histogramOf(all) };
}

/** One line, if it tells of a vector; the last may have been cut off. */
function vectorIn(line: string): VectorLine[] {
  if (!line.includes('"words"')) return [];
  try {
    const parsed = vectorSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

function wordsOf(run: string, { at, words }: VectorLine): Int32Array {
  const vector = new Int32Array(words);
  const file = openSync(join(run, WORDS_FILE), "r");
  try {
    readSync(file, new Uint8Array(vector.buffer), 0, vector.byteLength, at);
  } finally {
    closeSync(file);
  }
  return vector;
}
