/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { availableParallelism } from "node:os";
import { readScenario } from "./read-scenario.ts";
import { runCommand } from "./run-command.ts";
import type { SceneOptions } from "./scene.ts";

export interface RunOptions extends SceneOptions {
  readonly hosts?: number;
  readonly port?: number;
  readonly clientLedgers?: string;
}

export async function run(file: string, options: RunOptions): Promise<void> {
  const started = performance.now();
  const scenario = await readScenario(file, options);
  const { count } = scenario.clients;
  const hostCount = Math.min(options.hosts ?? Math.max(2, availableParallelism() - 1), count);
  await runCommand(scenario, file, options, started, hostCount, async (launched, signal) => {
    const { launchRun } = await import("./launch-run.ts");
    await launchRun(launched, options, signal);
  });
}
