/**
 * IO: all that the coordinator receives in a run's masked attempts, for whoever wants to see with their
 * own eyes that it is noise: a line each in transcript.jsonl, words of vectors in transcript.bin.
 */
import { existsSync, statSync } from "node:fs";
import { appendTo } from "../../shared/disk/no-links.ts";
import type { AttemptRecord, TranscriptEntry } from "../../shared/secagg/transcript.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { onDisk } from "./on-disk.ts";
import type { RunFolder } from "./run-folder.ts";

export const TRANSCRIPT_FILE = "transcript.jsonl";
/** Words as they came, uint32 little-endian; a line says from which byte on, and how many. */
export const WORDS_FILE = "transcript.bin";

/** The attempt's recorder. @param folder of a run that is to have a transcript */
export function transcriptIn(folder: RunFolder): (round: number, attempt: number) => AttemptRecord {
  const [lines, words] = [folder.file(TRANSCRIPT_FILE), folder.file(WORDS_FILE)];
  let at = existsSync(words) ? statSync(words).size : 0;
  const keep = (vector: Uint32Array | Int32Array) => {
    const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
    onDisk(WORDS_FILE, () => appendTo(words, bytes, false));
    at += bytes.length;
    return { at: at - bytes.length, words: vector.length };
  };
  const append = (line: object) =>
    onDisk(TRANSCRIPT_FILE, () => appendTo(lines, `${JSON.stringify(line)}\n`, false));
  return (round, attempt) => ({
    took: (entry) => append({ round, attempt, step: entry.step, ...toldOf(entry, keep) }),
    opened: (sum) => append({ round, attempt, step: "sum", ...keep(sum) }),
  });
}

/** Clients by their place in the cohort, bytes as base64url. */
function toldOf(entry: TranscriptEntry, keep: (words: Uint32Array | Int32Array) => object): object {
  switch (entry.step) {
    case "keys": {
      const { client, cipherKey, maskKey, signature } = entry.keys;
      const [cipher, mask] = [toWire(cipherKey), toWire(maskKey)];
      return { client, cipherKey: cipher, maskKey: mask, signature: toWire(signature) };
    }
    case "packets": {
      const packets = entry.packets.map(({ client, sealed }) => [client, toWire(sealed)]);
      return { client: entry.client, packets };
    }
    case "masked":
      return { client: entry.client, ...keep(entry.masked) };
    case "confirm":
      return { client: entry.client, signature: toWire(entry.signature) };
    case "unmask":
      return {
        client: entry.client,
        shares: entry.shares.map(({ owner, share }) => [owner, toWire(share)]),
      };
  }
}
