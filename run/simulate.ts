/**
 * A run in this process, from its scenario to its outcome: the coordinator and all clients, which reach each
 * other by connections in memory. What comes out has the bytes of `murmur run`, whatever number of hosts that has.
 */
import { join, resolve } from "node:path";
import { Hosts } from "../server/launch.ts";
import { ScenarioError } from "../shared/errors.ts";
import { Discretion, type RunEvent } from "../shared/run-event.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import { isPublicData, type Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Override } from "../shared/scenario/scenario-text.ts";
import { TIMING } from "../shared/timing.ts";
import { MemoryTransport } from "../shared/wire/memory-transport.ts";
import { InProcessHost } from "./in-process-host.ts";
import { commonLaunch, newRunFolder } from "./launch-record.ts";
import { fileHashes } from "./named-files.ts";
import { runOwnHosts } from "./own-hosts.ts";
import { readScenario } from "./read-scenario.ts";
import type { Progress, RunOutcome } from "./run-outcome.ts";
import { MemoryRecord, type RunRecord } from "./run-record.ts";

export interface SimulateOptions {
  /** In the place of the scenario's. */
  readonly seed?: number;
  /** In the place of the scenario's, by dotted key: `{ "privacy.epsilon": 0.5 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Where an object's files are named from; absent: the working directory. */
  readonly folder?: string;
  /** A run folder, as `murmur run` leaves one; private rows have one. Absent: nothing is written. */
  readonly out?: string;
  /** Hears of the run as it goes: nothing that its log could not have. */
  readonly onEvent?: (event: RunEvent | Progress) => void;
  /** Once aborted, the run ends: what was charged stays so. */
  readonly signal?: AbortSignal;
}

/**
 * @param scenario path of a file, or its content
 * @throws ScenarioError for what cannot be run, and for private rows without a folder: no charge may live in
 *   memory alone; BudgetError for what is not within budget or limits; the signal's reason once it is aborted
 */
export async function simulate(
  scenario: string | object,
  options: SimulateOptions = {},
): Promise<RunOutcome> {
  const started = performance.now();
  const { signal = new AbortController().signal, onEvent = () => {} } = options;
  signal.throwIfAborted();
  const set = overridesOf(options);
  const { parsed, file } = await scenarioOf(scenario, set, options.folder);
  const record = await recordOf(parsed, file, set, options.out);
  const transport = new MemoryTransport();
  const host = new InProcessHost(transport.dial);
  const hosts = new Hosts("this process", 1, TIMING, [host]);
  const discretion = new Discretion();
  const observe = (event: RunEvent) => {
    const allowed = discretion.of(event);
    if (allowed) onEvent(allowed);
  };
  const setup = { scenario: parsed, file, set, hosts, record, started, observe, show: onEvent };
  try {
    const place = { place: "in this process", door: transport.open.bind(transport) };
    return await runOwnHosts(setup, place, signal);
  } finally {
    host.kill();
    if (!record.isFinished) record.abandon();
  }
}

function overridesOf({ set = {}, seed }: SimulateOptions): Override[] {
  const all = seed === undefined ? set : { ...set, seed };
  return Object.entries(all).map(([path, value]) => ({
    path,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}

async function scenarioOf(scenario: string | object, set: readonly Override[], folder = ".") {
  if (typeof scenario === "string")
    return { parsed: await readScenario(scenario, { set }), file: scenario };
  // JSON is YAML: an object is read as its file would be, with the same refusals.
  const parsed = parseScenario(JSON.stringify(scenario), "the scenario", set);
  return { parsed, file: join(resolve(folder), "scenario.yaml") };
}

async function recordOf(
  scenario: Scenario,
  file: string,
  set: readonly Override[],
  out: string | undefined,
): Promise<RunRecord> {
  if (out === undefined) {
    if (isPublicData(scenario)) return new MemoryRecord();
    throw new ScenarioError({
      what: "out",
      where: "simulate",
      got: "private rows, and no folder",
      expected: "a folder for the run's ledger: no charge lives in memory alone",
      fix: "Name one as `out`, or say data.source.public: true if the rows are.",
    });
  }
  const { FolderRecord } = await import("./folder-record.ts");
  const hashes = await fileHashes([scenario], file);
  const launch = { ...commonLaunch(file, { set }, hashes), command: "run" as const, hosts: 1 };
  return new FolderRecord(newRunFolder(scenario, { out }, launch));
}
