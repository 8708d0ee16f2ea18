/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Hosts } from "../server/launch.ts";
import { freeRunPath, RunFolder } from "../server/run-folder.ts";
import { ScenarioError } from "../shared/errors.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { RunOptions } from "./scene.ts";

const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
/** Ctrl-C, or a polite kill. */
const INTERRUPTED = new Error("interrupted");

export async function run(file: string, options: RunOptions): Promise<void> {
  const started = performance.now();
  const scenario = readScenario(file, options);
  const { count } = scenario.clients;
  const hostCount = Math.min(options.hosts ?? Math.max(2, availableParallelism() - 1), count);
  const folder = new RunFolder(options.out ?? freeRunPath("runs", scenario.name, scenario.seed));
  // The hosts start before anything heavy is imported here: both take their time at once.
  const hosts = new Hosts(HOST_PROGRAM, hostCount);
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(INTERRUPTED);
  process.once("SIGINT", abort).once("SIGTERM", abort);
  let finished = false;
  try {
    const { launchRun } = await import("./launch-run.ts");
    await launchRun({ scenario, file, hosts, folder, options, started }, interrupt.signal);
    finished = true;
  } catch (error) {
    if (error !== INTERRUPTED) throw error;
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", abort).off("SIGTERM", abort);
    await hosts.end();
    // Only now does nobody write into it any more.
    if (!finished) folder.abandon();
  }
}

function readScenario(file: string, options: RunOptions): Scenario {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "scenario",
        where: file,
        got: cause instanceof Error ? cause.message : cause,
        expected: "a YAML file in UTF-8",
        fix: "Name one, scenarios/purchases.yaml say.",
      },
      { cause },
    );
  }
  const seed = options.seed === undefined ? [] : [{ path: "seed", value: String(options.seed) }];
  return parseScenario(text, basename(file), [...options.set, ...seed]);
}
