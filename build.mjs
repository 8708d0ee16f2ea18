/**
 * IO: `npm run build` writes dist/: the program and the library in a few files that load quickly, libraries included.
 * Every process starts at an entry point. Each file lies one folder deep, those that several entry points share or that
 * are loaded later in chunks/, so that a path relative to a source (`../client/host.js`) means the same in dist/.
 *
 *     node build.mjs
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { noticesOf } from "./notices.mjs";
import { BUILT } from "./sources.mjs";

const began = new Date();

/** Zod's languages, of which messages are in one: half of its bytes, read by every process. */
const ENGLISH_ALONE = {
  name: "english-alone",
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: dirname(path),
    })),
};

const SETTINGS = {
  outdir: "dist",
  outbase: ".",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.20",
  // Native, or with files of their own that they look for beside themselves.
  external: ["@tensorflow/*", "@resvg/resvg-js", "pino"],
  // Libraries that are CommonJS ask for Node's modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // Less to read, every time a process starts; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: "linked",
  plugins: [ENGLISH_ALONE],
  metafile: true,
  write: false,
  logLevel: "warning",
};

/** What the package holds. */
const product = build({
  ...SETTINGS,
  entryPoints: [
    ...["cli/main", "cli/program", "client/host"].map((out) => ({ in: `${out}.ts`, out })),
    { in: "run/sweep/sweep-worker.ts", out: "run/sweep-worker" },
    ...["murmur", "accounting", "anonymize"].map((door) => ({
      in: `${door}.ts`,
      out: `library/${door}`,
    })),
  ],
  chunkNames: "chunks/[name]-[hash]",
});

const benchmarks = readdirSync("bench").filter((name) => name.endsWith(".ts"));

/** Benchmarks, and what tests load in a process or thread of its own. */
const workshop = build({
  ...SETTINGS,
  entryPoints: [
    { in: "client/connection/session.ts", out: "parts/session" },
    { in: "client/source/open-table.ts", out: "parts/open-table" },
    { in: "shared/contract/formula/grammar.ts", out: "parts/grammar" },
    ...benchmarks.map((name) => ({ in: `bench/${name}`, out: `bench/${name.slice(0, -3)}` })),
  ],
  chunkNames: "bench/[name]-[hash]",
});

const built = await Promise.all([product, workshop]);
const metafiles = built.map(({ metafile }) => metafile);
// What is there already stays untouched: a program that starts meanwhile finds it whole.
for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles)) {
  if (existsSync(path) && readFileSync(path).equals(contents)) continue;
  mkdirSync(dirname(path), { recursive: true });
  const isProgram = contents[0] === 0x23 && contents[1] === 0x21; // #!
  writeFileSync(path, contents, { mode: isProgram ? 0o755 : 0o644 });
}
writeFileSync("dist/THIRD-PARTY-NOTICES.txt", noticesOf(Object.keys(metafiles[0].inputs)));

// A build may run beside a program of the one before: it replaces files in place, then drops those of before.
const outputs = metafiles.flatMap((metafile) => Object.keys(metafile.outputs));
const current = new Set(outputs.map((path) => join(path)));
for (const folder of new Set(outputs.map((path) => path.split("/")[1])))
  for (const entry of readdirSync(join("dist", folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !current.has(path)) rmSync(path);
  }

// What changed amid the build is newer.
writeFileSync(BUILT, "");
utimesSync(BUILT, began, began);
