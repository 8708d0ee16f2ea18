/** `murmur serve` and `murmur join` as people start them: real processes, a folder each, over TLS. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { loopbackCertificate } from "./certificate.ts";
import { type Finished, ROOT, scratch } from "./murmur.ts";

const MAIN = join(ROOT, "dist/cli/main.js");
/** Below the tests' own limit, so that what waits for ever fails with what it said. */
const DEADLINE_MS = 55_000;

/** Flags of an owner who agrees beforehand to whatever the study's coordinator plans. */
export const AGREED = ["--allow-exact-updates", "--limits", "wide.json"];
const WIDE = JSON.stringify({ epsilon: 10, delta: 0.001 });

/** An owner's limit beyond all that a test may cost. */
export function writeWideLimits(folder: string): void {
  writeFileSync(join(folder, "wide.json"), WIDE);
}

/** The study's people: what they buy follows from age and income, less chance. */
export function peopleCsv(seed: number, rows: number): string {
  const random = stream(seededRoot(seed), "person");
  const lines = Array.from({ length: rows }, () => {
    const [age, income] = [18 + random.below(70), random.below(1_000)];
    const bought = age / 200 + income / 1_000 + 0.3 * random.uniform() > 0.9;
    return `${age},${income},${bought ? "yes" : "no"}`;
  });
  return `age,income,bought\n${lines.join("\n")}\n`;
}

/** @param source of its data */
export function studyYaml(source: string): string {
  return `
format: 1
name: study
seed: 5
data:
  source: ${source}
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [30, 50, 70] }
    income: { role: quasiIdentifier, type: number, bounds: [0, 1000] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features:
  age: { formula: "oneHot(age)" }
  income: { formula: "income", bounds: [0, 1000] }
training: { rounds: 3, learningRate: 2 }
privacy: { epsilon: 2, delta: 0.001, population: 100 }
clients: { count: 2, minCohort: 2 }
`;
}

/** A coordinator's folder, and two owners' with their rows and nothing else. */
export function layOut(path: string, addresses = ["127.0.0.1"]): void {
  const { cert, key } = loopbackCertificate(Date.now(), addresses);
  const [a, b] = [peopleCsv(1, 60), peopleCsv(2, 40)];
  for (const name of ["coordinator", "a", "b"]) mkdirSync(join(path, name));
  const write = (name: string, text: string, mode = 0o644) =>
    writeFileSync(join(path, name), text, { mode });
  write("coordinator/tls.crt", cert);
  write("coordinator/tls.key", key, 0o600);
  write("coordinator/study.yaml", studyYaml("{ testFile: test.csv }"));
  write("coordinator/test.csv", peopleCsv(3, 50));
  for (const owner of ["a", "b"]) writeWideLimits(join(path, owner));
  write("a/rows.csv", a);
  write("b/rows.csv", b);
}

/**
 * For each test of a file a place laid out anew, and processes in it that do not outlive the test.
 *
 * @param more to be laid out beside
 */
export function servedFolder(more: (path: string) => void = () => {}) {
  let folder = scratch();
  let started: Started[] = [];
  beforeEach(() => {
    folder = scratch();
    started = [];
    layOut(folder.path);
    more(folder.path);
  });
  afterEach(async () => {
    for (const { child } of started) child.kill("SIGKILL");
    await Promise.all(started.map(({ ended }) => ended));
    folder.remove();
  });
  const at = (...names: string[]) => join(folder.path, ...names);
  const start = (where: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const process = new Started(at(where), args, env);
    started.push(process);
    return process;
  };
  return { at, start };
}

export class Started {
  readonly ended: Promise<Finished>;
  readonly child: ChildProcess;
  #stderr = "";
  #stdout = "";

  /**
   * @param cwd where its user stands
   * @param within a command that runs it elsewhere: in another network namespace, say
   * @param deadlineMs after which it is killed
   */
  constructor(
    cwd: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    within: readonly string[] = [],
    deadlineMs = DEADLINE_MS,
  ) {
    const [program = "", ...rest] = [...within, process.execPath, MAIN, ...args];
    const child = spawn(program, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stdout?.on("data", (chunk) => {
      this.#stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      this.#stderr += chunk;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
    this.ended = new Promise((resolve) =>
      child.once("close", (code) => {
        clearTimeout(timer);
        resolve({ status: code ?? -1, stdout: this.#stdout, stderr: this.#stderr });
      }),
    );
  }

  /** The first match in its stderr, once it is there. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stderr);
      if (found) return found;
      const { child } = this;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended before ${pattern}: ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        child.stderr?.once("data", () => resolve());
        child.once("close", () => resolve());
      });
    }
  }
}
