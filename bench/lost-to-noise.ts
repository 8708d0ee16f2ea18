/**
 * IO: accuracy at the scenario's ε against its twin without noise, paired by seed, each run a real
 * `murmur run`. Prints the mean, and the 95 % interval of what the noise costs.
 *
 *     node dist/bench/lost-to-noise.js scenarios/purchases.yaml 20 --set data.source.testRows=20000
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pairedDifference, type Summary, summaryOf } from "../compare/seed-statistics.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const [scenario = "scenarios/purchases.yaml", seeds = "20", ...rest] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
const run = promisify(execFile);

/** Held-out accuracy of one run, in points. */
async function accuracy(seed: number, trust: string): Promise<number> {
  const out = join(folder, `${trust}-${seed}`);
  const flags = ["--set", `privacy.trust=${trust}`, "--seed", String(seed), "--out", out, "--json"];
  const args = [MAIN, "run", scenario, ...flags, "--hosts", "1", ...rest];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 });
  return 100 * JSON.parse(stdout).accuracy;
}

/** Of an interval around a mean; NaN for one seed, which has none. */
const halfOf = (interval: Summary["interval"] | undefined) =>
  interval ? (interval[1] - interval[0]) / 2 : Number.NaN;

try {
  const bySeed = { private: new Map<number, number>(), twin: new Map<number, number>() };
  const todo = Array.from({ length: Number(seeds) }, (_, i) => i + 1);
  const worker = async () => {
    for (let seed = todo.shift(); seed !== undefined; seed = todo.shift()) {
      bySeed.private.set(seed, await accuracy(seed, "central"));
      bySeed.twin.set(seed, await accuracy(seed, "none"));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const own = summaryOf([...bySeed.private.values()]);
  const baseline = summaryOf([...bySeed.twin.values()]);
  const lost = pairedDifference(bySeed.twin, bySeed.private);
  const line = [
    `${scenario}, ${own.n} paired seeds:`,
    `private ${own.mean.toFixed(2)} % (sd ${own.sd?.toFixed(2)}),`,
    `twin without noise ${baseline.mean.toFixed(2)} %,`,
    `lost to noise ${lost?.mean.toFixed(2)} ± ${halfOf(lost?.interval).toFixed(2)} points (95 %)`,
  ];
  process.stdout.write(`${line.join(" ")}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
