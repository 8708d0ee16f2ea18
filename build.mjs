/**
 * IO: `npm run build` writes dist/, the program in a few files that load quickly, libraries included. Every process
 * starts at an entry point. Code that several of them share, or that is loaded later, lies in chunks beside
 * cli/main.js, so that a path relative to a source in cli/ means the same in dist/cli/.
 *
 *     node build.mjs
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const PROGRAMS = ["cli/main.ts", "run/sweep-worker.ts", "client/host.ts"];
/** Tests load these two in a process or thread of their own. */
const PARTS = ["client/link/session.ts", "client/source/open-table.ts"];
const benchmarks = readdirSync("bench").filter((name) => name.endsWith(".ts"));

const { metafile } = await build({
  entryPoints: [...PROGRAMS, ...PARTS, ...benchmarks.map((name) => join("bench", name))],
  outdir: "dist",
  outbase: ".",
  chunkNames: "cli/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.20",
  // Native, optional, or a file of their own that they look for beside themselves.
  external: ["@tensorflow/*", "@resvg/resvg-js", "pino"],
  // Libraries that are CommonJS ask for Node's modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  sourcemap: "linked",
  metafile: true,
  logLevel: "warning",
});

// A build may run beside a program of the one before: it replaces files in place, then drops those of before.
const current = new Set(Object.keys(metafile.outputs).map((path) => join(path)));
for (const folder of ["cli", "client", "run", "bench"].map((name) => join("dist", name)))
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !current.has(path)) rmSync(path);
  }
