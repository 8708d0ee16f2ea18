/** Loaded before the program: writes the path of each module of a process, and of processes that it forks. */
import { appendFileSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

export async function load(url, context, next) {
  appendFileSync(process.env.LOADS_FILE, `${process.ppid} ${process.pid} ${url}\n`);
  return next(url, context);
}
