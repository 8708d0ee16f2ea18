/**
 * IO: a command of the built program in this process. What it prints is caught where it is written, so one runs at
 * a time; exit code and what listens to the process are afterwards as they were.
 */
import { join } from "node:path";
import { format } from "node:util";
import { vi } from "vitest";
import type { Finished } from "./murmur.ts";

type Program = typeof import("../../cli/program.ts");
/** Loaded by Node itself (vitest.config.ts), once a process: in a fraction of the sources' time. */
const PROGRAM = join(import.meta.dirname, "../../dist/cli/program.js");

let before: Promise<unknown> = Promise.resolve();

/**
 * @param env variables that are there for this command alone
 * @param folder where its user stands; where none is given, where this process does
 */
export function inThisProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  folder = process.cwd(),
): Promise<Finished> {
  const finished = before.then(() => runOne(args, env, folder));
  before = finished.catch(() => {});
  return finished;
}

async function runOne(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<Finished> {
  const { runProgram }: Program = await import(PROGRAM);
  const output = new CaughtOutput();
  const { exitCode } = process;
  const monitors = process.listeners("uncaughtExceptionMonitor");
  const atExit = process.listeners("exit");
  const envBefore = { ...process.env };
  const folderBefore = process.cwd();
  process.chdir(folder);
  Object.assign(process.env, env);
  process.exitCode = undefined;
  try {
    // A bug ends a process with its stack and 1.
    await runProgram(args, "inProcess").catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    });
    const status = Number(process.exitCode ?? 0);
    for (const listener of process.listeners("exit")) {
      if (atExit.includes(listener)) continue;
      process.off("exit", listener);
      listener.call(process, status);
    }
    return { status, stdout: output.stdout, stderr: output.stderr };
  } finally {
    output.end();
    process.chdir(folderBefore);
    process.exitCode = exitCode;
    for (const name of Object.keys(env)) {
      delete process.env[name];
      if (envBefore[name] !== undefined) process.env[name] = envBefore[name];
    }
    for (const listener of process.listeners("uncaughtExceptionMonitor"))
      if (!monitors.includes(listener)) process.off("uncaughtExceptionMonitor", listener);
  }
}

/** What this process writes, from now on until `end`. */
class CaughtOutput {
  stdout = "";
  stderr = "";
  readonly #spies = [
    ...(["stdout", "stderr"] as const).map((name) =>
      vi.spyOn(process[name], "write").mockImplementation((chunk) => {
        this[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
        return true;
      }),
    ),
    // vitest has a console of its own.
    vi.spyOn(console, "log").mockImplementation((...values) => {
      this.stdout += `${format(...values)}\n`;
    }),
  ];

  end(): void {
    for (const spy of this.#spies) spy.mockRestore();
  }
}
