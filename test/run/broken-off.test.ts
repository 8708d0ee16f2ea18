/** A run that a program breaks off, in a process that goes on: what it leaves behind in there, and in its folder. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { simulate } from "../../run/simulate.ts";
import { RunFolder } from "../../server/run-folder/run-folder.ts";
import { TIMING } from "../../shared/timing.ts";
import { inThisProcess } from "../support/in-this-process.ts";
import { scratch } from "../support/murmur.ts";
import { bytesOf, bytesOfResult } from "../support/run-bytes.ts";

const folder = scratch();
afterAll(folder.remove);
const PURCHASES = "scenarios/purchases.yaml";
const SMALL = {
  "data.source.rows": 60,
  "data.source.testRows": 20,
  ...{ "clients.count": 3, "clients.minCohort": 2, "privacy.population": 60 },
  ...{ "training.rounds": 3, "training.learningRate": 0.1 },
};
const WHY = new Error("enough");

/** @param when the event at which it is aborted */
async function brokenOff(name: string, when: string, set: object = SMALL): Promise<string> {
  const out = join(folder.path, name);
  const abort = new AbortController();
  const onEvent = ({ event }: { readonly event: string }) => event === when && abort.abort(WHY);
  const running = simulate(PURCHASES, { set: { ...set }, out, onEvent, signal: abort.signal });
  await expect(running).rejects.toBe(WHY);
  return out;
}

/** Files in the folder that this process has open; Linux alone says which. */
function openFiles(): string[] {
  const descriptors = "/proc/self/fd";
  const links = existsSync(descriptors) ? readdirSync(descriptors) : [];
  const targets = links.flatMap((link) => {
    try {
      return readlinkSync(join(descriptors, link));
    } catch {
      // The one by which they were listed.
      return [];
    }
  });
  return targets.filter((target) => target.startsWith(folder.path));
}

it("is gone on with in the same process, to the bytes of a run that nobody broke off", async () => {
  const out = await brokenOff("again", "round");
  expect(existsSync(`${out}.tmp/run.lock`)).toBe(false);
  const { status, stderr } = await inThisProcess(["resume", out]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(bytesOf(out)).toEqual(bytesOfResult(await simulate(PURCHASES, { set: SMALL })));
});

it("leaves no listener and no open file in the process, however many there are", async () => {
  const listeners = process.listeners("exit");
  for (const when of ["opened", "prepared", "statistics", "attempt-charged", "update"])
    for (const n of [1, 2, 3, 4]) await brokenOff(`${when}-${n}`, when);
  expect(process.listeners("exit")).toEqual(listeners);
  expect(openFiles()).toEqual([]);
});

it("writes nothing more once it has ended, though its attempt was open", async () => {
  const { stopMs } = TIMING;
  Object.assign(TIMING, { stopMs: 20 });
  try {
    const faults = "[{ kind: hang, clients: [c1] }]";
    const out = await brokenOff("open", "attempt-charged", { ...SMALL, "clients.faults": faults });
    const files = () =>
      readdirSync(`${out}.tmp`, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "hex")]);
    const before = files();
    expect(before.map(([name]) => name)).toContain("ledger.jsonl");
    expect(before.map(([name]) => name)).not.toContain("run.lock");
    await wait(200);
    expect(files()).toEqual(before);
    RunFolder.reopen(out).abandon();
  } finally {
    Object.assign(TIMING, { stopMs });
  }
});
