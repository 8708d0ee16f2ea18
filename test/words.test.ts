/**
 * Words that no new text has, in code, tests and documents: docs/glossary.md lists them, and what to write. What
 * stands from before is counted in words.json for the whole tree, so that a file may move, and the count only falls:
 * where there are fewer, a run outside CI lowers it.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./support/murmur.ts";

const COUNTS = join(import.meta.dirname, "words.json");
const READ = /\.(?:ts|mjs|md|yaml)$/;
/** What others made or wrote, what is generated, and what must name the words. */
const LEFT_OUT =
  /^(?:\.|node_modules|dist|runs|test\/(?:vectors|FAULTS\.md|words\.test\.ts)|docs\/glossary\.md)|__snapshots__/;
/** A key of files, which stays (frozen-names.test.ts), and a property of sampled steps, which every caller names. */
const FROZEN = /"mended"|\bcoins:|\.coins\b/g;

interface Use {
  readonly file: string;
  readonly line: number;
}

const counts: Record<string, number> = JSON.parse(readFileSync(COUNTS, "utf8"));
const glossary = readFileSync(join(ROOT, "docs/glossary.md"), "utf8");
const [, listed = ""] = glossary.split("## Words that are not used");
const words = [...listed.matchAll(/^\| ([a-z ]+) \| (.+) \|$/gm)]
  .map(([, word = "", instead = ""]) => [word, instead] as const)
  .filter(([word]) => word !== "not");
const files = readdirSync(ROOT, { withFileTypes: true })
  .filter(({ name }) => !LEFT_OUT.test(name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(ROOT, entry.name), { recursive: true, encoding: "utf8" }).map((name) =>
          join(entry.name, name),
        )
      : [entry.name],
  )
  .filter((name) => READ.test(name) && !LEFT_OUT.test(name));
const texts = files.map(
  (file) => [file, readFileSync(join(ROOT, file), "utf8").replaceAll(FROZEN, '""')] as const,
);

/** Where a word stands by itself, also across the lines of a comment. */
function usesOf(word: string, from: readonly (readonly [string, string])[]): Use[] {
  const pattern = new RegExp(`\\b${word.replaceAll(" ", "[\\s*/]+")}\\b`, "gi");
  return from.flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map(({ index }) => {
      return { file, line: text.slice(0, index).split("\n").length };
    }),
  );
}

/** Seconds at which each line was written; of lines that are not committed, now. */
function timesOf(file: string): number[] {
  const options = ["blame", "--line-porcelain", "--", file];
  const blame = execFileSync("git", options, { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
  return [...blame.matchAll(/^author-time (\d+)$/gm)].map(([, time]) => Number(time));
}

/** The newest first, as far as git knows. */
function newestFirst(uses: readonly Use[]): readonly Use[] {
  const times = new Map<string, number[]>();
  const timeOf = ({ file, line }: Use) => {
    if (!times.has(file)) times.set(file, git(file));
    return times.get(file)?.[line - 1] ?? Number.POSITIVE_INFINITY;
  };
  return uses.toSorted((a, b) => timeOf(b) - timeOf(a));
}

function git(file: string): number[] {
  try {
    return timesOf(file);
  } catch {
    return [];
  }
}

it("finds a word by itself, in any case, over two lines of a comment", () => {
  const text = "untold\nTold, of\n * those whom\nretold told";
  expect(usesOf("told", [["a.ts", text]])).toEqual([
    { file: "a.ts", line: 2 },
    { file: "a.ts", line: 4 },
  ]);
  expect(usesOf("of those whom", [["a.ts", text]])).toEqual([{ file: "a.ts", line: 2 }]);
});

it("reads code, tests and documents, each once", () => {
  expect(files).toEqual(expect.arrayContaining(["README.md", "murmur.ts", "docs/library.md"]));
  expect(files.filter((name) => /^(?:server|test)\//.test(name)).length).toBeGreaterThan(100);
  expect(new Set(files).size).toBe(files.length);
});

it("counts the glossary's words", () => {
  expect(Object.keys(counts)).toEqual(words.map(([word]) => word));
  expect(words.length).toBeGreaterThan(20);
});

it.each(words)("“%s” stands in no new text", (word, instead) => {
  const uses = usesOf(word, texts);
  const { [word]: left = 0 } = counts;
  const added = uses.length > left ? newestFirst(uses).slice(0, uses.length - left) : [];
  expect(
    added.map(({ file, line }) => `${file}:${line}: “${word}”; write ${instead}`),
    `${uses.length} uses, ${left} of them from before. Most likely new:`,
  ).toEqual([]);
  if (uses.length === left || process.env.CI) return;
  counts[word] = uses.length;
  writeFileSync(COUNTS, `${JSON.stringify(counts, null, 2)}\n`);
});
