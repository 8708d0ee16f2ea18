/** IO: where a path of a command leads. It may be any; those that a scenario names may not leave its folder. */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nearFile } from "../../client/source/source-file.ts";
import type { TableFile } from "../../client/table/anonymize-table.ts";
import { ScenarioError } from "../../shared/errors.ts";

/**
 * Links are followed: what a file names lies beside where it lies itself.
 *
 * @param what the file is, "the scenario"; or the flag that names it
 * @throws ScenarioError `path.missing` or `path.notFile`
 */
export async function located(path: string, what: string): Promise<TableFile> {
  const real = await realpath(path).catch(() => null);
  if (real === null) throw await missing(path, what);
  const there = await stat(real);
  if (!there.isFile()) throw await noFile(path, what, there.isDirectory());
  return { folder: dirname(real), path: basename(real) };
}

async function missing(path: string, where: string): Promise<ScenarioError> {
  const fix =
    (await nearFile(".", path)) ?? "Check its spelling, and from which folder you name it.";
  const isListed = await readdir(dirname(path)).then(Boolean, () => false);
  const got = isListed ? path : `${path}, in a folder that is not there`;
  const expected = "a file that is there and may be read";
  return new ScenarioError({ what: "path.missing", where, got, expected, fix });
}

const SCENARIO_FILE = /\.ya?ml$/;

async function noFile(path: string, where: string, folder: boolean): Promise<ScenarioError> {
  const names = folder ? await readdir(path).catch(() => []) : [];
  const [only, ...others] = names.filter((name) => SCENARIO_FILE.test(name));
  const isScenario = where === "the scenario" && only !== undefined && others.length === 0;
  const fix = isScenario ? `Did you mean ${join(path, only)}?` : "Name a file.";
  const got = folder ? `${path}, a folder` : path;
  return new ScenarioError({ what: "path.notFile", where, got, expected: "a plain file", fix });
}
