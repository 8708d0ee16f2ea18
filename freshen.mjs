/**
 * IO: builds dist/ anew where a source, or what it is built with, has changed since; to see that takes a few
 * milliseconds.
 *
 *     node freshen.mjs
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BUILT, SOURCES } from "./sources.mjs";

if (isStale()) await import("./build.mjs");

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
