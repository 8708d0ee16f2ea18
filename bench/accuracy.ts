/**
 * IO: held-out accuracy at the ε that was spent, each run a real `murmur run`, against what it is to
 * reach. Every finished run is a line in the results file, so that a bench that was cut off goes on
 * where it was.
 *
 *     node dist/bench/accuracy.js [FILE.jsonl] [TARGET…]      default: runs/accuracy.jsonl, all
 */
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { pairedDifference, summaryOf } from "../compare/seed-statistics.ts";
import { TARGETS, type Target } from "./accuracy-targets.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const SCENARIOS = fileURLToPath(new URL("../../scenarios/", import.meta.url));
const [file = "runs/accuracy.jsonl", ...names] = process.argv.slice(2);
const execute = promisify(execFile);

const resultSchema = z.object({
  target: z.string(),
  seed: z.number(),
  commit: z.string(),
  /** Percent. */
  accuracy: z.number(),
  epsilon: z.number().nullable(),
  seconds: z.number(),
  /** Of the released model: runs that were the same have the same. */
  modelHash: z.string(),
});
type Result = z.infer<typeof resultSchema>;

function finished(): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => resultSchema.parse(JSON.parse(line)));
}

async function run({ name, scenario, set = [] }: Target, seed: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  try {
    const overrides = set.flatMap((pair) => ["--set", pair]);
    const flags = ["--seed", String(seed), "--out", join(folder, "run"), "--json", ...overrides];
    const args = [MAIN, "run", join(SCENARIOS, `${scenario}.yaml`), ...flags];
    const { stdout } = await execute(process.execPath, args, { maxBuffer: 1 << 28 });
    const { accuracy, epsilon, seconds, modelHash } = JSON.parse(stdout);
    const commit = (await execute("git", ["rev-parse", "--short", "HEAD"])).stdout.trim();
    return resultSchema.parse({
      ...{ target: name, seed, commit, accuracy: 100 * accuracy },
      ...{ epsilon, seconds, modelHash },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bySeed = (results: readonly Result[]) =>
  new Map(results.map(({ seed, accuracy }) => [seed, accuracy]));

/** What a target's runs come to, and whether that is what it was to reach. */
function line(target: Target, results: readonly Result[]): { text: string; missed: boolean } {
  const own = results.filter((result) => result.target === target.name);
  const { n, mean, sd } = summaryOf(own.map(({ accuracy }) => accuracy));
  const epsilon = Math.max(...own.map((result) => result.epsilon ?? Number.POSITIVE_INFINITY));
  const other = results.filter((result) => result.target === target.near?.target);
  const below = pairedDifference(bySeed(other), bySeed(own))?.mean ?? Number.NaN;
  const { atLeast = 0, epsilonAtMost = Number.POSITIVE_INFINITY, near } = target;
  const missed =
    mean < atLeast || epsilon > epsilonAtMost || (near ? !(below <= near.within) : false);
  const spread = sd === null ? "" : ` ± ${sd.toFixed(2)}`;
  const bars = [
    ...(target.atLeast === undefined ? [] : [`≥ ${target.atLeast} %`]),
    ...(near ? [`${below.toFixed(2)} below ${near.target}, ≤ ${near.within}`] : []),
  ];
  const seconds = summaryOf(own.map((result) => result.seconds)).mean.toFixed(0);
  const text = `| ${target.name} | ${epsilon.toFixed(3)} | ${mean.toFixed(2)}${spread} % (${n}) | ${bars.join("; ")} | ${missed ? "MISSED" : "reached"} | ${seconds} s |`;
  return { text, missed };
}

const targets = TARGETS.filter(({ name }) => names.length === 0 || names.includes(name));
mkdirSync(dirname(file), { recursive: true });
for (const target of targets) {
  for (let seed = 1; seed <= target.seeds; seed++) {
    const done = finished().some((one) => one.target === target.name && one.seed === seed);
    if (!done) appendFileSync(file, `${JSON.stringify(await run(target, seed))}\n`);
  }
}
const told = targets.map((target) => line(target, finished()));
process.stdout.write(
  "| target | ε | accuracy (seeds) | bar | | a run |\n|---|---|---|---|---|---|\n",
);
for (const { text } of told) process.stdout.write(`${text}\n`);
process.exitCode = told.some(({ missed }) => missed) ? 1 : 0;
