/** A run that a program asks for: what it may say, and what becomes of that, however clients are reached. */
import { join, resolve } from "node:path";
import type { MemoryFiles } from "../client/source/memory-files.ts";
import {
  jsonOf,
  type OptionKinds,
  requireObject,
  requireOptions,
  requireText,
} from "../shared/call-arguments.ts";
import { Discretion, type RunEvent } from "../shared/events/run-event.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import type { Scenario } from "../shared/scenario/schema.ts";
import type { Override } from "../shared/scenario/text.ts";
import { type CallEvent, callEvent } from "./call-event.ts";
import { type OwnHostsOptions, runOwnHosts } from "./execute/own-hosts.ts";
import type { RunRecord } from "./execute/run-context.ts";
import type { Progress, RunOutcome } from "./execute/run-outcome.ts";
import { commonLaunch, newRunFolder } from "./folder/launch-record.ts";
import type { Hosts } from "./hosts/launch.ts";
import { type RunResult, resultOf } from "./run-result.ts";
import { Running } from "./running.ts";
import { fileHashes } from "./scenario/named-files.ts";
import { readScenario, requireRows } from "./scenario/read-scenario.ts";
import { memoryFiles, rowsApart } from "./scenario/rows-in-memory.ts";

export interface CallOptions {
  /** In the place of the scenario's. */
  readonly seed?: number;
  /** In the place of the scenario's, by dotted key: `{ "privacy.epsilon": 0.5 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Where an object's files are named from; absent: the working directory. */
  readonly folder?: string;
  /** Hears of the run as it goes: nothing that its log could not have. What it throws ends the run, as `signal` does. */
  readonly onEvent?: (event: CallEvent) => void;
  /** Once aborted, the run ends with the signal's reason: what was charged stays so. */
  readonly signal?: AbortSignal;
}

/** Of `CallOptions`, and what a call adds to them. */
export const CALL_OPTIONS = {
  seed: "number",
  set: "object",
  folder: "text",
  onEvent: "function",
  signal: "signal",
} as const satisfies OptionKinds;

/** A scenario as it is to be run. */
export interface Call {
  readonly scenario: Scenario;
  /** Its path; of an object, one in its folder. */
  readonly file: string;
  /** Rows that an object has brought along; absent: all are on the disk. */
  readonly memory?: MemoryFiles;
  readonly set: readonly Override[];
  /** `performance.now()` when it was asked for. */
  readonly started: number;
}

/** A run that is under way. */
export type RunningCall = Running<CallEvent, RunResult>;

/** What a call makes ready: where it is written down, its hosts, and where these are. */
export interface Prepared {
  readonly call: Call;
  readonly record: RunRecord;
  readonly hosts: Hosts;
  readonly place: OwnHostsOptions;
}

/** @param prepare what it refuses rejects the call; what it can take from its arguments at once, it takes */
export function begin(options: CallOptions, prepare: () => Promise<Prepared>): RunningCall {
  return new Running(async (tell) => {
    const { call, record, hosts, place } = await prepare();
    const failed = new AbortController();
    const onEvent = (event: CallEvent) => {
      tell(event);
      try {
        options.onEvent?.(event);
      } catch (error) {
        // Thrown on, it would end a connection, and the run would wait for its clients.
        failed.abort(error);
      }
    };
    const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
    const outcome = await carryOut(call, { ...options, onEvent, signal }, record, hosts, place);
    failed.signal.throwIfAborted();
    return resultOf(outcome, record.path);
  });
}

/**
 * @param scenario path of a file, or its content, which may hold its rows (`rowsApart`)
 * @param where the function that is called, for messages
 * @throws ScenarioError; the signal's reason if it is aborted
 */
export async function readCall(
  scenario: string | object,
  options: CallOptions,
  where: string,
  kinds: OptionKinds = CALL_OPTIONS,
): Promise<Call> {
  requireOptions(options, kinds, where);
  if (typeof scenario === "string") requireText(scenario, "the scenario", where);
  else requireObject(scenario, "the scenario", where, "the path of a file, or an object");
  options.signal?.throwIfAborted();
  const started = performance.now();
  const set = overridesOf(options, where);
  if (typeof scenario === "string")
    return { scenario: await readScenario(scenario, { set }), file: scenario, set, started };
  const given = rowsApart(scenario);
  // JSON is YAML: an object is read as its file would be, with the same refusals.
  const parsed = parseScenario(jsonOf(given.scenario, "the scenario", where), "the scenario", set);
  const memory = memoryFiles(given.rows, requireRows(parsed, "the scenario"));
  const file = join(resolve(options.folder ?? "."), "scenario.yaml");
  return { scenario: parsed, file, memory, set, started };
}

/** @param out the run folder's path; absent: a free one below runs/ */
export async function folderFor(
  { scenario, file, memory, set }: Call,
  hosts: number,
  out?: string,
) {
  // What writes pages is loaded for those alone who want one.
  const { FolderRecord } = await import("./folder/folder-record.ts");
  const hashes = await fileHashes([scenario], file, memory);
  const launch = { ...commonLaunch(file, { set }, hashes), command: "run" as const, hosts };
  return new FolderRecord(newRunFolder(scenario, { out }, launch));
}

/** @throws the signal's reason once it is aborted; then the record keeps what was charged */
export async function carryOut(
  call: Call,
  { onEvent = () => {}, signal = new AbortController().signal }: CallOptions,
  record: RunRecord,
  hosts: Hosts,
  place: OwnHostsOptions,
): Promise<RunOutcome> {
  const discretion = new Discretion();
  const observe = (event: RunEvent) => {
    const allowed = discretion.of(event);
    if (allowed) onEvent(allowed);
  };
  const show = (progress: Progress) => onEvent(callEvent(progress));
  const setup = { ...call, hosts, record, observe, show };
  try {
    return await runOwnHosts(setup, place, signal);
  } finally {
    if (!record.isFinished) {
      await hosts.end(0);
      record.abandon();
    }
  }
}

/** As `--set` has them. */
export function overridesOf(
  { set = {}, seed }: Pick<CallOptions, "set" | "seed">,
  where: string,
): Override[] {
  const all = seed === undefined ? set : { ...set, seed };
  return Object.entries(all).map(([path, value]) => ({
    path,
    value: typeof value === "string" ? value : jsonOf(value, `set, ${path}`, where),
  }));
}
