import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readTextInside } from "../../../client/source/source-file.ts";
import { isRefusal } from "../../../shared/errors.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
const { root, folder } = files;
afterAll(() => files.remove());

writeFileSync(join(root, "outside.csv"), "a\n1\n");
files.write("inside.csv", "a\n1\n");
mkdirSync(join(folder, "data"));
mkdirSync(`${folder}-2`);
writeFileSync(join(`${folder}-2`, "near.csv"), "a\n1\n");
symlinkSync(join(root, "outside.csv"), join(folder, "link.csv"));
symlinkSync(root, join(folder, "up"));
symlinkSync("/dev/zero", join(folder, "zero.csv"));
symlinkSync("inside.csv", join(folder, "near.csv"));
execFileSync("mkfifo", [join(folder, "pipe.csv")]);

it.each([
  ["path.escape", "../outside.csv"],
  ["path.escape", "../scenario-2/near.csv"],
  ["path.escape", "data/../../outside.csv"],
  ["path.escape", join(folder, "inside.csv")],
  ["path.escape", "/etc/hostname"],
  ["path.escape", "link.csv"],
  ["path.escape", "up/outside.csv"],
  ["path.escape", "zero.csv"],
  ["path.escape", "inside.csv\0.csv"],
  ["path.missing", "nowhere.csv"],
  ["path.missing", "inside.csv/more.csv"],
  ["path.notFile", "data"],
  ["path.notFile", "."],
  ["path.notFile", "pipe.csv"],
])("refuses as %s: %s", async (code, path) => {
  expect((await files.refusal(path)).what).toBe(code);
});

it.each(["inside.csv", "./data/../inside.csv", "near.csv"])("takes %s", async (path) => {
  expect((await files.read(path)).rows).toEqual([["1"]]);
});

it.each<[string, string, string | Uint8Array]>([
  ["bytes that are no UTF-8", "data.encoding", Buffer.from([0x61, 0xff])],
  ["more than 16 MiB", "data.size", Buffer.alloc(16_777_217, "a")],
])("refuses %s as text that is read whole", async (_, code, content) => {
  const text = readTextInside(folder, files.write("t.yaml", content), "hierarchy");
  await expect(text).rejects.toSatisfy((error) => isRefusal(error) && error.problem.what === code);
});

it("gives the text of a small file", async () => {
  expect(await readTextInside(folder, files.write("t.yaml", "é: 1"), "hierarchy")).toBe("é: 1");
});
