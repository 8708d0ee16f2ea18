/** What CONTRIBUTING.md says that a new algorithm, fault, command or recoding touches is what the plainest one there does. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["cli", "run", "client", "server", "shared", "compare", "report"];
const PRODUCT = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`),
);
const ROWS = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").matchAll(
  /^\| an? (\w+), at most (\d) \| `(\w+)` \| (.*) \|$/gm,
);

/** What names an example in code: itself, and the name of its file. */
const NAMED: Record<string, (example: string) => RegExp> = {
  algorithm: (name) =>
    new RegExp(`\\b(${name}|${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)})\\b`, "i"),
  fault: (name) => new RegExp(`\\b${name}\\b`),
  command: (name) => new RegExp(`commands/${name}\\.ts`),
  // By its file; and by the key that is its own, wherever a column's keys stand.
  recoding: (name) => new RegExp(`\\./${name}\\.ts|text-rules/${name}\\b|\\bcharset\\b(?!=)`),
};

it.each(
  [...ROWS].map(([, kind = "", most = "", example = "", files = ""]) => ({
    kind,
    most,
    example,
    files,
  })),
)(
  "a new $kind touches what $example does, at most $most files",
  ({ kind, most, example, files }) => {
    const listed = [...files.matchAll(/`([^`]+\.ts)`/g)].map(([, file = ""]) => file).sort();
    const pattern = NAMED[kind]?.(example);
    if (!pattern) throw new Error(`nobody says how code names a ${kind}`);
    const touched = PRODUCT.filter(
      (file) => pattern.test(readFileSync(join(ROOT, file), "utf8")) || pattern.test(file),
    ).sort();
    expect(touched).toEqual(listed);
    expect(touched.length).toBeLessThanOrEqual(Number(most));
  },
);

it("lists an algorithm, a fault, a command and a recoding", () => {
  const text = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  expect(text.match(/^\| an? \w+, at most \d \|/gm)).toHaveLength(4);
});
