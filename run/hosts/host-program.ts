/** The built programs of processes that a run starts; where this stands in a chunk of dist/, they are one folder up as well. */
import { fileURLToPath } from "node:url";

export const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
export const SWEEP_WORKER_PROGRAM = fileURLToPath(
  new URL("../run/sweep-worker.js", import.meta.url),
);
