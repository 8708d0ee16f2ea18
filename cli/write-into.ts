/** IO: a file where a flag says, its folder made if it is not there. */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { reasonOf, ScenarioError } from "../shared/errors.ts";
import { makeFolder } from "../shared/make-folder.ts";

/** @throws ScenarioError naming the flag */
export function writeInto(path: string, content: string | Uint8Array, flag: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content);
  } catch (cause) {
    const got = reasonOf(cause);
    const [expected, fix] = ["a place that can be written to", "Name another."];
    throw new ScenarioError({ what: flag, where: path, got, expected, fix }, { cause });
  }
}
