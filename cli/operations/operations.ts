/** What a command tells whoever operates it: lines for people, a log, metrics. One place hears all events. */

import { listenAddress } from "../../run/serve/dial-address.ts";
import { isRefusal, ScenarioError, stackOf } from "../../shared/errors.ts";
import { Discretion, type Observe } from "../../shared/events/run-event.ts";
import { TIMING } from "../../shared/timing.ts";
import { isLoopback } from "../../shared/wire/loopback.ts";
import { eventLine } from "../screen/event-line.ts";
import type { LogLevel } from "./log-level.ts";
import { strangerGate } from "./stranger-lines.ts";

export interface LogOptions {
  /** A file; "-": stderr. */
  readonly log?: string;
  readonly logLevel?: LogLevel;
}

export interface OperationsOptions extends LogOptions {
  /** HOST:PORT. */
  readonly metrics?: string;
  readonly insecurePlaintext?: boolean;
}

export interface Operations {
  readonly observe: Observe;
  /** Tells of a refusal; of a bug it hears by itself when that ends the process. */
  readonly failed: (error: unknown) => void;
  /** Resolves when nobody is told any more by HTTP; the log stays open for a crash. */
  readonly close: () => Promise<void>;
}

/** @throws ScenarioError for a file or a port that cannot be had, or metrics that anybody could read */
export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const { log, logLevel = "info", metrics } = options;
  const page = metrics === undefined ? undefined : await openMetrics(metrics, options);
  const discretion = new Discretion();
  // Libraries for those who ask: a run without a log does not wait for them.
  const write =
    log === undefined
      ? undefined
      : (await import("./run-log.ts")).openRunLog(log, logLevel, () => discretion.tellsTimes);
  const gate = strangerGate(() => performance.now());
  const observe: Observe = (event) => {
    const told = discretion.of(event);
    if (told === undefined) return;
    page?.observe(told);
    const line = gate(told);
    if (line === undefined) return;
    const text = log === "-" ? undefined : eventLine(line);
    if (text !== undefined) process.stderr.write(`murmur: ${text}\n`);
    write?.(line);
  };
  if (write)
    process.on("uncaughtExceptionMonitor", (error: unknown) =>
      observe({ event: "bug", where: "process", stack: stackOf(error) }),
    );
  const failed = (error: unknown) => {
    if (isRefusal(error))
      observe({ event: "run-failed", what: error.problem.what, message: error.message });
  };
  return { observe, failed, close: async () => page?.close() };
}

async function openMetrics(address: string, { insecurePlaintext = false }: OperationsOptions) {
  const place = listenAddress(address, "--metrics");
  const isLocal = isLoopback(place.host);
  if (!isLocal && !insecurePlaintext) throw unprotected(place.host);
  const [{ runMetrics }, { openStatusPage }, { BEFORE_THE_RUN, statusAfter }] = await Promise.all([
    import("../../server/monitoring/metrics.ts"),
    import("../../server/monitoring/status-page.ts"),
    import("../../server/monitoring/status.ts"),
  ]);
  const metrics = runMetrics();
  let status = BEFORE_THE_RUN;
  const { port, close } = await openStatusPage({
    ...place,
    flag: "--metrics",
    timing: TIMING,
    // Beyond this machine whoever asks dials by a name that nobody here knows.
    isKnownHost: (host) => !isLocal || isLoopback(host),
    status: () => status,
    metrics,
  });
  process.stderr.write(`murmur: metrics at http://${place.host}:${port}/metrics\n`);
  const observe: Observe = (event) => {
    status = statusAfter(status, event);
    metrics.observe(event);
  };
  return { observe, close };
}

function unprotected(host: string): ScenarioError {
  return new ScenarioError({
    what: "plaintext",
    where: "--metrics",
    got: `plain http:// at ${host}`,
    expected: "loopback: anybody on the way could read how the run goes",
    fix: "Listen on 127.0.0.1 behind a proxy that speaks TLS. --insecure-plaintext does without.",
  });
}
