/** `scenarios/faulty.yaml` as it ships, but that no clock decides: whoever is slow is so by a minute. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { clientLine } from "../support/client-lines.ts";
import { murmur, scratch } from "../support/murmur.ts";

const SCENARIO = "scenarios/faulty.yaml";
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);

/** The script, the slow client that is in time among the first, the other one far too late. */
function script(): string {
  const { clients } = parse(readFileSync(SCENARIO, "utf8"));
  const faults: { kind: string; rounds: number[]; seconds?: number }[] = clients.faults;
  const slowest = faults.map((fault) =>
    fault.kind === "slow" && fault.rounds.includes(4) ? { ...fault, seconds: 60 } : fault,
  );
  return JSON.stringify(slowest);
}

async function run(name: string, ...args: string[]) {
  const path = join(folder.path, name);
  const set = ["--set", "clients.deadlineSeconds=4", "--set", `clients.faults=${script()}`];
  const { status, stdout, stderr } = await murmur([
    ...["run", SCENARIO, "--out", path, ...set, ...args],
  ]);
  const text = (file: string) => readFileSync(join(path, file), "utf8");
  return { status, stdout, stderr, text };
}

let [one, three] = [{} as Awaited<ReturnType<typeof run>>, {} as Awaited<ReturnType<typeof run>>];
beforeAll(async () => {
  [one, three] = await Promise.all([run("one", "--hosts", "1"), run("three", "--hosts", "3")]);
}, TIMEOUT_MS);

it("has the same faults, and the same bytes, however many hosts hold the clients", () => {
  expect([one.status, three.status]).toEqual([0, 0]);
  for (const file of ["trace.json", "rounds.jsonl", "ledger.jsonl"])
    expect(three.text(file), file).toBe(one.text(file));
});

it("tells what was scripted, and what the coordinator made of it", () => {
  const { faults } = JSON.parse(one.text("trace.json"));
  const told = (fault: string) =>
    faults.counts
      .filter((entry: { fault: string }) => entry.fault === fault)
      .map(({ became, count }: { became: string; count: number }) => `${count} ${became}`);
  expect(told("garbage")).toEqual(["1 refused: update.norm"]);
  expect(told("overNorm")).toEqual(["2 refused: update.norm"]);
  expect(told("notFinite")).toEqual(["1 counted"]);
  expect(told("slow")).toEqual(["1 counted", "1 late"]);
  expect(told("hang")).toEqual(["1 late"]);
  expect(told("stale")).toEqual(["1 refused: update.round"]);
  expect(told("crash")).toEqual(["1 lost"]);
  expect(faults.aborted).toEqual([]);
  expect(faults.events).toContainEqual({
    ...{ round: 5, attempt: 0, client: "c10", fault: "crash", became: "lost" },
  });
  // Nothing went amiss that nobody had asked for.
  expect(faults.events.filter(({ fault }: { fault: null }) => fault === null)).toEqual([]);
});

it("shows a line for each kind, and a part of the report's page", () => {
  expect(one.stdout).toMatch(/^Faults, and what became/m);
  expect(one.stdout).toMatch(/^ {4}overNorm +2: 2 refused: update\.norm$/m);
  expect(one.stdout).toMatch(/^Lost clients: c10$/m);
  const page = one.text("report.html");
  expect(page).toContain("What went wrong");
  expect(page).toContain("<td>c08</td><td>stale</td><td>refused: update.round</td>");
  expect(clientLine(join(folder.path, "one"), "c10").lost).toBe(true);
  expect(one.stderr).not.toContain("bug");
});

it("verifies like any other run", async () => {
  const { status, stdout } = await murmur(["verify", join(folder.path, "one")]);
  expect(stdout).toContain("verified");
  expect(status).toBe(0);
});
