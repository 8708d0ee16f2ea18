/** A run with its clients in processes of their own, as `murmur run` starts it, for a program. */
import { availableParallelism } from "node:os";
import { Hosts } from "../server/launch.ts";
import { TIMING } from "../shared/timing.ts";
import { type CallOptions, carryOut, folderFor, readCall } from "./call.ts";
import { HOST_PROGRAM } from "./host-program.ts";
import type { RunOutcome } from "./run-outcome.ts";

export interface RunScenarioOptions extends CallOptions {
  /** Processes; absent: one a core but this one's, two at least. */
  readonly hosts?: number;
  /** The run folder; absent: a free one below runs/. */
  readonly out?: string;
  /** The built program of a host, for whoever runs from sources. */
  readonly hostProgram?: string;
}

/**
 * @param scenario path of a file, or its content
 * @throws ScenarioError, ProtocolError or BudgetError as `murmur run` refuses; the signal's reason once it is aborted
 */
export async function runScenario(
  scenario: string | object,
  options: RunScenarioOptions = {},
): Promise<RunOutcome> {
  const call = await readCall(scenario, options);
  const { hosts = Math.max(2, availableParallelism() - 1), hostProgram = HOST_PROGRAM } = options;
  const count = Math.min(hosts, call.scenario.clients.count);
  const record = await folderFor(call, count, options.out);
  return carryOut(call, options, record, new Hosts(hostProgram, count, TIMING), {});
}
