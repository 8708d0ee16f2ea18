/** IO: the client's master key of pseudonyms, from the environment or a file, never from a scenario. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ScenarioError } from "../../shared/errors.ts";
import type { KeySource } from "../../shared/scenario/data-schema.ts";

const HEX = /^(?:[0-9a-f]{2})+$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const MAX_KEY_BYTES = 4_096;
/** Readable by others than the owner. */
const OTHERS = 0o077;

/**
 * Hex or base64 text, decoded.
 *
 * @param folder the scenario's: a file's path is relative to it, and is told as it is written
 * @throws ScenarioError `missingKey` or `weakKey`; nothing of the key is told
 */
export function readMasterKey(source: KeySource, folder = ""): Uint8Array {
  const where = "env" in source ? `the environment, ${source.env}` : source.file;
  const text = ("env" in source ? process.env[source.env] : keyFile(folder, source.file))?.trim();
  if (text === undefined || text === "") throw keyFault("missingKey", where, "none");
  if (HEX.test(text)) return Buffer.from(text, "hex");
  const bytes = Buffer.from(text, "base64");
  // What decodes to bytes that spell otherwise was never written by an encoder.
  if (BASE64.test(text) && bytes.toString("base64url") === spelledForUrls(text)) return bytes;
  throw keyFault("weakKey", where, "other text: a passphrase is no key");
}

function spelledForUrls(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function keyFile(folder: string, file: string): string | undefined {
  try {
    const path = resolve(folder, file);
    const { mode, size } = statSync(path);
    if (size > MAX_KEY_BYTES) throw keyFault("weakKey", file, "a longer file");
    if ((mode & OTHERS) !== 0) throw keyFault("weakKey", file, "a file that others may read");
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    return undefined;
  }
}

function keyFault(what: string, where: string, got: string): ScenarioError {
  const expected = "at least 32 bytes, as hex or base64, for its owner's eyes only";
  const fix = "Draw one: head -c 32 /dev/urandom | base64";
  return new ScenarioError({ what, where, got, expected, fix });
}
