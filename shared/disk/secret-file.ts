/** IO: keys and tokens on disk: for their owner's eyes, and never written over. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { reasonOf, ScenarioError } from "../errors.ts";

/** Readable by others than the owner. */
const OTHERS = 0o077;
const MAX_BYTES = 4_096;

/** @throws ScenarioError `key file` for one that is not there, or that others may read too */
export function readSecret(path: string): string {
  try {
    const { mode, size } = statSync(path);
    if ((mode & OTHERS) !== 0)
      throw fault(
        path,
        "a file that others may read",
        "mode 600",
        "Think who has, then chmod 600.",
      );
    if (size > MAX_BYTES)
      throw fault(path, `${size} bytes`, "a key or a token", "Name the right file.");
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof ScenarioError) throw cause;
    throw fault(path, reasonOf(cause), "a file that can be read", "Name the right file.");
  }
}

/** A new file of mode 600. @throws ScenarioError `key file` if it is there, or cannot be made */
export function writeSecret(path: string, text: string): void {
  try {
    // "wx": what is there stays.
    writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    throw fault(path, reasonOf(cause), "a file that is not there yet", "Name another.");
  }
}

function fault(where: string, got: string, expected: string, fix: string): ScenarioError {
  return new ScenarioError({ what: "key file", where, got, expected, fix });
}
