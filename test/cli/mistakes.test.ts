/** What a new user gets wrong: one error with place, finding and remedy, exit 2, and every file as it was. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FLAG_MISTAKES } from "../support/mistakes/flag-mistakes.ts";
import {
  type Mistake,
  SCENARIO,
  SCENARIO_FILE,
  TABLE,
  TABLE_FILE,
} from "../support/mistakes/mistake.ts";
import { MISTAKES } from "../support/mistakes/mistakes.ts";
import { murmur, scratch } from "../support/murmur.ts";

/** A folder with the study, the mistake made. */
function studyWith({ scenario, table, files = {} }: Mistake) {
  const folder = scratch();
  const write = (name: string, content: string | Uint8Array) =>
    name.endsWith("/")
      ? mkdirSync(join(folder.path, name))
      : writeFileSync(join(folder.path, name), content);
  write(SCENARIO_FILE, scenario?.(SCENARIO) ?? SCENARIO);
  write(TABLE_FILE, table?.(TABLE) ?? TABLE);
  for (const [name, content] of Object.entries(files)) write(name, content);
  return folder;
}

/** All that is there, each file with a hash of it. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return `${name}/`;
      return `${name} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    });
}

const RUN = ["run", `{dir}/${SCENARIO_FILE}`, "--hosts", "1", "--out", "{dir}/out"];

it.each(MISTAKES)("$name", async (mistake) => {
  const { path, remove } = studyWith(mistake);
  try {
    const inDir = (text: string) => text.replaceAll("{dir}", path);
    const before = listing(path);
    const { status, stdout, stderr } = await murmur((mistake.args ?? RUN).map(inDir));
    for (const words of mistake.says) expect(stderr).toContain(inDir(words));
    // One line, in the form of all refusals, and nothing about it elsewhere.
    expect(stderr).toMatch(/^ScenarioError: \S.* \(.+\): got .+, expected .+\. .+\n$/);
    expect(stdout).not.toMatch(/error/i);
    expect(status).toBe(2);
    expect(listing(path)).toEqual(before);
  } finally {
    remove();
  }
});

it.each(FLAG_MISTAKES)("$name", async ({ args, says, never }) => {
  const { path, remove } = studyWith({ name: "flags", says });
  try {
    const before = listing(path);
    const typed = args.map((text) => text.replaceAll("{dir}", path));
    const { status, stdout, stderr } = await murmur(typed);
    for (const words of says) expect(stderr).toContain(words);
    if (never !== undefined) expect(stderr).not.toContain(never);
    // The error, hints in brackets, and where all flags are listed.
    expect(stderr).toMatch(/^error: .+\n(\(.+\)\n)?\(murmur --help lists the commands\)\n$/);
    expect([status, stdout]).toEqual([2, ""]);
    expect(listing(path)).toEqual(before);
  } finally {
    remove();
  }
});

it("is done to a study that runs", async () => {
  const { path, remove } = studyWith({ name: "none", says: [] });
  try {
    const { status, stderr } = await murmur(RUN.map((text) => text.replaceAll("{dir}", path)));
    expect(stderr).toBe("");
    expect(status).toBe(0);
  } finally {
    remove();
  }
});
