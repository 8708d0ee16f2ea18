/**
 * A coordinator and its owners on machines of their own, over TLS: network namespaces, a cable each. Whoever
 * imports it has them before each test, and none after it.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect } from "vitest";
import { scratch } from "./murmur.ts";
import { Network, on } from "./network.ts";
import { layOut, Started } from "./served-run.ts";

export const OWNERS = ["a", "b"] as const;
/** So many that masks hide one of them. */
export const THREE = [...OWNERS, "c"] as const;
/** Enough for three outages amid them, looked for every 50 ms. */
export const ROUNDS = 300;

let folder = scratch();
export let network = new Network(0);
let started: Started[] = [];
let deadlineMs: number | undefined;
/** Of the test that says so: its processes may take longer. */
export function allow(ms: number): void {
  deadlineMs = ms;
}
beforeEach(() => {
  network.remove();
  network = new Network(THREE.length);
  folder = scratch();
  started = [];
  deadlineMs = undefined;
  layOut(
    folder.path,
    network.cables.map(({ address }) => address),
  );
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  network.remove();
  folder.remove();
});

export const at = (...names: string[]) => join(folder.path, ...names);

export function start(where: string, machine: string, args: readonly string[]): Started {
  const process = new Started(at(where), args, {}, on(machine), deadlineMs);
  started.push(process);
  return process;
}

/** A coordinator that listens on all its cables; gives its port and what a join line tells of it. */
export async function serve(...more: string[]) {
  const listen = ["--listen", "0.0.0.0:0", "--tls-cert", "tls.crt", "--tls-key", "tls.key"];
  const coordinator = start("coordinator", network.coordinator, [
    ...["serve", "study.yaml", ...listen, "--out", "run"],
    ...more,
  ]);
  const [, port = "", pin = ""] = await coordinator.says(
    /wss:\/\/[^:]+:(\d+) .*--pin (sha256:\S+)/,
  );
  return { coordinator, port, pin };
}

export function join_(
  owner: number,
  { port, pin }: { port: string; pin: string },
  ...more: string[]
) {
  const { machine = "", address = "" } = network.cables[owner] ?? {};
  const url = `wss://${address}:${port}`;
  return start(THREE[owner] ?? "", machine, [
    "join",
    url,
    "--data",
    "rows.csv",
    "--pin",
    pin,
    ...more,
  ]);
}

/** Rounds that the coordinator has released so far. */
function released(): number {
  const path = at("coordinator/run.tmp/rounds.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

/** Of two folders under the coordinator's: the same model, rounds and ledger, to the last byte. */
export function expectSameBytes(one: string, other: string): void {
  for (const file of ["model/weights.bin", "rounds.jsonl", "ledger.jsonl"]) {
    const hash = (run: string) =>
      createHash("sha256")
        .update(readFileSync(at("coordinator", run, file)))
        .digest("hex");
    expect(hash(one), file).toBe(hash(other));
  }
}

/** Pulls the first owner's cable for so long, amid the run, and sees that no round comes without it. */
export async function pullCable(rounds: number, pulledMs: number): Promise<void> {
  await until(() => released() > 0, "a first round");
  const [cable] = network.cables;
  cable?.pull();
  const before = released();
  expect(before).toBeLessThan(rounds - 1);
  await sleep(pulledMs);
  // The one that was open may have had all that it needs of that client.
  expect(released() - before, "rounds without that client").toBeLessThanOrEqual(1);
  cable?.plugIn();
}

/** The run of one machine that holds all rows, in the folder `alone`. */
export async function runAlone(owners: readonly string[]): Promise<void> {
  for (const who of owners) cpSync(at(who, "rows.csv"), at(`coordinator/${who}.csv`));
  const args = ["run", "study.yaml", "--out", "alone"];
  const { status, stderr } = await start("coordinator", network.coordinator, args).ended;
  expect(status, stderr).toBe(0);
}

/** A simulation served on the network, every owner's cable its own; resolves when all have ended well. */
export async function runApart(
  owners: readonly string[],
  meanwhile: () => Promise<void>,
  ...agreed: readonly string[]
): Promise<void> {
  const served = await serve("--simulation");
  const own = ["--simulation", "--seed", "5", ...agreed, "--token"];
  const joined = owners.map((_, i) =>
    join_(i, served, ...own, `../coordinator/run.tokens/c${i + 1}.token`),
  );
  await meanwhile();
  for (const { ended } of [...joined, served.coordinator]) {
    const { status, stderr } = await ended;
    expect(status, stderr).toBe(0);
  }
}

/** Each in turn, as soon as rounds are released again. */
export async function pullOften(rounds: number, outages: readonly number[]): Promise<void> {
  for (const pulledMs of outages) {
    await pullCable(rounds, pulledMs);
    const then = released();
    await until(() => released() > then, `a round after ${pulledMs} ms`, pulledMs + 60_000);
  }
}

async function until(holds: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  for (let tries = 0; tries < withinMs / 50; tries++) {
    if (holds()) return;
    await sleep(50);
  }
  throw new Error(`never: ${what}`);
}
