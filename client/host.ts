/**
 * IO: the process that holds clients. Forked by a coordinator's launcher, it is told its clients over IPC,
 * joins over the wire like any other, and ends when its parent does.
 */
import { stackOf } from "../shared/errors.ts";
import { leaveSignalsToParent } from "../shared/follow-parent.ts";
import { HostRun } from "./host-run.ts";

leaveSignalsToParent();
process.once("disconnect", () => process.exit(0));

const host = new HostRun({
  tell: (report) => {
    if (process.connected) process.send?.(report);
  },
  hear: (listen) => {
    process.on("message", listen);
    return () => process.off("message", listen);
  },
  done: () => process.disconnect(),
  notes: {
    warn: (text) => process.stderr.write(`${text}\n`),
    bug: (error) => process.stderr.write(`bug: ${stackOf(error)}\n`),
  },
  failed: (error) => {
    throw error;
  },
});
host.await();
