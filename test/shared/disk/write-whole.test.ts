import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeWhole } from "../../../shared/disk/write-whole.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());
const path = () => join(folder.path, "file");

it("puts a file in the place of another, in the mode asked for, and leaves no draft", () => {
  writeFileSync(path(), "a longer text than the next", { mode: 0o644 });
  writeWhole(path(), "new", { mode: 0o600 });
  expect(readFileSync(path(), "utf8")).toBe("new");
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  writeWhole(path(), Uint8Array.of(1, 2), { flush: false });
  expect([...readFileSync(path())]).toEqual([1, 2]);
  expect(readdirSync(folder.path)).toEqual(["file"]);
});

it("leaves what was there where the new one cannot be written", () => {
  writeFileSync(path(), "old");
  mkdirSync(`${path()}.tmp`);
  expect(() => writeWhole(path(), "new")).toThrow("EISDIR");
  expect(readFileSync(path(), "utf8")).toBe("old");
});

it("never touches the old one's bytes: who has it open reads it to its end", () => {
  writeFileSync(path(), "old");
  const before = statSync(path()).ino;
  writeWhole(path(), "new");
  expect(statSync(path()).ino).not.toBe(before);
});
