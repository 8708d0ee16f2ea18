/** A run with its clients in processes of their own, as `murmur run` starts it, for a program. */
import { availableParallelism } from "node:os";
import { ScenarioError } from "../shared/errors.ts";
import { isRecord } from "../shared/record.ts";
import { TIMING } from "../shared/timing.ts";
import {
  begin,
  CALL_OPTIONS,
  type CallOptions,
  folderFor,
  type RunningCall,
  readCall,
} from "./call.ts";
import { HOST_PROGRAM } from "./hosts/host-program.ts";
import { Hosts } from "./hosts/launch.ts";
import { refuseMemoryFiles } from "./scenario/rows-in-memory.ts";

export interface RunScenarioOptions extends CallOptions {
  /** Processes; absent: one a core but this one's, two at least. */
  readonly hosts?: number;
  /** The run folder; absent: a free one below runs/. */
  readonly out?: string;
  /** The built program of a host, for whoever runs from sources. */
  readonly hostProgram?: string;
}

const RUN_OPTIONS = { ...CALL_OPTIONS, hosts: "number", out: "text", hostProgram: "text" } as const;

/**
 * Returns at once, as `simulate` does.
 *
 * @param scenario path of a file, or its content
 * @throws ScenarioError, ProtocolError or BudgetError as `murmur run` refuses; the signal's reason once it is aborted
 */
export function runScenario(
  scenario: string | object,
  options: RunScenarioOptions = {},
): RunningCall {
  return begin(options, async () => {
    if (isRecord(options)) refuseAlgorithm(options);
    const call = await readCall(scenario, options, "run", RUN_OPTIONS);
    refuseMemoryFiles(call.memory);
    const { hosts = Math.max(2, availableParallelism() - 1), hostProgram = HOST_PROGRAM } = options;
    const count = Math.min(hosts, call.scenario.clients.count);
    const record = await folderFor(call, count, options.out);
    return { call, record, hosts: new Hosts(hostProgram, count, TIMING), place: {} };
  });
}

/** A function of this process cannot be in another. @throws ScenarioError */
function refuseAlgorithm(options: object): void {
  if (!Object.hasOwn(options, "algorithm")) return;
  throw new ScenarioError({
    what: "algorithm",
    where: "run",
    got: "one of this process",
    expected: "none: clients of run are in processes of their own",
    fix: "Call simulate instead.",
  });
}
