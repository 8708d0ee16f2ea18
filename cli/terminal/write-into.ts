/** IO: a file where a flag says, its folder made if it is not there. */
import { realpathSync, writeFileSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";

/**
 * The same where the place may be in a run's folder, which somebody else may have made: in there no link is
 * followed. One at the very place gives way to the file.
 *
 * @throws ScenarioError naming the flag, also for a folder in the run's that is a link out of it
 */
export function writeBeside(
  run: string,
  path: string,
  content: string | Uint8Array,
  flag: string,
): void {
  const isInside = (place: string, folder: string) =>
    `${place}${sep}`.startsWith(`${folder}${sep}`);
  if (!isInside(resolve(dirname(path)), resolve(run))) {
    writeInto(path, content, flag);
    return;
  }
  try {
    makeFolder(dirname(path));
    const folder = realpathSync(dirname(path));
    if (!isInside(folder, realpathSync(run))) throw new Error(`a link leads to ${folder}`);
    writeWhole(path, content, { flush: false });
  } catch (cause) {
    throw unwritable(path, flag, cause);
  }
}

/** @throws ScenarioError naming the flag */
export function writeInto(path: string, content: string | Uint8Array, flag: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content);
  } catch (cause) {
    throw unwritable(path, flag, cause);
  }
}

function unwritable(where: string, what: string, cause: unknown): ScenarioError {
  const [expected, fix] = ["a place that can be written to", "Name another."];
  return new ScenarioError({ what, where, got: reasonOf(cause), expected, fix }, { cause });
}
