/** IO: what a forked process does with signals: nothing. Its parent gets them too, and decides when it ends. */
import { endWithoutTerminal } from "./lost-terminal.ts";

/** A signal to the process group must not end hosts and workers before the parent has closed its round. */
export function leaveSignalsToParent(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  process.once("SIGHUP", () => endWithoutTerminal());
}
