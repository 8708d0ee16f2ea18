/** A sweep's folder: to whom it is refused, and what it has of runs that were cut off. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { compare } from "../../../cli/commands/compare.ts";
import { chargedRuns, SweepFolder } from "../../../run/folder/sweep-folder.ts";
import { planSweep, type SweepFlags, type SweepPlan } from "../../../run/scenario/sweep-plan.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
let made = 0;
const free = () => join(folder.path, `sweep-${made++}`);

const FLAGS = { set: [], over: [{ path: "privacy.epsilon", values: "0.1,1" }] };
const planned = (more: Partial<SweepFlags> = {}) =>
  planSweep("scenarios/purchases.yaml", { ...FLAGS, ...more });

/** Opens it, lets go of it, and says what it was refused for. */
function refusal(path: string, plan: SweepPlan): string {
  try {
    SweepFolder.open(path, plan).close();
    return "";
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
}

it("is refused to the same sweep over other files, which it names, and not to one over the same", async () => {
  const out = free();
  const plan = await planned();
  expect(refusal(out, plan)).toBe("");
  const files = { ...plan.files, "data/locations.csv": "00" };
  const said = refusal(out, { ...plan, files });
  expect(said).toContain("sweep.changed");
  expect(said).toContain("begun on another data/locations.csv");
  expect(refusal(out, plan)).toBe("");
});

it("goes on to more seeds, and is refused to fewer than it has", async () => {
  const out = free();
  const [two, three] = [await planned({ repeat: 2 }), await planned({ repeat: 3 })];
  const seeds = () => JSON.parse(readFileSync(join(out, "sweep.json"), "utf8"));
  expect([refusal(out, two), refusal(out, three)]).toEqual(["", ""]);
  expect(seeds()).toMatchObject({ runs: 6, spec: { repeat: 3 } });
  expect(refusal(out, two)).toMatch(/sweep\.seeds \(--repeat\): got 2, .* of 3 seeds/);
  expect(seeds()).toMatchObject({ runs: 6, spec: { repeat: 3 } });
});

it("keeps its files' hashes to its owner", async () => {
  const out = free();
  refusal(out, await planned());
  expect(statSync(join(out, "sweep.json")).mode & 0o777).toBe(0o600);
  const { files } = JSON.parse(readFileSync(join(out, "sweep.json"), "utf8"));
  expect(Object.keys(files)).toEqual(["data/locations.csv"]);
});

it("is no part of a curve over other files", async () => {
  const plan = await planned();
  const others = { ...plan, files: { "data/locations.csv": "00" } };
  const parts = [plan, plan, others].map((own) => {
    const out = free();
    refusal(out, own);
    return out;
  });
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await compare(parts, { json: true });
    expect(JSON.parse(log.mock.lastCall?.[0]).sweeps).toHaveLength(2);
  } finally {
    log.mockRestore();
  }
});

describe("its ledgers", () => {
  const opening = JSON.stringify("no line's end");
  const ledgers = (files: Record<string, string>) => {
    const out = free();
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(out, "runs", path)), { recursive: true });
      writeFileSync(join(out, "runs", path), text);
    }
    return () => chargedRuns(out);
  };

  it("are not of runs that died before their first line was whole, nor of those without one", () => {
    const files = { "a-7-1.tmp/ledger.jsonl": "", "a-7-2.tmp/ledger.jsonl": opening };
    expect(ledgers({ ...files, "a-7-3/trace.json": "{}" })()).toEqual([]);
  });

  it("must be there of a run that has finished, or whose anchor knows a line", () => {
    expect(ledgers({ "a-7-1/ledger.jsonl": "" })).toThrow("ledger.empty");
    const emptied = { "a-7-1.tmp/ledger.jsonl": "", "a-7-1.tmp/anchor.json": "{}" };
    expect(ledgers(emptied)).toThrow("ledger.");
    expect(ledgers({ "a-7-1.tmp/ledger.jsonl": "{}\n" })).toThrow("ledger.line");
  });
});
