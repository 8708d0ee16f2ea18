/** The package as a stranger has it: out of `npm pack`, in an empty folder, without the lock file, on this Node and newer ones. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { effort } from "../support/effort.ts";
import { ROOT, scratch } from "../support/murmur.ts";

const PREPARE_MS = 300_000;
const folder = scratch();
const home = join(folder.path, "stranger");
const installed = join(home, "node_modules/murmur-fl");
const SCENARIO = "node_modules/murmur-fl/scenarios/purchases.yaml";
/** Beside this one, the oldest that is supported: the newest of the long-term ones, or all of them. */
const OTHERS = effort([24], [22, 24]);
const NODES = new Map([
  ["this Node", process.execPath],
  ...OTHERS.map((version) => [`Node ${version}`, nodeOf(version)] as const),
]);

const runFile = promisify(execFile);
const npm = (cwd: string, ...args: string[]) => runFile("npm", args, { cwd, env: outside() });

beforeAll(async () => {
  mkdirSync(home);
  const { stdout } = await npm(ROOT, "pack", "--silent", "--pack-destination", folder.path);
  const tarball = join(folder.path, stdout.trim().split("\n").at(-1) ?? "");
  writeFileSync(join(home, "package.json"), "{}");
  // Dependencies that want another Node than this one are refused.
  await npm(home, "install", "--engine-strict", "--no-package-lock", tarball);
  mkdirSync(join(folder.path, "nodes"));
  writeFileSync(join(folder.path, "nodes/package.json"), "{}");
  await npm(join(folder.path, "nodes"), "install", ...OTHERS.map((n) => `node${n}@npm:node@${n}`));
}, PREPARE_MS);
afterAll(folder.remove);

describe("what it holds", () => {
  it("runs, and nothing else: no test, vector, key, source or benchmark", () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)));
    const strays = files.filter(
      (file) =>
        /(^|\/)(test|bench|parts|vectors|golden)\/|\.murmur\/|\.(test|as)\.|\.(pem|key|crt|map)$/.test(
          file,
        ) ||
        (file.endsWith(".ts") && !file.endsWith(".d.ts")),
    );
    expect(strays).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        ...["LICENSE", "README.md", "CHANGELOG.md", "dist/THIRD-PARTY-NOTICES.txt"],
        ...["dist/library/murmur.js", "dist/types/murmur.d.ts", "scenarios/purchases.yaml"],
      ]),
    );
    const keys = files.filter((file) =>
      readFileSync(join(installed, file), "latin1").includes("-----BEGIN PRIVATE KEY-----\nM"),
    );
    expect(keys).toEqual([]);
  });

  it("names the licence of every library whose code is in it", () => {
    const notices = readFileSync(join(installed, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["commander", "mathjs", "vega", "ws", "yaml", "zod"])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\S+\\)$`, "m"));
  });
});

describe("on every Node", () => {
  const IMPORTS = `
    import { simulate } from "murmur-fl";
    const { model } = await simulate(${JSON.stringify(SCENARIO)}, { seed: 3 });
    console.log(model.hash);
  `;

  it("runs a shipped scenario as a command, and by an import, to the same bytes", async () => {
    writeFileSync(join(home, "imports.mjs"), IMPORTS);
    const hashes = new Map<string, unknown>();
    for (const [name, node] of NODES) {
      const out = `run ${name}`;
      const args = ["node_modules/.bin/murmur", "run", SCENARIO, "--seed", "3", "--out", out];
      await runFile(node, args, { cwd: home });
      const manifest = readFileSync(join(home, out, "manifest.json"), "utf8");
      hashes.set(`${name}, murmur run`, JSON.parse(manifest).modelHash);
      const { stdout } = await runFile(node, ["imports.mjs"], { cwd: home });
      hashes.set(`${name}, import`, stdout.trim());
    }
    const [expected] = hashes.values();
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.fromEntries(hashes)).toEqual(
      Object.fromEntries([...hashes.keys()].map((key) => [key, expected])),
    );
  }, 120_000);

  it("is found by npx under its own name, which fetches nothing", async () => {
    const { stdout } = await npm(home, "exec", "--offline", "murmur-fl", "--", "--version");
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(stdout.trim()).toBe(version);
  });
});

it("has types that a strict program of a stranger's compiles with", async () => {
  writeFileSync(
    join(home, "use.mts"),
    `import { simulate, ScenarioError, type RunResult, type SimulateOptions } from "murmur-fl";
    const options: SimulateOptions = { seed: 3, signal: new AbortController().signal };
    const running = simulate("scenario.yaml", options);
    for await (const one of running) if (one.event === "round") one.round.loss satisfies number | null;
    export const result: RunResult = await running;
    result.guarantees.map(({ text }) => text satisfies string);
    // @ts-expect-error a seed is a number
    await simulate("scenario.yaml", { seed: "3" });
    export const what: string = new ScenarioError(result as never).problem.what;
    `,
  );
  const flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext"];
  const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const compiled = runFile(tsc, [...flags, ...types, "--ignoreConfig", "use.mts"], { cwd: home });
  await expect(
    compiled.catch(({ stdout }) => Promise.reject(new Error(stdout))),
  ).resolves.toMatchObject({
    stdout: "",
  });
});

function nodeOf(version: number): string {
  return join(folder.path, `nodes/node_modules/node${version}/bin/node`);
}

/** npm's own variables of the run that started this test would mean its folder. */
function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache))/.test(name)),
  );
}
