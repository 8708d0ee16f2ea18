/**
 * IO: a finished run's manifest. What the ledger and the plan do not say is bound by hashes in here: of
 * the other files, and of the manifest itself, so that a digit changed in any of them shows.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { anchorSchema } from "../../shared/ledger/chain.ts";

export const MANIFEST_FILE = "manifest.json";
const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** What is held against ledger, plan and files; the rest is bound by its `contentHash` alone. */
export const boundManifestSchema = z.looseObject({
  format: z.literal(1),
  runId: z.string(),
  planHash: z.string(),
  modelHash: z.string(),
  engine: z.string(),
  noise: z.string(),
  seed: z.number(),
  /** Where the ledger ended, and why. */
  ledger: anchorSchema,
  ending: z.string(),
  /** SHA-256 of each file's bytes, by its path in the run folder. */
  files: z.record(z.string(), hex),
  /** Of all the rest, as canonical JSON. */
  contentHash: hex,
});

/** Files whose every byte counts, the same of a run that was resumed, and that nothing writes again. */
const BOUND = [
  "model/model.json",
  "model/provenance.json",
  "model/weights.bin",
  "rounds.jsonl",
  "scenario.resolved.yaml",
  "trace.json",
];

/** Path → SHA-256 of all files of a run that its manifest binds, and that are there. */
export function fileHashes(run: string): Record<string, string> {
  return Object.fromEntries(
    BOUND.filter((path) => existsSync(join(run, path))).map((path) => [
      path,
      sha256(readFileSync(join(run, path))),
    ]),
  );
}

export function withContentHash<T extends object>(manifest: T): T & { contentHash: string } {
  return { ...manifest, contentHash: contentHash(manifest) };
}

/** @param manifest without its own hash */
export function contentHash(manifest: object): string {
  return sha256(`murmur/manifest/v1${canonicalJson(manifest)}`);
}

/** As it stands in its file. */
export function manifestText(manifest: unknown): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Whether it is the one text of its value: a digit too many may be read as the same number. */
export function isAsWritten(text: string): boolean {
  return text === manifestText(JSON.parse(text));
}
