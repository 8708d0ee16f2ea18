/** `murmur run` on private tables that differ in rows alone: exit code, screen and wire are the same. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientLines, clientsHead } from "../support/client-lines.ts";
import { murmur, scratch } from "../support/murmur.ts";
import { peopleCsv, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const HEAD = "age,income,remark,bought";
const SOUND = peopleCsv(2, 40)
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((row) => row.replace(/,(\w+)$/, ",good,$1"));
/** A label that no row may have, cells that cannot be read, an address where nobody should be, a torn row. */
const FAULTY = [
  "40,500,good,perhaps",
  "forty,500,good,yes",
  "40,5000,good,no",
  "40,500,ada@example.com,yes",
  "40,500",
  ...SOUND.slice(5),
];

/** All that somebody else than the owner of `a.csv` may see of a run: of its screen, what no noise is in. */
async function seenOf(name: string, rows: readonly string[]) {
  const at = (...names: string[]) => join(folder.path, name, ...names);
  mkdirSync(at());
  const text = (lines: readonly string[]) => `${[HEAD, ...lines].join("\n")}\n`;
  writeFileSync(at("a.csv"), text(rows));
  for (const other of ["b.csv", "test.csv"]) writeFileSync(at(other), text(SOUND));
  const study = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv }")
    .replace("source:", "partition: { kind: files }\n  source:")
    .replace(
      "    bought: {",
      '    remark: { role: insensitive }\n    bought: { vocabulary: ["yes", "no"],',
    );
  writeFileSync(at("study.yaml"), study);
  const run = await murmur(["run", at("study.yaml"), "--out", at("run"), "--hosts", "1"]);
  const { status, stdout, stderr } = run;
  return {
    ...{ status, stderr },
    // Up to the training, in which noise is; of the rest how long it is, without what the released model
    // and public rows alone decide.
    before: stdout.slice(0, stdout.indexOf("4 Training")),
    lines: stdout.split("\n").filter((line) => !line.startsWith("    WARNING: ")).length,
    files: readdirSync(at("run"), { recursive: true }).sort(),
    head: clientsHead(at("run")),
    clients: clientLines(at("run")),
    ledger: readFileSync(at("run/ledger.jsonl"), "utf8").trimEnd().split("\n").length,
    own: JSON.parse(readFileSync(at("run/clients-private/c1.json"), "utf8")),
  };
}

it(
  "faults of rows, people in a harmless column and an empty table show in nothing but the owner's report",
  async () => {
    const { own, ...sound } = await seenOf("sound", SOUND);
    expect(sound.status).toBe(0);
    expect(sound.before).toContain("private rows: those that do not fit add nothing");
    expect(own.aside.rows).toBe(0);
    const { own: faultyOwn, ...faulty } = await seenOf("faulty", FAULTY);
    expect(faulty).toEqual(sound);
    expect(faultyOwn.aside.rows).toBe(4);
    expect(faultyOwn.scan.findings).toContainEqual(
      expect.objectContaining({ column: "remark", type: "email" }),
    );
    const { own: emptyOwn, ...empty } = await seenOf("empty", []);
    expect(empty).toEqual(sound);
    expect(emptyOwn.stages[0].rows).toBe(0);
  },
  TIMEOUT_MS,
);
