/** Processes that hold clients and cannot go on: out of memory, or without the engine that was chosen. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, expect, it } from "vitest";
import { murmur, murmurProcess, scratch } from "../support/murmur.ts";
import { AGREED, layOut, Started, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
const started: Started[] = [];
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
});
afterAll(folder.remove);
const at = (...names: string[]) => join(folder.path, ...names);

/** A program that every process of Node's loads first. @returns NODE_OPTIONS that do so */
function preloaded(name: string, program: string): string {
  writeFileSync(at(name), program);
  return `--import ${pathToFileURL(at(name))}`;
}

it(
  "row 46: a host runs out of memory in a round: its clients are lost, the run goes on, the line says what to raise",
  async () => {
    // Where the failpoint would hold the host, it fills its heap.
    const fill = preloaded(
      "fill.mjs",
      `const { write } = process.stderr;
       process.stderr.write = function (text, ...rest) {
         const all = [];
         while (String(text).startsWith("failpoint")) all.push(Array(1e5).fill(all.length + 0.5));
         return write.call(this, text, ...rest);
       };`,
    );
    const args = ["run", "scenarios/purchases.yaml", "--hosts", "5", "--quiet", "--out", at("run")];
    const { status, stderr } = await murmurProcess(args, {
      MURMUR_FAILPOINT: "host-round:hold:3",
      NODE_OPTIONS: `--max-old-space-size=96 ${fill}`,
    });
    expect(stderr).toMatch(/host 3 has ended: out of memory.*--max-old-space-size/);
    expect(status).toBe(0);
    expect(await murmur(["verify", at("run"), "--quiet"])).toMatchObject({ status: 0 });
  },
  TIMEOUT_MS,
);

it(
  "row 52: a client whose machine lacks the engine that the plan names: it refuses, and takes no other",
  async () => {
    layOut(folder.path);
    const study = studyYaml("{ testFile: test.csv }").replace(
      "rounds: 3",
      "rounds: 3, engine: tfjsCpu",
    );
    writeFileSync(at("coordinator/study.yaml"), study);
    const start = (where: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
      const process = new Started(at(where), args, env);
      started.push(process);
      return process;
    };
    const listen = ["--listen", "127.0.0.1:0", "--out", "run"];
    const coordinator = start("coordinator", ["serve", "study.yaml", ...listen]);
    const said = /murmur join (ws:\S+) .*--server-key (\S+)/;
    const [, url = "", key = ""] = await coordinator.says(said);
    const hooks = `export const resolve = (name, context, next) => {
      if (name.startsWith("@tensorflow/")) throw new Error(name + " is not here");
      return next(name, context);
    };`;
    const without = preloaded(
      "without.mjs",
      `import { register } from "node:module";
       register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));`,
    );
    const token = ["--token", "../coordinator/run.tokens/c1.token"];
    const own = ["--data", "rows.csv", ...token, ...AGREED];
    const join = ["join", url, ...own, "--server-key", key];
    const { status, stderr } = await start("a", join, { NODE_OPTIONS: without }).ended;
    expect(stderr).toMatch(/ScenarioError: training\.engine .*got tfjsCpu.*works here \(fused\)/);
    expect(status).not.toBe(0);
    expect((await coordinator.says(/c1 .*/))[0]).toBe("c1 read the plan, and may join");
  },
  TIMEOUT_MS,
);
