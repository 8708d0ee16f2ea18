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

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const sd = (values: readonly number[]) =>
  Math.sqrt(values.reduce((a, b) => a + (b - mean(values)) ** 2, 0) / (values.length - 1));
/** 97.5 % quantile of Student's t at 19 degrees of freedom; a little wide for more seeds. */
const T = 2.093;

try {
  const pairs: { private: number; twin: number }[] = [];
  const todo = Array.from({ length: Number(seeds) }, (_, i) => i + 1);
  const worker = async () => {
    for (let seed = todo.shift(); seed !== undefined; seed = todo.shift()) {
      const [own, twin] = [await accuracy(seed, "central"), await accuracy(seed, "none")];
      pairs.push({ private: own, twin });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const own = pairs.map((pair) => pair.private);
  const lost = pairs.map((pair) => pair.twin - pair.private);
  const half = (T * sd(lost)) / Math.sqrt(lost.length);
  const line = [
    `${scenario}, ${pairs.length} paired seeds:`,
    `private ${mean(own).toFixed(2)} % (sd ${sd(own).toFixed(2)}),`,
    `twin without noise ${mean(pairs.map((pair) => pair.twin)).toFixed(2)} %,`,
    `lost to noise ${mean(lost).toFixed(2)} ± ${half.toFixed(2)} points (95 %)`,
  ];
  process.stdout.write(`${line.join(" ")}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
