/** Lists of who may join: names and keys as `murmur keys new` prints them, each once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readAllowList } from "../../../run/serve/allow-list.ts";
import { scratch } from "../../support/murmur.ts";

const [A, B] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64url"));
let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());
const path = () => join(folder.path, "allow.txt");
function listed(text: string) {
  writeFileSync(path(), text);
  return readAllowList(path());
}

it("takes lines of a name and a key, whatever the line ends, and passes over remarks", () => {
  expect(listed(`# who\r\nnorth  ${A}\r\n\n  south ${B}  \n`)).toEqual([
    { name: "north", key: A },
    { name: "south", key: B },
  ]);
});

it.each([
  ["a name that is none", `../north ${A}`, "line 1"],
  ["a key that is too short", `north ${A}\nsouth ${B?.slice(1)}`, "line 2"],
  ["a key with bits to spare", `north ${A?.slice(0, -1)}F`, "line 1"],
  ["a third word", `north ${A} more`, "line 1"],
  ["a name twice", `north ${A}\nnorth ${B}`, "line 2"],
  ["a key twice", `north ${A}\nsouth ${A}`, "line 2"],
  ["nothing", "# nobody", "no line"],
])("refuses %s", (_, text, where) => {
  expect(() => listed(text)).toThrow(where);
  expect(() => listed(text)).toThrow("allow list");
});

it("refuses a file that is not there", () => {
  expect(() => readAllowList(path())).toThrow("ENOENT");
});
