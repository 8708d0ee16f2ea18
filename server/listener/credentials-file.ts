/**
 * IO: by what a coordinator that is started anew knows its clients, and they it: its signing key, K of each
 * token not yet spent, the keys that are enrolled. Mode 600: whoever reads it can pass for the coordinator.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { syncFolder } from "../../shared/disk/sync-folder.ts";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { keyFromPem, pemOf } from "../../shared/keys/key-pem.ts";
import type { SigningKey } from "../../shared/keys/proofs.ts";
import { fromWire, isClientName, isWireKey, toWire } from "../../shared/wire/wire-values.ts";
import type { StoredAdmission } from "./admission.ts";

export interface StoredCredentials extends StoredAdmission {
  readonly serverKey: SigningKey;
}

const key = z.string().refine(isWireKey);
const names = z.array(z.string().refine(isClientName)).min(1);
const schema = z.strictObject({
  format: z.literal(1),
  /** PEM. */
  serverKey: z.string(),
  tokens: z.array(z.strictObject({ k: key, names, expires: z.number().nullable() })),
  enrolled: z.array(z.strictObject({ key, names })),
});

/** undefined where none was written yet. @throws ScenarioError `credentials` for what is none */
export function readCredentials(path: string): StoredCredentials | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const stored = schema.parse(JSON.parse(readFileSync(path, "utf8")));
    return {
      serverKey: keyFromPem(stored.serverKey, path),
      tokens: stored.tokens.map(({ k, expires, ...token }) => ({
        ...token,
        k: fromWire(k),
        expires: expires ?? Infinity,
      })),
      enrolled: stored.enrolled,
    };
  } catch (cause) {
    // Not what the parser says: it may quote the file.
    const got = cause instanceof ScenarioError ? cause.problem.got : "something else";
    const expected = "a coordinator's key, its tokens and the keys enrolled";
    const fix = "Begin a new run: clients cannot know this coordinator again.";
    throw new ScenarioError({ what: "credentials", where: path, got, expected, fix });
  }
}

/** On the disk when this returns: whole, or the file is as it was. @throws ScenarioError `disk` */
export function writeCredentials(path: string, stored: StoredCredentials): void {
  const text = JSON.stringify({
    format: 1,
    serverKey: pemOf(stored.serverKey),
    tokens: stored.tokens.map(({ k, names, expires }) => ({ k: toWire(k), names, expires })),
    enrolled: stored.enrolled,
  });
  try {
    writeWhole(path, `${text}\n`, { mode: 0o600 });
    syncFolder(dirname(path));
  } catch (cause) {
    const [got, expected] = [reasonOf(cause), "a file that can be written"];
    const fix = "Free the disk; the client may then join by the same command.";
    throw new ScenarioError({ what: "credentials", where: path, got, expected, fix }, { cause });
  }
}
