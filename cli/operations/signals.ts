/**
 * IO: signals that ask a command to end: Ctrl-C, a polite kill, a terminal that is closed. All three mean
 * the same. Hosts and workers ignore them and end with their parent, for a signal often reaches the whole
 * process group (a terminal, `timeout`, a service manager).
 */

import { endWithoutTerminal } from "../../shared/lost-terminal.ts";

/** Exit code of a command that was interrupted and can be gone on with. */
export const INTERRUPTED_EXIT = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** `timeout` signals its child and then the group with the child in it: signals so close are one request. */
const SAME_REQUEST_MS = 250;

/**
 * @param asked called at the first request
 * @param again called at each later one
 * @returns what stops listening
 */
export function onSignals(asked: () => void, again: () => void = () => {}): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let isAsked = false;
  const listen = () => {
    const now = performance.now();
    const isSame = now - last < SAME_REQUEST_MS;
    last = now;
    if (isSame) return;
    if (isAsked) return again();
    isAsked = true;
    asked();
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  process.once("SIGHUP", hungUp);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listen);
    process.off("SIGHUP", hungUp);
  };
}

/** Whichever command listens, and however often it begins to. */
function hungUp(): void {
  endWithoutTerminal();
}
