/**
 * Which test files have a process of their own. The others share processes and what those have imported: numbers
 * in, numbers out, in a third of the time.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Mocks, the environment, time, memory, other processes, real sockets, and runs of the whole program. */
const CHANGES_ITS_PROCESS = [
  /\bvi\.(mock|stub|spyOn|useFake|hoisted|doMock|resetModules)/,
  /\bprocess\.(env|on|once|exit|chdir|kill|memoryUsage)|\bglobalThis\b|\bTIMING\.|unhandledRejection/,
  /child_process|worker_threads|settled-memory/,
  /support\/(murmur|real-run|served-run|captured-run|run-bytes|linked-run|study-ways|cut-sockets|socket-tap|raw-peer|machines|network|slow-network)\.ts/,
];
/** They look at files and locks that the process holds. */
const HOLDS_FILES = [
  "test/shared/{disk/no-links,lost-terminal}.test.ts",
  "test/shared/ledger/{ledger,ledger-resume,spending}.test.ts",
];

const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && !name.startsWith("system/"))
  .map((name) => `test/${name}`);
const isAlone = (file: string) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  return CHANGES_ITS_PROCESS.some((pattern) => pattern.test(text));
};

export const ALONE = [...files.filter(isAlone), ...HOLDS_FILES];
