/**
 * IO: what a client's update costs in whole rounds of `murmur run`, over its processes and sockets: FedAvg, 100 of 1,000
 * clients a round, 60 images each, 784-128-10 (mlp); or 1,000 of 10,000 clients, ten rows each, 9-16-1 (tiny). A short run
 * and a long one: what the long one takes beyond the short one is its further rounds. Processor time is of all processes.
 *
 *     node dist/bench/rounds.js mlp|tiny [PAIRS] [HOSTS] [KEY=VALUE…]
 *
 * Proportional set size of all processes, from /proc: Linux alone. Evaluation on held-out rows is taken off and printed.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
// Of the sources: nothing but code is built into dist.
const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));
const STEPS = ["training.localEpochs=1", "training.batchSize=10"];
const CASES = {
  mlp: {
    ...{ file: "mnist-fedavg-mlp.yaml", cohort: 100, short: 5, long: 35 },
    set: [...STEPS, "model.hidden=[128]", "training.sampling={ kind: poisson, rate: 0.1 }"],
  },
  tiny: {
    ...{ file: "purchases-clients.yaml", cohort: 1000, short: 3, long: 23 },
    set: [
      ...[...STEPS, "training.sampling.rate=0.1", "data.source.rows=100000", "clients.count=10000"],
      ...["data.partition={ kind: iid }", "privacy.population=10000", "data.source.testRows=10"],
    ],
  },
} as const;
const WATCH_MS = 100;

const lineSchema = z.object({
  stage: z.string(),
  durationMs: z.number(),
});

interface Cost {
  readonly processorMs: number;
  readonly wallMs: number;
  readonly evaluationMs: number;
  readonly peakMb: number;
}

const [name = "mlp", pairs = "3", hosts = "2", ...more] = process.argv.slice(2);
const { file, set, cohort, short, long } = name === "tiny" ? CASES.tiny : CASES.mlp;

/** A whole run of so many rounds. */
async function runOf(rounds: number): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  const log = join(folder, "log.jsonl");
  const sets = [...set, `training.rounds=${rounds}`, "clients.minCohort=10", ...more];
  const flags = [...sets.flatMap((one) => ["--set", one]), "--hosts", hosts, "--quiet"];
  const args = ["run", join(SCENARIOS, file), ...flags, "--log", log, "--log-level", "debug"];
  const timed = `TIMEFORMAT='%3R %3U %3S'; time "$@" >/dev/null`;
  const command = ["-c", timed, "-", process.execPath, MAIN, ...args, "--out", join(folder, "run")];
  const child = spawn("bash", command, { stdio: ["ignore", "inherit", "pipe"] });
  const said: string[] = [];
  child.stderr.on("data", (text) => said.push(String(text)));
  try {
    const peakMb = await watched(child);
    const [wall = 0, user = 0, system = 0] = (said.join("").trim().split("\n").at(-1) ?? "")
      .split(" ")
      .map(Number);
    if (child.exitCode !== 0) throw new Error(said.join(""));
    const evaluationMs = evaluationOf(readFileSync(log, "utf8"));
    return { processorMs: 1000 * (user + system), wallMs: 1000 * wall, evaluationMs, peakMb };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of all rounds' evaluation, in one thread. */
function evaluationOf(log: string): number {
  let sum = 0;
  for (const line of log.trimEnd().split("\n")) {
    const { data } = lineSchema.safeParse(JSON.parse(line));
    if (data?.stage === "evaluate") sum += data.durationMs;
  }
  return sum;
}

/** Its greatest proportional set size until it ends, with all its children, in MB. */
function watched(child: ChildProcess): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, setSizeOf(String(child.pid)));
  }, WATCH_MS);
  return new Promise((resolve) => {
    child.once("close", () => {
      clearInterval(timer);
      resolve(peak);
    });
  });
}

function setSizeOf(pid: string): number {
  try {
    const [, kilobytes = "0"] =
      /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
    );
    return Number(kilobytes) / 1024 + children.reduce((sum, one) => sum + setSizeOf(one), 0);
  } catch {
    return 0; // It has ended between two looks.
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const updates = (long - short) * cohort;
const measured: { ms: number; evaluation: number; perSecond: number; peak: number }[] = [];
for (let pair = 0; pair < Number(pairs); pair++) {
  const [a, b] = [await runOf(short), await runOf(long)];
  const evaluation = (b.evaluationMs - a.evaluationMs) / updates;
  measured.push({
    ms: (b.processorMs - a.processorMs) / updates - evaluation,
    evaluation,
    perSecond: (1000 * updates) / (b.wallMs - a.wallMs),
    peak: b.peakMb,
  });
}
const of = (key: keyof (typeof measured)[number]) => median(measured.map((one) => one[key]));
const cpu = execFileSync("nproc").toString().trim();
process.stdout.write(
  `${name}, ${hosts} hosts, ${cpu} cores, medians of ${pairs} pairs: ${of("ms").toFixed(3)} ms of processor an update, ` +
    `${of("perSecond").toFixed(0)} updates/s by the wall with evaluation (${of("evaluation").toFixed(3)} ms an update of it), ` +
    `${of("peak").toFixed(0)} MB at most\n`,
);
