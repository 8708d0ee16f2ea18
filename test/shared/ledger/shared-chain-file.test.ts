/** One chain, opened as several processes would: each sees what others wrote, and nothing is written over. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { BudgetError, ScenarioError } from "../../../shared/errors.ts";
import { SharedChainFile, type SharedFormat } from "../../../shared/ledger/shared-chain-file.ts";
import { scratch } from "../../support/murmur.ts";
import { problemOf } from "../../support/problem.ts";

const schema = z.strictObject({ kind: z.enum(["open", "more", "cut"]), n: z.number() });
type Entry = z.infer<typeof schema>;
const format: SharedFormat<Entry> = {
  schema,
  genesis: () => "0".repeat(64),
  first: () => ({ kind: "open", n: 0 }),
  cutOff: (n) => ({ kind: "cut", n }),
  held: (where) => ({ what: "held", where, got: "it", expected: "nobody", fix: "Wait." }),
};

let folder: ReturnType<typeof scratch>;
const at = (name: string) => join(folder.path, name);
const place = () => ({ path: at("a.jsonl"), anchorPath: at("a.anchor"), lockPath: at("a.lock") });
const open = () => new SharedChainFile<Entry>(place(), format);
const more = (n: number): Entry => ({ kind: "more", n });
const numbers = ({ lines }: SharedChainFile<Entry>) => lines.map(({ entry: { n } }) => n);
const inFile = () =>
  readFileSync(place().path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Number(JSON.parse(line).n));
const anchored = () => Number(JSON.parse(readFileSync(place().anchorPath, "utf8")).seq);
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

describe("two that have it open", () => {
  it("write one chain, each after the other's last line", () => {
    const [a, b] = [open(), open()];
    a.append(more(1));
    b.append(more(2));
    b.append(more(3));
    a.append(more(4));
    expect(inFile()).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(a)).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(b)).toEqual([0, 1, 2, 3]);
    expect(b.exclusively(() => numbers(b))).toEqual([0, 1, 2, 3, 4]);
    expect(anchored()).toBe(4);
    expect(numbers(open())).toEqual([0, 1, 2, 3, 4]);
  });

  it("begin it once, for its owner alone to read", () => {
    open();
    open();
    expect(inFile()).toEqual([0]);
    expect(statSync(place().path).mode & 0o777).toBe(0o600);
    expect(anchored()).toBe(0);
  });
});

describe("the lock", () => {
  it("is held while one works, within which it may append, and by nobody after, a failure included", () => {
    const chain = open();
    const { lockPath } = place();
    expect(existsSync(lockPath)).toBe(false);
    chain.exclusively(() => {
      expect(existsSync(lockPath)).toBe(true);
      chain.append(more(1));
      chain.exclusively(() => chain.append(more(2)));
      expect(existsSync(lockPath)).toBe(true);
    });
    expect(existsSync(lockPath)).toBe(false);
    const fails = () =>
      chain.exclusively(() => {
        throw new Error("of the work");
      });
    expect(fails).toThrow("of the work");
    expect(existsSync(lockPath)).toBe(false);
    open().append(more(3));
    // It was let go of: the other's line is read before this one's is written.
    chain.append(more(4));
    expect(inFile()).toEqual([0, 1, 2, 3, 4]);
  });

  it("is taken from a process that is gone", () => {
    const gone = { pid: 2 ** 22 + 1, started: "1", bootId: null, host: hostname() };
    writeFileSync(place().lockPath, JSON.stringify(gone));
    open().append(more(1));
    expect(inFile()).toEqual([0, 1]);
  });
});

describe("a line without its end", () => {
  it("is cut off, and a line says how much", () => {
    const chain = open();
    chain.append(more(1));
    appendFileSync(place().path, '{"v":1,"se');
    chain.append(more(2));
    expect(inFile()).toEqual([0, 1, 10, 2]);
    expect(chain.lines.map(({ entry: { kind } }) => kind)).toEqual(["open", "more", "cut", "more"]);
  });

  it("comes after whole lines of others, which are read", () => {
    const [a, b] = [open(), open()];
    b.append(more(1));
    appendFileSync(place().path, "torn");
    a.append(more(2));
    expect(inFile()).toEqual([0, 1, 4, 2]);
    expect(numbers(open())).toEqual([0, 1, 4, 2]);
  });

  it("is damage where the anchor knows it whole, and then the file stays as it is", async () => {
    const chain = open();
    chain.append(more(1));
    const whole = readFileSync(place().path, "utf8");
    truncateSync(place().path, whole.length - 3);
    const before = readFileSync(place().path, "utf8");
    expect(await problemOf(open)).toBe("BudgetError ledger.rollback");
    expect(readFileSync(place().path, "utf8")).toBe(before);
    expect(existsSync(place().lockPath)).toBe(false);
  });

  it("is cut off where its writer died before it had noted the first line beside it", () => {
    const chain = open();
    rmSync(place().anchorPath);
    appendFileSync(place().path, "torn");
    chain.append(more(1));
    expect(inFile()).toEqual([0, 4, 1]);
  });

  it("is no chain where it is all that there is", () => {
    writeFileSync(place().path, "torn within its first line");
    expect(numbers(open())).toEqual([0]);
    expect(inFile()).toEqual([0]);
  });
});

describe("refuses", () => {
  it("an empty file whose anchor knows a line, and leaves it there", async () => {
    open();
    truncateSync(place().path, 0);
    expect(open).toThrow("line 1): got no such line");
    expect(await problemOf(open)).toBe("BudgetError ledger.rollback");
    expect(readFileSync(place().path, "utf8")).toBe("");
    rmSync(place().path);
    expect(await problemOf(open)).toBe("BudgetError ledger.rollback");
    expect(existsSync(place().path)).toBe(false);
  });

  it("two lines without an anchor", async () => {
    open().append(more(1));
    rmSync(place().anchorPath);
    expect(await problemOf(open)).toBe("BudgetError ledger.anchor");
  });

  it("another file under its name, as long or longer, while it is open", async () => {
    const chain = open();
    chain.append(more(1));
    copyFileSync(place().path, at("copy"));
    renameSync(at("copy"), place().path);
    appendFileSync(place().path, "");
    expect(await problemOf(() => chain.append(more(2)))).toBe("BudgetError ledger.rollback");
    expect(() => chain.append(more(2))).toThrow("another file, or a shorter one");
    rmSync(place().path);
    expect(() => chain.append(more(2))).toThrow("no file");
    expect(existsSync(place().lockPath)).toBe(false);
  });

  it("the same file with a line less, while it is open; not with all of them", () => {
    const chain = open();
    const one = statSync(place().path).size;
    chain.append(more(1));
    expect(chain.exclusively(() => "as it was")).toBe("as it was");
    truncateSync(place().path, one);
    expect(() => chain.exclusively(() => {})).toThrow(BudgetError);
  });

  it("to wait for a lock of another machine's for ever", () => {
    const holder = { pid: 1, started: null, bootId: null, host: `not ${hostname()}` };
    writeFileSync(place().lockPath, JSON.stringify(holder));
    const real = Date.now;
    let now = 0;
    Date.now = () => {
      now += 10_000;
      return now;
    };
    try {
      expect(open).toThrow(ScenarioError);
    } finally {
      Date.now = real;
    }
    // 30 seconds, of which each look at the clock takes ten.
    expect(now).toBe(50_000);
    expect(existsSync(place().path)).toBe(false);
  });
});
