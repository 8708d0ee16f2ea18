/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Hosts } from "../server/launch.ts";
import { freeRunPath, RunFolder } from "../server/run-folder.ts";
import { TIMING } from "../shared/timing.ts";
import { readScenario } from "./read-scenario.ts";
import type { RunOptions } from "./scene.ts";

const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
/** Ctrl-C, a polite kill, or a terminal that is gone. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const INTERRUPTED = new Error("interrupted");

export async function run(file: string, options: RunOptions): Promise<void> {
  const started = performance.now();
  const scenario = await readScenario(file, options);
  const { count } = scenario.clients;
  const hostCount = Math.min(options.hosts ?? Math.max(2, availableParallelism() - 1), count);
  const folder = new RunFolder(options.out ?? freeRunPath("runs", scenario.name, scenario.seed));
  // The hosts start before anything heavy is imported here: both take their time at once.
  const hosts = new Hosts(HOST_PROGRAM, hostCount, TIMING);
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(INTERRUPTED);
  for (const signal of SIGNALS) process.once(signal, abort);
  let finished = false;
  try {
    const { launchRun } = await import("./launch-run.ts");
    await launchRun({ scenario, file, hosts, folder, options, started }, interrupt.signal);
    finished = true;
  } catch (error) {
    if (error !== INTERRUPTED) throw error;
    process.exitCode = 130;
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort);
    // After a goodbye they note what they have seen; else they are of no use any more.
    await hosts.end(finished ? TIMING.closeMs : 0);
    // Only now does nobody write into it any more.
    const kept = finished ? "" : folder.abandon();
    if (process.exitCode === 130)
      process.stderr.write(
        `murmur: interrupted; ${kept ? `what was charged is in ${kept}` : "nothing was kept"}\n`,
      );
  }
}
