/**
 * IO: how long `npm start` takes after the install: launch, all six stages, report. Prints
 * the median of whole runs, and its ratio to a Node process that does nothing.
 *
 *     node dist/bench/start.js 5
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNS = Number(process.argv[2] ?? 5);

function secondsOf(program: string, args: readonly string[]): number {
  const started = performance.now();
  execFileSync(program, args, { cwd: ROOT, stdio: "ignore" });
  return (performance.now() - started) / 1000;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const pairs = Array.from({ length: RUNS }, () => ({
  bare: secondsOf(process.execPath, ["-e", "0"]),
  start: secondsOf("npm", ["start"]),
}));
const start = median(pairs.map((pair) => pair.start));
const bare = median(pairs.map((pair) => pair.bare));
process.stdout.write(
  `npm start: ${start.toFixed(2)} s (median of ${RUNS}), ${(start / bare).toFixed(1)} × a bare node process (${bare.toFixed(3)} s)\n`,
);
