/**
 * IO: where the clients' own ledgers of a resumed run lie. The run's folder says so, and whoever made it up
 * could name any folder there: it is written to where it knows the run already, or where it is typed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LAUNCH_FILE } from "../../server/run-folder/run-folder.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { RunLaunch } from "./launch-record.ts";

/**
 * @param run its folder, as it was typed
 * @param typed by `--client-ledgers`
 * @throws ScenarioError `resume` for a folder that neither knows the run nor was typed, or another one
 */
export function checkLedgers(
  { clientLedgers, runId }: RunLaunch,
  run: string,
  typed: string | undefined,
): void {
  const where = join(run, LAUNCH_FILE);
  if (typed !== undefined) {
    if (clientLedgers !== undefined && resolve(typed) === resolve(clientLedgers)) return;
    throw refusal(
      "--client-ledgers",
      resolve(typed),
      clientLedgers ?? "none: the run was started without",
      "Name the folder with which the run was started.",
    );
  }
  if (clientLedgers === undefined) return;
  if (runId !== undefined && knows(clientLedgers, runId)) return;
  throw refusal(
    where,
    `client ledgers in ${clientLedgers}, where nothing is known of this run`,
    "a folder that this run has written to, or that is typed",
    `If it is yours, say so: murmur resume ${run} --client-ledgers ${clientLedgers}`,
  );
}

/** A line of some client's there names the run: only the run itself has written it. */
function knows(folder: string, runId: string): boolean {
  if (!existsSync(folder)) return false;
  const ledgers = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return ledgers.some((name) =>
    readFileSync(join(folder, name), "utf8").includes(`"runId":"${runId}"`),
  );
}

function refusal(where: string, got: string, expected: string, fix: string): ScenarioError {
  return new ScenarioError({ what: "resume", where, got, expected, fix });
}
