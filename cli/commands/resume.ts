/** `murmur resume`: go on with a run that was cut off, to the same folder by the same rules. */

import { readLaunch, readResolved } from "../../run/folder/launch-record.ts";
import { checkFiles } from "../../run/folder/resumed-files.ts";
import { checkLedgers } from "../../run/folder/resumed-ledgers.ts";
import type { HostPlace } from "../../run/hosts/launch-hosts.ts";
import { RunFolder } from "../../server/run-folder/run-folder.ts";
import type { OperationsOptions } from "../operations/operations.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface ResumeOptions extends OutputOptions, OperationsOptions {
  readonly clientLedgers?: string;
  /** Its path. */
  readonly scenario?: string;
}

export async function resume(
  run: string,
  options: ResumeOptions,
  where?: HostPlace,
): Promise<void> {
  const started = performance.now();
  const folder = RunFolder.reopen(run);
  const launch = readLaunch(folder);
  if (launch.command === "run") checkLedgers(launch, run, options.clientLedgers);
  const { file } = launch;
  const scenario = readResolved(folder, launch);
  await checkFiles(scenario, launch, run, options.scenario);
  const called = {
    scenario,
    file,
    options: { ...options, set: launch.set },
    started,
    folder,
    where,
  };
  if (launch.command === "run") await (await import("./run.ts")).goRun(called, launch);
  else await (await import("./serve.ts")).goServe(called, launch);
}
