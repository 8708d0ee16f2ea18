import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inThisProcess } from "./in-this-process.ts";

export const ROOT = join(import.meta.dirname, "../..");
const MAIN = join(ROOT, "dist/cli/main.js");
/** Above every run of these tests, below the runner's own limit. */
const DEADLINE_MS = 60_000;

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command of the built program to its end in this process, one at a time, the clients of `run` and
 * `resume` in here as well: what it prints, writes and refuses, without the seconds that processes take to start.
 */
export function murmur(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  folder = ROOT,
): Promise<Finished> {
  return inThisProcess(args, env, folder);
}

/** The same in a process of its own, hosts in theirs, as a user does: where processes are the point. */
export function murmurProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  main = MAIN,
): Promise<Finished> {
  return new Promise((resolve) => {
    const options = {
      cwd: ROOT,
      env: { ...process.env, ...env },
      timeout: DEADLINE_MS,
      maxBuffer: 1 << 26,
    };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === "number" ? error.code : -1) : 0;
      resolve({ status, stdout, stderr });
    });
  });
}

/**
 * What `murmur run --json` printed, in this process, by one host unless `args` say more: the bytes are the same.
 * Throws with stderr if it failed.
 */
export async function runJson(scenario: string, args: readonly string[], run = murmur) {
  const hosts = args.includes("--hosts") ? [] : ["--hosts", "1"];
  const { status, stdout, stderr } = await run(["run", scenario, "--json", ...args, ...hosts]);
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Starts the built program and leaves it running. */
export function startMurmur(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Resolves with the text so far once a child's stderr holds `pattern`. */
export function sees(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`no ${pattern} in: ${text}`)), DEADLINE_MS);
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      if (!pattern.test(text)) return;
      clearTimeout(timer);
      resolve(text);
    });
    child.once("exit", () => {
      clearTimeout(timer);
      reject(new Error(`ended before ${pattern}: ${text}`));
    });
  });
}

/** A folder of a test's own, and its end. */
export function scratch(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "murmur-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Process ids of the direct children of `pid` (Linux). */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // After the command's closing bracket: state, parent.
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Remote ports of the established TCP connections of a process (Linux). */
export function remotePorts(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
        return match?.[1] ? [match[1]] : [];
      } catch {
        return [];
      }
    }),
  );
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((field) => field[3] === "01" && inodes.has(field[9] ?? ""))
    .map((field) => Number.parseInt(field[2]?.split(":")[1] ?? "", 16));
}

/** True while a process is there. */
export function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
