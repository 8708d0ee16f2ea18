/** In which order a chain's file is written and synced: no crash of a process shows what is missing. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { BudgetError } from "../../../shared/errors.ts";
import type { ChainFormat } from "../../../shared/ledger/chain.ts";
import { ChainFile } from "../../../shared/ledger/chain-file.ts";
import { SharedChainFile } from "../../../shared/ledger/shared-chain-file.ts";

const seen = vi.hoisted(() => ({ calls: [] as string[], fail: "" }));
// The real file system, each call noted by what it does to which file, or failing where it is told to.
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const names = new Map<number, string>();
  const note = (call: string) => {
    seen.calls.push(call);
    if (seen.fail !== "" && call.startsWith(seen.fail)) throw new Error("EIO");
  };
  return {
    ...real,
    openSync: (path: string, flags: string, mode?: number) => {
      const file = real.openSync(path, flags, mode);
      names.set(file, basename(path));
      return file;
    },
    // As many as a file system gives at once.
    readSync: (file: number, bytes: Uint8Array, from: number, count: number, at: number) =>
      real.readSync(file, bytes, from, Math.min(count, 7), at),
    writeSync: (file: number, bytes: Uint8Array, from: number) => {
      note(`write ${names.get(file)}`);
      return real.writeSync(file, bytes, from);
    },
    fdatasyncSync: (file: number) => {
      note(`sync ${names.get(file)}`);
      real.fdatasyncSync(file);
    },
    fsyncSync: (file: number) => {
      note(`sync ${names.get(file)}`);
      real.fsyncSync(file);
    },
    closeSync: (file: number) => {
      note(`close ${names.get(file)}`);
      real.closeSync(file);
    },
    renameSync: (from: string, to: string) => {
      note(`rename ${basename(from)} ${basename(to)}`);
      real.renameSync(from, to);
    },
    writeFileSync: (path: string, text: string, options: { flush?: boolean }) => {
      note(`write ${basename(path)}${options.flush ? ", sync" : ""}`);
      real.writeFileSync(path, text, options);
    },
  };
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chain-"));
  seen.calls.length = 0;
  seen.fail = "";
});
afterEach(() => rmSync(folder, { recursive: true }));

const schema = z.strictObject({ kind: z.enum(["open", "more"]), n: z.number() });
type Entry = z.infer<typeof schema>;
const format: ChainFormat<Entry> = { schema, genesis: () => "0".repeat(64) };
const place = () => ({ path: join(folder, "a.jsonl"), anchorPath: join(folder, "a.anchor") });
const create = () => ChainFile.create<Entry>(place(), format, { kind: "open", n: 0 });
const calls = () => seen.calls.splice(0);

it("has its first line on the disk, then its name", () => {
  create();
  const name = basename(folder);
  expect(calls()).toEqual(["write a.jsonl", "sync a.jsonl", `sync ${name}`, `close ${name}`]);
  expect(statSync(place().path).mode & 0o777).toBe(0o600);
});

it("has a line on the disk when append returns, but for one that nothing rests on", () => {
  const chain = create();
  calls();
  chain.append({ kind: "more", n: 1 });
  expect(calls()).toEqual(["write a.jsonl", "sync a.jsonl"]);
  chain.append({ kind: "more", n: 2 }, undefined, false);
  expect(calls()).toEqual(["write a.jsonl"]);
  chain.close();
  expect(calls()).toEqual(["close a.jsonl"]);
});

it("writes an anchor beside, syncs it, and only then gives it its name", () => {
  const chain = create();
  calls();
  chain.anchor(true);
  const name = basename(folder);
  expect(calls()).toEqual([
    "write a.anchor.tmp, sync",
    "rename a.anchor.tmp a.anchor",
    `sync ${name}`,
    `close ${name}`,
  ]);
  expect(JSON.parse(readFileSync(place().anchorPath, "utf8"))).toEqual(chain.head);
  chain.anchor(false);
  expect(calls()).toEqual(["write a.anchor.tmp", "rename a.anchor.tmp a.anchor"]);
});

it("cuts a torn line off, and syncs that; a whole file it leaves alone", () => {
  create().append({ kind: "more", n: 1 });
  calls();
  expect(ChainFile.reopen(place(), format).lines).toHaveLength(2);
  expect(calls()).toEqual([]);
  appendFileSync(place().path, '{"kind":');
  const mended = ChainFile.reopen(place(), format);
  expect(mended.lines).toHaveLength(2);
  expect(calls()).toEqual(["sync a.jsonl"]);
  mended.append({ kind: "more", n: 2 });
  expect(ChainFile.reopen(place(), format).lines).toHaveLength(3);
});

it.each([
  ["19", "write"],
  ["21", "sync"],
])("row %s: takes no line for written whose %s failed, and tries no second time", (_, step) => {
  const chain = create();
  calls();
  seen.fail = step;
  const append = () => chain.append({ kind: "more", n: 1 });
  expect(append).toThrow(BudgetError);
  expect(calls().filter((call) => call.startsWith(step))).toHaveLength(1);
  expect(chain.lines).toHaveLength(1);
});

it("that several append to has each line and its anchor on the disk, and reads the others' to their end", () => {
  const shared = () =>
    new SharedChainFile<Entry>(
      { ...place(), lockPath: join(folder, "a.lock") },
      {
        ...{
          ...format,
          first: () => ({ kind: "open", n: 0 }),
          cutOff: (n) => ({ kind: "more", n }),
        },
        held: (where) => ({ what: "held", where, got: "it", expected: "nobody", fix: "Wait." }),
      },
    );
  const name = basename(folder);
  const [lock, release] = [/^write a\.lock/, ["sync", "close"].map((call) => `${call} ${name}`)];
  const anchored = ["write a.anchor.tmp, sync", "rename a.anchor.tmp a.anchor", ...release];
  const written = ["write a.jsonl", "sync a.jsonl", ...anchored];
  const made = () => calls().filter((call) => !lock.test(call));
  const a = shared();
  expect(made()).toEqual([...written, ...release]);
  const b = shared();
  expect(made()).toEqual([]);
  a.append({ kind: "more", n: 1 });
  a.append({ kind: "more", n: 2 });
  expect(made()).toEqual([...written, ...written]);
  b.append({ kind: "more", n: 3 });
  expect(b.lines.map(({ entry: { n } }) => n)).toEqual([0, 1, 2, 3]);
  made();
  a.close();
  expect(made()).toEqual(["close a.jsonl"]);
});
