/** The mutation gate mutates files that are there, and runs tests that import them. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import stryker from "../stryker.config.json" with { type: "json" };
import vitest from "../vitest.mutants.config.ts";
import { ROOT } from "./support/murmur.ts";

const FOLDERS = ["cli", "client", "compare", "server", "shared", "test"];
const FILES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);

/** One pattern for each way through its braces: `a/{b,c}.ts` → `a/b.ts`, `a/c.ts`. */
function alternatives(glob: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(glob);
  if (!braces) return [glob];
  return (braces[1] ?? "").split(",").flatMap((one) => alternatives(glob.replace(braces[0], one)));
}

function matched(pattern: string): string[] {
  const parts: Record<string, string> = { "**/": "(?:.+/)?", "*": "[^/]*", ".": "\\." };
  const source = pattern.replaceAll(/\*\*\/|\*|\./g, (part) => parts[part] ?? part);
  const regex = new RegExp(`^${source}$`);
  return FILES.filter((file) => regex.test(file));
}

const mutated = stryker.mutate.flatMap(alternatives);
const tests = (vitest.test?.include ?? []).flatMap(alternatives);

describe.each([
  ["stryker.config.json", mutated],
  ["vitest.mutants.config.ts", tests],
])("%s", (_, patterns) => {
  it.each(patterns)("%s is there", (pattern) => {
    expect(matched(pattern)).not.toEqual([]);
  });
});

/** Files that one names, as paths from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/from "(\.[^"]*\.ts)"/g)].map(([, path = ""]) =>
    relative(ROOT, join(ROOT, dirname(file), path)),
  );
}

const targets = new Set(mutated.flatMap(matched));
/** What tests import, and then what that imports, as far as its own room or another target. */
const tested = new Set(tests.flatMap(matched).flatMap(importsOf));
for (const file of tested)
  for (const one of importsOf(file))
    if (targets.has(file) || dirname(one) === dirname(file)) tested.add(one);

it.each([...targets])("%s is tested, by itself or through its room", (file) => {
  expect(tested.has(file), `no test of vitest.mutants.config.ts imports ${file}`).toBe(true);
});
