/**
 * IO: what masks cost a whole round of a real run, over its sockets: MNIST's 784-128-10 (101,770 parameters),
 * 100 clients of 600 images, DP-FedAvg of five local epochs; and the same of one epoch and of a tiny
 * round, where next to nothing is trained. Pairs of runs, central and distributed, one after the other.
 *
 *     node dist/bench/masked-run.js [PAIRS]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
// Of the sources: nothing but code is built into dist.
const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));
const ROUNDS = 5;
const COHORT = ["clients.count=100", "clients.minCohort=80", `training.rounds=${ROUNDS}`];
const MNIST = ["model.hidden=[128]", "privacy.population=100", "privacy.delta=1e-3"];
const ROUND_KINDS = [
  { name: "five local epochs", file: "mnist-fedavg-mlp.yaml", set: MNIST },
  {
    name: "one local epoch",
    file: "mnist-fedavg-mlp.yaml",
    set: [...MNIST, "training.localEpochs=1"],
  },
  // 10 rows a client, 99,001 parameters: of the round nearly all is noise, frames and sums.
  { name: "one step over ten rows", file: "purchases.yaml", set: ["model.hidden=[9000]"] },
] as const;

const stageSchema = z.object({
  event: z.literal("stage"),
  round: z.number(),
  durationMs: z.number(),
});

/** Milliseconds of the median round, from its first message to its release. */
function roundMs(file: string, set: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  const log = join(folder, "log.jsonl");
  const flags = [...COHORT, ...set].flatMap((one) => ["--set", one]);
  const told = ["--quiet", "--log", log, "--log-level", "debug", "--out", join(folder, "run")];
  try {
    const args = [MAIN, "run", join(SCENARIOS, file), ...flags, ...told];
    execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    const times = new Array<number>(ROUNDS).fill(0);
    for (const line of readFileSync(log, "utf8").trimEnd().split("\n")) {
      const { data } = stageSchema.safeParse(JSON.parse(line));
      if (data) times[data.round] = (times[data.round] ?? 0) + data.durationMs;
    }
    // The first is compiled in.
    return median(times.slice(1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const pairs = Number(process.argv[2] ?? "3");
for (const { name, file, set } of ROUND_KINDS) {
  const measured = Array.from({ length: pairs }, () => {
    const central = roundMs(file, [...set, "privacy.trust=central"]);
    const distributed = roundMs(file, [...set, "privacy.trust=distributed"]);
    return { central, distributed, ratio: distributed / central };
  });
  const of = (key: "central" | "distributed" | "ratio") => median(measured.map((one) => one[key]));
  process.stdout.write(
    `${name}: a round of 100 clients × 100 k takes ${(of("distributed") / 1_000).toFixed(2)} s under masks, ` +
      `${(of("central") / 1_000).toFixed(2)} s under central, ${of("ratio").toFixed(2)} times ` +
      `(medians of ${pairs} pairs)\n`,
  );
}
