/**
 * IO: `npm start` and `npm run murmur`: the built program in this very process. It is built anew where a source, or
 * what it is built with, has changed since; to see that takes a few milliseconds.
 *
 *     node start.mjs run scenarios/purchases.yaml
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BUILT, SOURCES } from "./sources.mjs";

if (isStale()) await import("./build.mjs");
await import("./dist/cli/main.js");

/** A folder's own time changes with what is taken out of it. */
function isStale() {
  const built = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  return SOURCES.some((path) => isNewer(path, built));
}

function isNewer(path, time) {
  const stat = statSync(path);
  if (stat.mtimeMs >= time) return true;
  if (!stat.isDirectory()) return false;
  return readdirSync(path, { withFileTypes: true }).some((entry) =>
    isNewer(join(path, entry.name), time),
  );
}
