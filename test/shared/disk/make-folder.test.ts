import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder } from "../../../shared/disk/make-folder.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

it("makes all that is not there, in the mode asked for, and leaves what is", () => {
  const path = join(folder.path, "a/b/c");
  makeFolder(path, 0o700);
  for (const made of ["a", "a/b", "a/b/c"])
    expect(statSync(join(folder.path, made)).mode & 0o777).toBe(0o700);
  expect(() => makeFolder(path)).not.toThrow();
});

it("throws below a file, and in the place of one", () => {
  writeFileSync(join(folder.path, "file"), "");
  for (const path of ["file", "file/a", "file/a/b"])
    expect(() => makeFolder(join(folder.path, path))).toThrow(/EEXIST|ENOTDIR/);
});

it.runIf(existsSync("/proc"))("ends where nothing can be made", () => {
  for (const path of ["/proc/nowhere", "/proc/nowhere/deep/r"])
    expect(() => makeFolder(path)).toThrow("ENOENT");
});
