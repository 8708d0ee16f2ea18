/** `murmur completion`: the scripts, as the shells themselves read them; the oracle is each command's own --help. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { murmur, ROOT, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const BASH = join(folder.path, "murmur.bash");
const ZSH = join(folder.path, "_murmur");

beforeAll(async () => {
  for (const [shell, file] of [
    ["bash", BASH],
    ["zsh", ZSH],
  ] as const) {
    const { status, stdout, stderr } = await murmur(["completion", shell]);
    expect([status, stderr]).toEqual([0, ""]);
    writeFileSync(file, stdout);
  }
});

/** What bash proposes for the last word of a line, in a shell of its own. */
function proposed(...words: string[]): string[] {
  const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _murmur
    if (( \${#COMPREPLY[@]} )); then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;
  const out = execFileSync("bash", ["--norc", "-c", script, BASH, "murmur", ...words], {
    encoding: "utf8",
  });
  return out.split("\n").filter((line) => line !== "");
}

/** Lines of a block of --help: the first word of each, and spellings after a comma. */
async function inHelp(block: string, ...command: string[]): Promise<string[]> {
  const { stdout } = await murmur([...command, "--help"]);
  const text = stdout.split(`${block}:\n`)[1]?.split("\n\n")[0] ?? "";
  return [...text.matchAll(/^ {2}(\S+?)(?:, (\S+))?(?: |$)/gm)]
    .flatMap(([, first, second]) => [first, second])
    .filter((word) => word !== undefined);
}

it("proposes every command, and those that begin as the word does", async () => {
  const commands = await inHelp("Commands");
  expect(commands.length).toBeGreaterThan(15);
  expect(proposed("").sort()).toEqual(commands.toSorted());
  expect(proposed("ver")).toEqual(["verify"]);
  expect(proposed("-").sort()).toEqual(["--help", "--version", "-V", "-h"]);
});

it("proposes every flag of each command", async () => {
  for (const command of await inHelp("Commands")) {
    if (command === "help") continue;
    const flags = await inHelp("Options", command);
    expect(flags).toContain("--json");
    expect(proposed(command, "-").sort(), command).toEqual(flags.toSorted());
  }
});

it("proposes what a flag or an argument may be", () => {
  expect(proposed("run", "x.yaml", "--log-level", "")).toEqual(["debug", "info", "warn", "error"]);
  expect(proposed("run", "--log-level", "d")).toEqual(["debug"]);
  expect(proposed("completion", "")).toEqual(["bash", "zsh"]);
  expect(proposed("keys", "n")).toEqual(["new"]);
});

it("leaves files to bash: after a flag that takes one, and where a command does", () => {
  expect(proposed("run", "--out", "")).toEqual([]);
  expect(proposed("run", "--out", "-")).toEqual([]);
  expect(proposed("run", "scen")).toEqual([]);
  const registered = execFileSync("bash", ["--norc", "-c", 'source "$0"; complete -p', BASH], {
    encoding: "utf8",
  });
  for (const name of ["murmur", "murmur-fl"])
    expect(registered).toMatch(new RegExp(`-o default -F _murmur ${name}$`, "m"));
});

it("is a script for zsh, of the same commands and flags", async () => {
  const text = readFileSync(ZSH, "utf8");
  expect(text).toMatch(/^#compdef murmur murmur-fl\n/);
  for (const command of await inHelp("Commands")) {
    expect(text).toContain(`\n    '${command}:`);
    const [, block = ""] = text.split(`\n    ${command})\n`);
    const named = [...(block.split(";;")[0] ?? "").matchAll(/^ +'\*?(-[^[]+)\[/gm)].map(
      ([, flag]) => flag,
    );
    if (command !== "help")
      expect(named.toSorted(), command).toEqual((await inHelp("Options", command)).toSorted());
  }
  // Where there is a zsh, it can read it.
  const { error, status, stderr } = spawnSync("zsh", ["-f", "-n", ZSH], { encoding: "utf8" });
  if (error === undefined) expect([status, stderr]).toEqual([0, ""]);
});

it("knows no other shell, and its example works", async () => {
  const { status, stderr } = await murmur(["completion", "fish"]);
  expect(status).toBe(2);
  expect(stderr).toContain("Allowed choices are bash, zsh");
  const { stdout } = await murmur(["completion", "--help"]);
  const [, example = ""] = /Example:\n {2}npx murmur-fl (.*)/.exec(stdout) ?? [];
  const line = `cd "$0" && node "$1" ${example} && complete -p murmur`;
  expect(
    execFileSync("bash", ["--norc", "-c", line, folder.path, join(ROOT, "dist/cli/main.js")], {
      encoding: "utf8",
    }),
  ).toContain("_murmur");
});
