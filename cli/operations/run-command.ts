/** IO: what `run`, `serve` and `resume` do around a run: its processes, signals, the end. */
import { relative } from "node:path";
import type { RunSetup } from "../../run/execute/run-context.ts";
import type { Show } from "../../run/execute/run-outcome.ts";
import type { FolderRecord } from "../../run/folder/folder-record.ts";
import type { NewFolder } from "../../run/folder/launch-record.ts";
import type { LaunchedHosts } from "../../run/hosts/launch.ts";
import { type HostPlace, launchHosts } from "../../run/hosts/launch-hosts.ts";
import { TooFewClients } from "../../server/rounds/too-few-clients.ts";
import type { RunFolder } from "../../server/run-folder/run-folder.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import { TIMING } from "../../shared/timing.ts";
import type { OutputOptions } from "../terminal/output.ts";
import { type OperationsOptions, openOperations } from "./operations.ts";
import { INTERRUPTED_EXIT, onSignals } from "./signals.ts";

const INTERRUPTED = new Error("interrupted");

/** What `run` and `serve` both take. */
export interface RunFlags extends OutputOptions, OperationsOptions, Omit<NewFolder, "warn"> {
  readonly set: readonly Override[];
  readonly seed?: number;
}

/** What a command has read before any process is there. */
export interface Called {
  readonly scenario: Scenario;
  /** Its path. */
  readonly file: string;
  readonly folder: RunFolder;
  readonly options: Omit<RunFlags, "seed">;
  /** `performance.now()` when the command began. */
  readonly started: number;
  /** Of its hosts; absent: processes of their own. */
  readonly where?: HostPlace | undefined;
}

/**
 * @param execute the run itself; rejects with the signal's reason some time after it is aborted
 */
export async function runCommand(
  called: Called,
  hostCount: number,
  execute: (
    setup: RunSetup<FolderRecord>,
    signal: AbortSignal,
    door: LaunchedHosts["door"],
  ) => Promise<unknown>,
): Promise<void> {
  const { folder, scenario, file, started, options } = called;
  const operations = await openOperations(called.options).catch((error: unknown) => {
    folder.abandon();
    throw error;
  });
  const { observe } = operations;
  // The hosts start before anything heavy is imported here: both take their time at once.
  const { hosts, door } = await launchHosts(called.where ?? "forked", hostCount);
  const interrupt = new AbortController();
  // Asked twice: what is on the disk is as good as after a crash, and can be gone on with.
  const stopListening = onSignals(
    () => interrupt.abort(INTERRUPTED),
    () => leave(called),
  );
  let finished = false;
  let how: string | undefined;
  try {
    const [{ FolderRecord }, { Screen }] = await Promise.all([
      import("../../run/folder/folder-record.ts"),
      import("../screen/screen.ts"),
    ]);
    const screen = new Screen(options);
    const show: Show = (progress) => screen.show(progress);
    const record = new FolderRecord(folder);
    const setup = { scenario, file, set: options.set, started, record, hosts, observe, show };
    await execute(setup, interrupt.signal, door);
    finished = true;
  } catch (error) {
    how = interruptionText(error, interrupt.signal);
    if (how === undefined) {
      operations.failed(error);
      throw error;
    }
    observe({ event: "interrupted" });
    process.exitCode = INTERRUPTED_EXIT;
  } finally {
    await operations.close();
    // After a goodbye they note what they have seen; else they are of no use any more.
    await hosts.end(finished ? TIMING.closeMs : 0);
    stopListening();
    // Only now does nobody write into it any more.
    const kept = finished ? "" : folder.abandon();
    if (how !== undefined) tell(called, how, kept);
    // Below what went wrong.
    else if (kept) process.once("exit", () => tell(called, "broken off", kept));
  }
}

/** undefined for what is no interruption but a failure. */
function interruptionText(error: unknown, { aborted }: AbortSignal): string | undefined {
  if (error === INTERRUPTED) return "interrupted";
  if (!(error instanceof TooFewClients)) return undefined;
  // Asked to end, it has let clients go.
  return aborted ? "interrupted" : `interrupted: ${error.message}`;
}

function leave(called: Called): never {
  tell(called, "interrupted", called.folder.abandon());
  process.exit(INTERRUPTED_EXIT);
}

function tell({ folder }: Called, how: string, kept: string): void {
  const place = relative(process.cwd(), folder.path);
  const told = kept
    ? `what was charged is in ${kept}; to go on: murmur resume ${place}`
    : "nothing was kept";
  process.stderr.write(`murmur: ${how}; ${told}\n`);
}
