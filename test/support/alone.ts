/**
 * Which test files have a process of their own. The others share processes, and what those have imported and made
 * fast: the bundle is loaded once, and the first run of a scenario is the slow one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Mocked modules, the environment, time, memory, and what the process is heard or ended by. */
const CHANGES_ITS_PROCESS = [
  /\bvi\.(mock|stub|useFake|hoisted|doMock|resetModules)/,
  /\bprocess\.(env|on|once|exit|chdir|memoryUsage)|\bglobalThis\b|\bTIMING\.|unhandledRejection/,
  // A child begins with the most that its parent ever held (maxRSS survives exec).
  /worker_threads|settled-memory|maxRSS/,
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
