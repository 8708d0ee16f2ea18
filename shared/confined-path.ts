/**
 * IO: paths that a scenario names. They are taken from the scenario's folder and may not leave it,
 * links followed: a scenario is somebody's text, and must not read its reader's other files.
 */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import { ScenarioError } from "./errors.ts";

/**
 * @param folder the scenario's, absolute
 * @param where the key that names the file, for the refusal
 * @returns the real path of a regular file
 * @throws ScenarioError `path.escape`, `path.missing` or `path.notFile`
 */
export function confinedPath(folder: string, path: string, where: string): string {
  const refuse = (what: string, expected: string, fix: string): never => {
    throw new ScenarioError({ what: `path.${what}`, where, got: path, expected, fix });
  };
  const inside = "a file in the scenario's folder";
  const copy = "Put the file beside the scenario and name it from there.";
  if (isAbsolute(path)) refuse("escape", inside, copy);
  let real = "";
  try {
    real = realpathSync(join(folder, path));
  } catch {
    refuse("missing", "a file that is there", "Mend the name, or put the file there.");
  }
  if (!real.startsWith(realpathSync(folder) + sep)) refuse("escape", inside, copy);
  if (!statSync(real).isFile()) refuse("notFile", "a regular file", "Name a file.");
  return real;
}
