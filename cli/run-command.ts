/** IO: what `run`, `serve` and `resume` do around a run: its processes, signals, the end. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Hosts } from "../server/launch.ts";
import { TooFewClients } from "../server/too-few-clients.ts";
import { TIMING } from "../shared/timing.ts";
import { openOperations } from "./operations.ts";
import type { Launched } from "./scene.ts";
import { INTERRUPTED_EXIT, onSignals } from "./signals.ts";

const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
const INTERRUPTED = new Error("interrupted");

/** What a command has read before any process is there. */
export type Called = Omit<Launched, "hosts" | "observe">;

/**
 * @param hostCount processes to fork
 * @param play the run itself; rejects with the signal's reason some time after it is aborted
 */
export async function runCommand(
  called: Called,
  hostCount: number,
  play: (launched: Launched, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { folder } = called;
  const operations = await openOperations(called.options).catch((error: unknown) => {
    folder.abandon();
    throw error;
  });
  const { observe } = operations;
  // The hosts start before anything heavy is imported here: both take their time at once.
  const hosts = new Hosts(HOST_PROGRAM, hostCount, TIMING);
  const interrupt = new AbortController();
  // Asked twice: what is on the disk is as good as after a crash, and can be gone on with.
  const stopListening = onSignals(
    () => interrupt.abort(INTERRUPTED),
    () => leave(called),
  );
  let finished = false;
  let how: string | undefined;
  try {
    await play({ ...called, hosts, observe }, interrupt.signal);
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
