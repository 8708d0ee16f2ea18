/**
 * IO: what is lost when the coordinator is killed. At random moments of a run (kill -9 of its process
 * alone), then resumed until it is finished: under seeded noise the bytes must be an unbroken run's; under
 * secure noise ε must be no less than an independent count of charges gives, and `murmur verify` must pass.
 * Usage: KILLS (of each half, 25), ROUNDS (12). Prints one line a half.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gaussianEpsilon } from "../shared/accounting/gaussian.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const [kills = "25", rounds = "12"] = process.argv.slice(2);
/** Bits of what must come out the same. */
const REPEATED = ["model/weights.bin", "rounds.jsonl", "ledger.jsonl", "trace.json"];
const folder = mkdtempSync(join(tmpdir(), "murmur-kill-"));
const SCENARIO = [
  ...["scenarios/purchases.yaml", "--hosts", "1", "--quiet"],
  ...[
    `training.rounds=${rounds}`,
    "clients.count=2",
    "clients.minCohort=2",
    "data.source.rows=100",
  ],
  ...["data.source.testRows=20", "privacy.population=100", "training.learningRate=0.1"],
  "privacy.trust=central",
].flatMap((word) => (/=/.test(word) ? ["--set", word] : [word]));

interface Outcome {
  readonly status: number | null;
  readonly milliseconds: number;
}

/**
 * @param out where it will be found
 * @param killMs after its clients are there; undefined: it may end
 */
async function start(args: readonly string[], out: string, killMs?: number): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  // A run's start is long and has nothing to lose: the time of its rounds is what counts.
  const rounds = `${out}.tmp/rounds.jsonl`;
  const before = timeOf(rounds);
  while (timeOf(rounds) === before && child.exitCode === null) await setTimeout(2);
  const begun = performance.now();
  if (killMs !== undefined) {
    await Promise.race([ended, setTimeout(killMs)]);
    child.kill("SIGKILL");
  }
  return { status: await ended, milliseconds: performance.now() - begun };
}

/** When a file was last written; 0 for one that is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function verifies(run: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "verify", run], (error) => resolve(error === null));
  });
}

/** Killed at a random moment, and each further time in two once more, until it is finished. */
async function killedRun(args: readonly string[], out: string, span: number): Promise<number> {
  let killed = 0;
  let todo: readonly string[] = ["run", ...args, "--out", out];
  while (!existsSync(out)) {
    const again = killed === 0 || Math.random() < 0.5;
    const { status } = await start(todo, out, again ? Math.random() * span : undefined);
    if (again && status === null) killed += 1;
    else if (status !== 0) throw new Error(`exit ${status}: murmur ${todo.join(" ")}`);
    // Killed before it had so much as a folder: nothing was begun.
    if (existsSync(join(`${out}.tmp`, "launch.json"))) todo = ["resume", out, "--quiet"];
    else if (!existsSync(out)) rmSync(`${out}.tmp`, { recursive: true, force: true });
  }
  return killed;
}

async function seeded(): Promise<string> {
  const whole = join(folder, "whole");
  const { milliseconds } = await start(["run", ...SCENARIO, "--out", whole], whole);
  let [same, killed] = [0, 0];
  for (let i = 0; i < Number(kills); i++) {
    const out = join(folder, `seeded-${i}`);
    killed += await killedRun(SCENARIO, out, milliseconds);
    const differs = REPEATED.filter(
      (name) => !readFileSync(join(out, name)).equals(readFileSync(join(whole, name))),
    );
    if (differs.length === 0) same += 1;
    else process.stderr.write(`run ${i} differs in ${differs.join(", ")}\n`);
    rmSync(out, { recursive: true });
  }
  return `seeded: ${same} of ${kills} runs, killed ${killed} times, ended in the unbroken run's bytes`;
}

async function secure(): Promise<string> {
  const args = [...SCENARIO, "--set", "privacy.noise=secure", "--set", "privacy.spareAttempts=4"];
  const span = join(folder, "span");
  const { milliseconds } = await start(["run", ...args, "--out", span], span);
  let [covered, verified, killed, lines] = [0, 0, 0, 0];
  for (let i = 0; i < Number(kills); i++) {
    const out = join(folder, `secure-${i}`);
    killed += await killedRun(args, out, milliseconds);
    // Counted in the text, by no reader of ours.
    const ledger = readFileSync(join(out, "ledger.jsonl"), "utf8");
    const charges = ledger.match(/"kind":"charge"/g)?.length ?? 0;
    const { noiseMultiplier, chargedDelta } = JSON.parse(
      readFileSync(join(out, "plan.json"), "utf8"),
    ).privacy;
    // μ of so many releases of all records is √charges / noiseMultiplier (Dong, Roth & Su 2022).
    const due = gaussianEpsilon(Math.sqrt(charges) / noiseMultiplier, chargedDelta);
    const told = readFileSync(join(out, "rounds.jsonl"), "utf8").trimEnd().split("\n").at(-1);
    const { modelRecipients } = JSON.parse(told ?? "{}").epsilon;
    const spent = JSON.parse(readFileSync(join(out, "clients/c1.json"), "utf8")).privacy.epsilon;
    if (spent.modelRecipients >= due * (1 - 1e-9) && spent.modelRecipients >= modelRecipients)
      covered += 1;
    else process.stderr.write(`run ${i}: ${spent.modelRecipients} told, ${due} due\n`);
    if (await verifies(out)) verified += 1;
    lines += ledger.match(/"kind":"resumed"/g)?.length ?? 0;
    rmSync(out, { recursive: true });
  }
  return `secure: ${covered} of ${kills} runs, killed ${killed} times (${lines} amid a round), tell at least the ε of every charge in their ledger; ${verified} verify`;
}

try {
  process.stdout.write(`${await seeded()}\n`);
  process.stdout.write(`${await secure()}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
