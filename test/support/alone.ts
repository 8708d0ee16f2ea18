/**
 * Which test files run how. Some have a process of their own. The others share processes, and what those have
 * imported and made fast: the bundle is loaded once, and the first run of a scenario is the slow one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Mocked modules, the environment, memory, and what the process is heard or ended by. */
const CHANGES_ITS_PROCESS = [
  /\bvi\.(mock|stubGlobal|hoisted|doMock|resetModules)/,
  /\bprocess\.(on|once|exit|chdir|memoryUsage)|\bglobalThis\b|unhandledRejection/,
  /\bprocess\.env(\.\w+|\[\w+\]) = |\bdelete process\.env|\bTIMING\.\w+ = /,
  // Variables and clocks that nobody puts back.
  /^(?!.*unstubAllEnvs).*\bvi\.stubEnv/s,
  /^(?!.*useRealTimers).*\bvi\.useFakeTimers/s,
  // A child begins with the most that its parent ever held (maxRSS survives exec).
  /worker_threads|settled-memory|maxRSS/,
];
/** They look at files and locks that the process holds. */
const HOLDS_FILES = [
  "test/shared/{disk/no-links,lost-terminal}.test.ts",
  "test/shared/ledger/{ledger,ledger-resume,spending}.test.ts",
];

const everyFile = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/${name}`);
const files = everyFile.filter((name) => !name.startsWith("test/system/"));
const holding = (patterns: readonly RegExp[], among = files) =>
  among.filter((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return patterns.some((pattern) => pattern.test(text));
  });

export const ALONE = [...holding(CHANGES_ITS_PROCESS), ...HOLDS_FILES];

/** What tries a part in CI (`effort()`), and all in `npm run test:long`. */
export const LONG = holding([/\/support\/effort\.ts"/], everyFile);
