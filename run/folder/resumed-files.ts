/**
 * IO: which files a resumed run reads. The run's folder names the scenario whose folder rows are read from,
 * and whoever made that folder up could name any: they are the files that the run began with, by their
 * content, which nobody knows who has not read them.
 */
import { join, resolve } from "node:path";
import { LAUNCH_FILE } from "../../server/run-folder/run-folder.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { fileHashes, namesFiles } from "../scenario/named-files.ts";
import type { Launch } from "./launch-record.ts";

/**
 * @param run its folder, as it was typed
 * @param typed by `--scenario`: the owner's word where the folder notes no hashes
 * @throws ScenarioError `resume` where nothing shows the files to be the run's, or another one was typed;
 *   `data.changed` for other content than it began with
 */
export async function checkFiles(
  scenario: Scenario,
  { file, files }: Pick<Launch, "file" | "files">,
  run: string,
  typed: string | undefined,
): Promise<void> {
  const where = join(run, LAUNCH_FILE);
  if (typed !== undefined && resolve(typed) !== resolve(file)) {
    const fix = "Name the scenario with which the run was started.";
    throw refusal("resume", "--scenario", resolve(typed), file, fix);
  }
  if (!namesFiles(scenario)) return;
  if (files === undefined) {
    if (typed !== undefined) return;
    const got = `files beside ${file}, and no hash of one`;
    const expected = "files that this run has read before, or a scenario that is typed";
    const fix = `If it is yours, say so: murmur resume ${run} --scenario ${file}`;
    throw refusal("resume", where, got, expected, fix);
  }
  const now = await fileHashes([scenario], file);
  const names = new Set([...Object.keys(files), ...Object.keys(now)]);
  const other = [...names].find((name) => files[name] !== now[name]);
  if (other === undefined) return;
  const fix = "Put the file back as it was when the run began, or start the run anew.";
  throw refusal("data.changed", other, "other content", "that with which the run began", fix);
}

function refusal(
  what: string,
  where: string,
  got: string,
  expected: string,
  fix: string,
): ScenarioError {
  return new ScenarioError({ what, where, got, expected, fix });
}
