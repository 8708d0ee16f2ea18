#!/usr/bin/env node
/** A process of its own for one command, as its user's shell starts it. */
import { setFlagsFromString } from "node:v8";
import { OPTIMIZE_LATE } from "../shared/optimize-late.ts";
import { runProgram } from "./program.ts";

for (const flag of OPTIMIZE_LATE) setFlagsFromString(flag);

/** What writing gives where the reader is gone: of a pipe, and of a terminal that was closed. */
const UNREAD: ReadonlySet<unknown> = new Set(["EPIPE", "EIO"]);
let isRead = true;

// A reader that has seen enough (`murmur run … | head`) ends the program as Ctrl-C does, once.
process.stdout.on("error", (error) => {
  if (!("code" in error && UNREAD.has(error.code))) throw error;
  if (isRead && !process.emit("SIGTERM")) process.exit(0);
  isRead = false;
});
// Where nobody reads what goes wrong, the run still ends in order.
process.stderr.on("error", (error) => {
  if (!("code" in error && UNREAD.has(error.code))) throw error;
});

await runProgram(process.argv.slice(2));
