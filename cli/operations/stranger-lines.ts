/**
 * How often lines may tell of strangers: connections by which nobody joined. Anybody can make as many as
 * the door lets in, and so fill a disk or hide what matters; one a second is told, with how many were not.
 */
import type { RunEvent } from "../../shared/events/run-event.ts";

const EVERY_MS = 1_000;

/**
 * @param clock milliseconds, monotonic
 * @returns the event as it may be told; undefined: it may not
 */
export function strangerGate(clock: () => number): (event: RunEvent) => RunEvent | undefined {
  let last = -Infinity;
  let untold = 0;
  return (event) => {
    if (event.event !== "connection-ended" || event.fate !== "stranger") return event;
    const now = clock();
    if (now - last < EVERY_MS) {
      untold += 1;
      return undefined;
    }
    const told = untold === 0 ? event : { ...event, untold };
    [last, untold] = [now, 0];
    return told;
  };
}
