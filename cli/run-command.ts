/** IO: what `murmur run` and `murmur serve` do around a run: its folder, its processes, signals, the end. */
import { fileURLToPath } from "node:url";
import { Hosts } from "../server/launch.ts";
import { freeRunPath, RunFolder } from "../server/run-folder.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { openOperations } from "./operations.ts";
import type { Launched, SceneOptions } from "./scene.ts";

const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
/** Ctrl-C, a polite kill, or a terminal that is gone. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const INTERRUPTED = new Error("interrupted");

/**
 * @param started `performance.now()` when the command began
 * @param hostCount processes to fork
 * @param play the run itself; rejects with the signal's reason once it is aborted
 */
export async function runCommand(
  scenario: Scenario,
  file: string,
  options: SceneOptions,
  started: number,
  hostCount: number,
  play: (launched: Launched, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const operations = await openOperations(options);
  const { observe } = operations;
  const folder = new RunFolder(options.out ?? freeRunPath("runs", scenario.name, scenario.seed));
  // The hosts start before anything heavy is imported here: both take their time at once.
  const hosts = new Hosts(HOST_PROGRAM, hostCount, TIMING);
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(INTERRUPTED);
  for (const signal of SIGNALS) process.once(signal, abort);
  let finished = false;
  try {
    await play({ scenario, file, hosts, folder, options, started, observe }, interrupt.signal);
    finished = true;
  } catch (error) {
    if (error !== INTERRUPTED) {
      operations.failed(error);
      throw error;
    }
    observe({ event: "interrupted" });
    process.exitCode = 130;
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort);
    await operations.close();
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
