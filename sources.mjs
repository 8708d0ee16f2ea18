/** What dist/ is built of. */

/** Written last, with the time at which the build began. */
export const BUILT = "dist/built";

export const SOURCES = [
  ...["accounting.ts", "anonymize.ts", "murmur.ts"],
  ...["bench", "cli", "client", "compare", "report", "run", "server", "shared"],
  ...["build.mjs", "notices.mjs", "sources.mjs", "package.json", "package-lock.json"],
];
