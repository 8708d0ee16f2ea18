/** Links that somebody planted under names that are about to be written. */
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { appendTo, cutTo, linkIn } from "../../../shared/disk/no-links.ts";
import { takeLock } from "../../../shared/disk/process-lock.ts";
import { writeWhole } from "../../../shared/disk/write-whole.ts";
import { ChainFile } from "../../../shared/ledger/chain-file.ts";
import { SharedChainFile } from "../../../shared/ledger/shared-chain-file.ts";
import { scratch } from "../../support/murmur.ts";

const FORMAT = { schema: z.strictObject({ kind: z.string() }), genesis: () => "0".repeat(64) };

let folder: ReturnType<typeof scratch>;
let target: string;
const at = (name: string) => join(folder.path, "run", name);
beforeEach(() => {
  folder = scratch();
  mkdirSync(at(""));
  target = join(folder.path, "elsewhere");
  writeFileSync(target, "precious\n");
});
afterEach(() => folder.remove());
const untouched = () => readFileSync(target, "utf8") === "precious\n";

it("a file is written in a link's place, and beside it no link is followed either", () => {
  for (const name of ["report.html", "report.html.tmp"]) symlinkSync(target, at(name));
  writeWhole(at("report.html"), "page");
  expect(readFileSync(at("report.html"), "utf8")).toBe("page");
  expect(lstatSync(at("report.html")).isSymbolicLink()).toBe(false);
  expect(existsSync(at("report.html.tmp"))).toBe(false);
  // Of a second name the other stays as it is.
  linkSync(target, at("other.html"));
  writeWhole(at("other.html"), "page");
  expect(untouched()).toBe(true);
});

it("nothing is added to, or cut off, what a link leads to", () => {
  symlinkSync(target, at("rounds.jsonl"));
  expect(() => appendTo(at("rounds.jsonl"), "line\n", false)).toThrow("ELOOP");
  expect(() => cutTo(at("rounds.jsonl"), 0)).toThrow("ELOOP");
  expect(untouched()).toBe(true);
  // Where none is, a line comes behind those that are there.
  for (const line of ["a\n", "bc\n"]) appendTo(at("own.jsonl"), line, true);
  cutTo(at("own.jsonl"), 3);
  expect(readFileSync(at("own.jsonl"), "utf8")).toBe("a\nb");
});

it("a lock is not written through a link", () => {
  symlinkSync(target, at(`run.lock.${process.pid}`));
  const unlock = takeLock(at("run.lock"), () => {
    throw new Error("free");
  });
  unlock();
  expect(untouched()).toBe(true);
});

it("a ledger is not gone on with, nor anchored, through a link", () => {
  const own = { path: join(folder.path, "own.jsonl"), anchorPath: join(folder.path, "own.json") };
  ChainFile.create(own, FORMAT, { kind: "open" }).close();
  const before = readFileSync(own.path, "utf8");
  const place = { path: at("ledger.jsonl"), anchorPath: at("anchor.json") };
  symlinkSync(own.path, place.path);
  expect(() => ChainFile.reopen(place, FORMAT)).toThrow("ELOOP");
  expect(readFileSync(own.path, "utf8")).toBe(before);
  symlinkSync(target, `${place.anchorPath}.tmp`);
  const chain = ChainFile.create({ ...place, path: at("new.jsonl") }, FORMAT, { kind: "open" });
  chain.anchor(true);
  chain.close();
  expect(untouched()).toBe(true);
});

it("a ledger of several processes is not gone on with, nor anchored, through a link", () => {
  const format = {
    ...FORMAT,
    first: () => ({ kind: "open" }),
    cutOff: () => ({ kind: "mended" }),
    held: (where: string) => ({ what: "held", where, got: "", expected: "", fix: "" }),
  };
  const placeOf = (path: string) => ({
    ...{ path, anchorPath: `${path}.anchor`, lockPath: `${path}.lock` },
  });
  const own = placeOf(join(folder.path, "own.jsonl"));
  new SharedChainFile(own, format).close();
  const before = readFileSync(own.path, "utf8");
  const planted = placeOf(at("own.jsonl"));
  symlinkSync(own.path, planted.path);
  expect(() => new SharedChainFile(planted, format)).toThrow("ELOOP");
  expect(readFileSync(own.path, "utf8")).toBe(before);
  const beside = placeOf(at("new.jsonl"));
  symlinkSync(target, `${beside.anchorPath}.tmp`);
  new SharedChainFile(beside, format).close();
  expect(untouched()).toBe(true);
  expect(lstatSync(beside.anchorPath).isFile()).toBe(true);
});

it("is found wherever it is: a link, a second name, or what is no file", () => {
  const found = () => linkIn(at(""), (name) => name.startsWith("run.lock"));
  mkdirSync(at("clients-private"));
  writeFileSync(at("clients-private/a.json"), "{}");
  expect(found()).toBeUndefined();
  linkSync(target, at("run.lock"));
  expect(found()).toBeUndefined();
  symlinkSync(target, at("clients-private/b.json"));
  expect(found()).toBe(at("clients-private/b.json"));
  linkSync(target, at("a second name"));
  expect(found()).toBe(at("a second name"));
});
