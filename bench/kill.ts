/**
 * IO: what is lost when the coordinator is killed. At random moments of a run (kill -9 of its process
 * alone), then resumed until it is finished: under seeded noise the bytes must be an unbroken run's; under
 * secure noise, masked or not, the ledger must hold each attempt that a client's own ledger says something
 * has left in, after each kill as in the end, ε be no less than those cost, and `murmur verify` pass.
 * Usage: KILLS (of each part, 25), ROUNDS (12). Prints one line a part.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gaussianEpsilon } from "../shared/accounting/mechanisms/gaussian.ts";
import { epsilonFromRho } from "../shared/accounting/mechanisms/zcdp.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const [kills = "25", rounds = "12"] = process.argv.slice(2);
/** Bits of what must come out the same. */
const REPEATED = ["model/weights.bin", "rounds.jsonl", "ledger.jsonl", "trace.json"];
const folder = mkdtempSync(join(tmpdir(), "murmur-kill-"));
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
const SCENARIO = [
  ...["scenarios/purchases.yaml", "--hosts", "1", "--quiet"],
  ...set(`training.rounds=${rounds}`, "clients.minCohort=2", "data.source.rows=100"),
  ...set("data.source.testRows=20", "privacy.population=100", "training.learningRate=0.1"),
];
const CENTRAL = [...SCENARIO, ...set("privacy.trust=central", "clients.count=2")];
const DISTRIBUTED = [...SCENARIO, ...set("privacy.trust=distributed", "clients.count=4")];

interface Outcome {
  readonly status: number | null;
  /** Of its rounds; of one that was killed nothing. */
  readonly milliseconds: number;
}

/**
 * @param out where it will be found
 * @param killMs after its clients are there; undefined: it may end
 */
async function start(args: readonly string[], out: string, killMs?: number): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.resume();
  // Closed once its hosts, which have the same stderr, are gone too: till then they may charge.
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  // A run's start is long and has nothing to lose: the time of its rounds is what counts.
  const rounds = `${out}.tmp/rounds.jsonl`;
  const before = timeOf(rounds);
  while (timeOf(rounds) === before && child.exitCode === null) await setTimeout(2);
  const begun = Date.now();
  if (killMs !== undefined) {
    await Promise.race([ended, setTimeout(killMs)]);
    child.kill("SIGKILL");
  }
  return { status: await ended, milliseconds: timeOf(`${out}/rounds.jsonl`) - begun };
}

/** When a file was last written; 0 for one that is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function verifies(run: string, ledgers: string): Promise<boolean> {
  return new Promise((resolve) => {
    const args = [MAIN, "verify", run, "--client-ledgers", ledgers];
    execFile(process.execPath, args, (error) => resolve(error === null));
  });
}

/** Attempts, "round/attempt", of the lines of that kind. Read in the text, by no reader of ours. */
function attemptsIn(path: string, kind: string): string[] {
  const whole = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return whole.flatMap((line) => {
    const entry = JSON.parse(line);
    return entry.kind === kind ? [`${entry.round}/${entry.attempt}`] : [];
  });
}

/** Attempts in which something has left a client, as the clients themselves have written down. */
function participations(ledgers: string): Set<string> {
  if (!existsSync(ledgers)) return new Set();
  const files = readdirSync(ledgers).filter((name) => name.endsWith(".jsonl"));
  return new Set(files.flatMap((name) => attemptsIn(join(ledgers, name), "participation")));
}

/** Of those the ones that a run's ledger has not charged. */
function uncharged(run: string, ledgers: string): string[] {
  const charged = new Set(attemptsIn(join(run, "ledger.jsonl"), "charge"));
  return [...participations(ledgers)].filter((attempt) => !charged.has(attempt));
}

/**
 * Killed at a random moment, and each further time in two once more, until it is finished.
 *
 * @param look at what each kill has left
 * @returns how often it was killed
 */
async function killedRun(
  args: readonly string[],
  out: string,
  span: number,
  look: (left: string) => void = () => {},
): Promise<number> {
  let killed = 0;
  let todo: readonly string[] = ["run", ...args, "--out", out];
  while (!existsSync(out)) {
    const again = killed === 0 || Math.random() < 0.5;
    const { status } = await start(todo, out, again ? Math.random() * span : undefined);
    if (again && status === null) killed += 1;
    else if (status !== 0) throw new Error(`exit ${status}: murmur ${todo.join(" ")}`);
    // Killed before it had so much as a folder: nothing was begun.
    if (existsSync(join(`${out}.tmp`, "ledger.jsonl"))) look(`${out}.tmp`);
    if (existsSync(join(`${out}.tmp`, "launch.json"))) todo = ["resume", out, "--quiet"];
    else if (!existsSync(out)) rmSync(`${out}.tmp`, { recursive: true, force: true });
  }
  return killed;
}

async function seeded(): Promise<string> {
  const whole = join(folder, "whole");
  const { milliseconds } = await start(["run", ...CENTRAL, "--out", whole], whole);
  let [same, killed] = [0, 0];
  for (let i = 0; i < Number(kills); i++) {
    const out = join(folder, `seeded-${i}`);
    killed += await killedRun(CENTRAL, out, milliseconds);
    const differs = REPEATED.filter(
      (name) => !readFileSync(join(out, name)).equals(readFileSync(join(whole, name))),
    );
    if (differs.length === 0) same += 1;
    else process.stderr.write(`run ${i} differs in ${differs.join(", ")}\n`);
    rmSync(out, { recursive: true });
  }
  return `seeded: ${same} of ${kills} runs, killed ${killed} times, ended in the unbroken run's bytes`;
}

/** What so many attempts cost at the least: exact Gaussians, or by zCDP, which adds up. */
function epsilonOf(attempts: number, run: string): number {
  const { privacy } = JSON.parse(readFileSync(join(run, "plan.json"), "utf8"));
  const { trust, noiseMultiplier, chargedDelta } = privacy;
  // μ of so many releases of all records is √attempts / noiseMultiplier (Dong, Roth & Su 2022).
  const mu = Math.sqrt(attempts) / noiseMultiplier;
  return trust === "central"
    ? gaussianEpsilon(mu, chargedDelta)
    : epsilonFromRho(mu ** 2 / 2, chargedDelta).epsilon;
}

async function secure(name: string, scenario: readonly string[]): Promise<string> {
  const args = [...scenario, ...set("privacy.noise=secure", "privacy.spareAttempts=4")];
  const span = join(folder, `${name}-span`);
  const { milliseconds } = await start(["run", ...args, "--out", span], span);
  let [covered, verified, killed, amid] = [0, 0, 0, 0];
  for (let i = 0; i < Number(kills); i++) {
    const out = join(folder, `${name}-${i}`);
    const ledgers = `${out}-ledgers`;
    const missing = new Set<string>();
    const look = (left: string) => {
      for (const attempt of uncharged(left, ledgers)) missing.add(attempt);
    };
    killed += await killedRun([...args, "--client-ledgers", ledgers], out, milliseconds, look);
    look(out);
    const due = epsilonOf(participations(ledgers).size, out);
    const [head = ""] = readFileSync(join(out, "clients.jsonl"), "utf8").split("\n", 1);
    const { epsilon } = JSON.parse(head).privacy;
    const isCovered = missing.size === 0 && epsilon.modelRecipients >= due * (1 - 1e-9);
    if (isCovered) covered += 1;
    else
      process.stderr.write(
        `${name} run ${i}: left and not charged ${[...missing].join(" ") || "nothing"}; ε ${epsilon.modelRecipients} told, ${due} due\n`,
      );
    if (await verifies(out, ledgers)) verified += 1;
    amid += readFileSync(join(out, "ledger.jsonl"), "utf8").match(/"kind":"resumed"/g)?.length ?? 0;
    for (const path of [out, ledgers]) rmSync(path, { recursive: true });
  }
  return `secure, ${name}: ${covered} of ${kills} runs, killed ${killed} times (${amid} amid a round), have charged each attempt that the clients say something left in, and tell at least its ε; ${verified} verify`;
}

try {
  process.stdout.write(`${await seeded()}\n`);
  process.stdout.write(`${await secure("central", CENTRAL)}\n`);
  process.stdout.write(`${await secure("distributed", DISTRIBUTED)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
