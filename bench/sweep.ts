/**
 * IO: how long a sweep takes: purchases at five ε under each trust, and its twin without noise, over five
 * seeds. Prints the seconds, and their ratio to as many single runs one after another.
 *
 *     node dist/bench/sweep.js [JOBS]      default: one a core
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const PURCHASES = fileURLToPath(new URL("../../scenarios/purchases.yaml", import.meta.url));
const JOBS = process.argv[2] ?? String(availableParallelism());
/** Of the sweep, on two cores. */
const AT_MOST_SECONDS = 60;
const SINGLE_RUNS = 3;

const trusts = ["central", "local", "distributed"];
const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));

function secondsOf(args: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, [MAIN, ...args], { stdio: "ignore" });
  return (performance.now() - started) / 1000;
}

try {
  const single = Array.from({ length: SINGLE_RUNS }, (_, i) =>
    secondsOf(["run", PURCHASES, "--quiet", "--out", join(folder, `run-${i}`)]),
  ).reduce((sum, seconds) => sum + seconds / SINGLE_RUNS, 0);
  const out = join(folder, "sweep");
  const over = [`privacy.epsilon=0.01,0.03,0.1,0.3,1,none`, `privacy.trust=${trusts.join(",")}`];
  const seconds = secondsOf([
    ...["sweep", PURCHASES, "--repeat", "5", "--jobs", JOBS, "--out", out],
    ...over.flatMap((one) => ["--over", one]),
  ]);
  const runs = readFileSync(join(out, "results.jsonl"), "utf8").trim().split("\n").length;
  const told = [
    `${runs} runs, trust ${trusts.join(", ")}, ${JOBS} at once: ${seconds.toFixed(1)} s,`,
    `${(seconds / runs).toFixed(2)} s a run;`,
    `one murmur run: ${single.toFixed(2)} s, so ${((runs * single) / seconds).toFixed(1)} × as fast`,
    `(at most ${AT_MOST_SECONDS} s on two cores)`,
  ];
  process.stdout.write(`${told.join(" ")}\n`);
  process.exitCode = seconds <= AT_MOST_SECONDS ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
