/** Every snippet of docs/library.md, in one program of a stranger's, prints what the page says. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, scratch } from "../support/murmur.ts";

const PAGE = readFileSync(join(ROOT, "docs/library.md"), "utf8");
/** Each with the text that stands behind it. */
const SNIPPETS = [...PAGE.matchAll(/```js\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(
  ([, code = "", expected]) => ({ code, expected }),
);
const MARK = "-- the end of a snippet";
const DEADLINE_MS = 120_000;

const folder = scratch();
let printed: string[] = [];

beforeAll(async () => {
  mkdirSync(join(folder.path, "node_modules"));
  symlinkSync(ROOT, join(folder.path, "node_modules/murmur-fl"));
  symlinkSync(join(ROOT, "scenarios"), join(folder.path, "scenarios"));
  const program = SNIPPETS.map(({ code }) => `${code}console.log(${JSON.stringify(MARK)});\n`).join(
    "",
  );
  writeFileSync(join(folder.path, "page.mjs"), program);
  // Another folder than a clone's: what is written goes where the caller stands.
  const { stdout } = await promisify(execFile)(process.execPath, ["page.mjs"], {
    cwd: folder.path,
  });
  printed = stdout.split(`${MARK}\n`);
}, DEADLINE_MS);
afterAll(folder.remove);

it("finds the snippets, each with what it prints", () => {
  expect(SNIPPETS.length).toBeGreaterThanOrEqual(7);
  expect(SNIPPETS.filter(({ expected }) => expected === undefined)).toEqual([]);
});

it.each(
  SNIPPETS.map((snippet, i) => ({ ...snippet, i, first: snippet.code.trim().split("\n")[0] })),
)("snippet $i: $first", ({ i, expected }) => {
  expect(printed[i]).toBe(expected);
});
