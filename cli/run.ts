/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { availableParallelism } from "node:os";
import { absolute, commonLaunch, newRunFolder, type RunLaunch } from "./launch-record.ts";
import { fileHashes } from "./named-files.ts";
import { readScenario } from "./read-scenario.ts";
import { type Called, runCommand } from "./run-command.ts";
import type { SceneOptions } from "./scene.ts";

interface RunOptions extends SceneOptions {
  readonly hosts?: number;
  readonly port?: number;
  readonly clientLedgers?: string;
  readonly dataLedger: boolean;
}

export async function run(file: string, options: RunOptions): Promise<void> {
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
  const folder = newRunFolder(scenario, options, launch);
  await goRun({ scenario, file, options, started, folder }, launch);
}

/** From its folder on, be it a new one or one that was cut off. */
export async function goRun(called: Called, launch: RunLaunch): Promise<void> {
  await runCommand(called, launch.hosts, async (launched, signal) => {
    const { launchRun } = await import("./launch-run.ts");
    await launchRun(launched, launch, signal);
  });
}
