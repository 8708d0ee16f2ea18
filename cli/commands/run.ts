/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { availableParallelism } from "node:os";
import {
  absolute,
  commonLaunch,
  newRunFolder,
  type RunLaunch,
} from "../../run/folder/launch-record.ts";
import type { HostPlace } from "../../run/hosts/launch-hosts.ts";
import { fileHashes } from "../../run/scenario/named-files.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { type Called, type RunFlags, runCommand } from "../operations/run-command.ts";
import { warn } from "../terminal/output.ts";

interface RunOptions extends RunFlags {
  readonly hosts?: number;
  readonly port?: number;
  readonly clientLedgers?: string;
  readonly dataLedger: boolean;
}

export async function run(file: string, options: RunOptions, where?: HostPlace): Promise<void> {
  const started = performance.now();
  const scenario = await readScenario(file, options);
  const { count } = scenario.clients;
  const launch: RunLaunch = {
    ...commonLaunch(file, options, await fileHashes([scenario], file)),
    command: "run",
    hosts: Math.min(options.hosts ?? Math.max(2, availableParallelism() - 1), count),
    port: options.port,
    clientLedgers: absolute(options.clientLedgers),
    noDataLedger: options.dataLedger ? undefined : true,
  };
  const folder = newRunFolder(scenario, { ...options, warn }, launch);
  await goRun({ scenario, file, options, started, folder, where }, launch);
}

/** From its folder on, be it a new one or one that was cut off. */
export async function goRun(called: Called, launch: RunLaunch): Promise<void> {
  await runCommand(called, launch.hosts, async (setup, signal, door) => {
    const { runOwnHosts } = await import("../../run/execute/own-hosts.ts");
    await runOwnHosts(setup, { ...launch, door }, signal);
  });
}
