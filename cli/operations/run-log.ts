/** IO: a run's events as JSON lines, each on its way to the disk before the run goes on. */
import { futimesSync, openSync } from "node:fs";
import pino from "pino";
import { NO_TIME } from "../../shared/disk/time-free.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { Observe, RunEvent } from "../../shared/events/run-event.ts";
import { LEVEL_OF, type LogLevel } from "./log-level.ts";

const STDERR = 2;

/**
 * @param path a file, made for its owner alone if it is not there, else continued; "-": stderr
 * @param tellsTimes false where no line may say when it was written, nor the file's own time
 * @throws ScenarioError `log` for a file that cannot be written
 */
export function openRunLog(
  path: string,
  level: LogLevel,
  tellsTimes: () => boolean = () => true,
): Observe {
  const fd = path === "-" ? STDERR : openLog(path);
  // Synchronous: the last lines before a crash are those that are wanted.
  const target = pino.destination({ fd, sync: true });
  let isWhole = true;
  target.on("error", (error: unknown) => {
    // A full disk loses lines, and no run.
    if (isWhole) process.stderr.write(`murmur: --log: lines are lost: ${reasonOf(error)}\n`);
    isWhole = false;
  });
  let logger = pino(
    {
      level,
      base: null,
      timestamp: () => (tellsTimes() ? pino.stdTimeFunctions.isoTime() : ""),
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  return (event) => {
    if (event.event === "run-begins" || event.event === "plan-agreed")
      logger = logger.child({ run: event.runId });
    logger[LEVEL_OF[event.event]](withoutRunId(event));
    if (fd !== STDERR && !tellsTimes()) futimesSync(fd, NO_TIME, NO_TIME);
  };
}

/** It is in every line already. */
function withoutRunId(event: RunEvent): object {
  if (!("runId" in event)) return event;
  const { runId: _, ...rest } = event;
  return rest;
}

function openLog(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (cause) {
    throw new ScenarioError({
      what: "log",
      where: "--log",
      got: reasonOf(cause),
      expected: "a file that can be written",
      fix: "Name one in a folder that is there; - is stderr.",
    });
  }
}
