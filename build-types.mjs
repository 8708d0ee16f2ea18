/**
 * IO: the library's types, below dist/types/: those files alone that its doors reach. `npm pack` asks for them.
 *
 *     node build-types.mjs
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const TYPES = "dist/types";
const IMPORT = /(?:from |import\()"(\.[^"]+)\.ts"/g;

rmSync(TYPES, { recursive: true, force: true });
execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.types.json"], { stdio: "inherit" });

const reached = new Set();
const doors = readdirSync(TYPES).filter((name) => name.endsWith(".d.ts"));
for (const door of doors) reach(join(TYPES, door));
for (const entry of readdirSync(TYPES, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && !reached.has(path)) rmSync(path);
}

function reach(path) {
  if (reached.has(path)) return;
  reached.add(path);
  for (const [, name] of readFileSync(path, "utf8").matchAll(IMPORT))
    reach(join(dirname(path), `${name}.d.ts`));
}
