/**
 * A coordinator and two or three clients on machines of their own, over TLS: network namespaces, a cable each. An
 * owner's folder holds rows, key and limits and nothing else; a cable that is pulled for three seconds
 * heals; and a simulation's bytes are those of a single machine.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { murmur, scratch } from "../support/murmur.ts";
import { Network, on } from "../support/network.ts";
import { layOut, peopleCsv, Started, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const OWNERS = ["a", "b"] as const;
/** So many that masks hide one of them. */
const THREE = [...OWNERS, "c"] as const;
const ROUNDS = 600;
/** Under masks: a round has five steps. */
const MASKED_ROUNDS = 50;
const PULLED_MS = 3_000;
const MASKED_PULLED_MS = 1_500;
/** Shorter than an answer may take, longer than that, and longer than a dead socket is believed. */
const OUTAGES_MS = [3_000, 15_000, 60_000] as const;
/** For a run with all of them, and for a client to dial again after each. */
const OUTAGES_DEADLINE_MS = 420_000;

let folder = scratch();
let network = new Network(0);
let started: Started[] = [];
let deadlineMs: number | undefined;
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

const at = (...names: string[]) => join(folder.path, ...names);

function start(where: string, machine: string, args: readonly string[]): Started {
  const process = new Started(at(where), args, {}, on(machine), deadlineMs);
  started.push(process);
  return process;
}

/** A coordinator that listens on all its cables; gives its port and what a join line tells of it. */
async function serve(...more: string[]) {
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

function join_(owner: number, { port, pin }: { port: string; pin: string }, ...more: string[]) {
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
function expectSameBytes(one: string, other: string): void {
  for (const file of ["model/weights.bin", "rounds.jsonl", "ledger.jsonl"]) {
    const hash = (run: string) =>
      createHash("sha256")
        .update(readFileSync(at("coordinator", run, file)))
        .digest("hex");
    expect(hash(one), file).toBe(hash(other));
  }
}

/** Pulls the first owner's cable for so long, amid the run, and sees that no round comes without it. */
async function pullCable(rounds: number, pulledMs: number): Promise<void> {
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
async function runAlone(owners: readonly string[]): Promise<void> {
  for (const who of owners) cpSync(at(who, "rows.csv"), at(`coordinator/${who}.csv`));
  const args = ["run", "study.yaml", "--out", "alone"];
  const { status, stderr } = await start("coordinator", network.coordinator, args).ended;
  expect(status, stderr).toBe(0);
}

/** A simulation served on the network, every owner's cable its own; resolves when all have ended well. */
async function runApart(
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
async function pullOften(rounds: number, outages: readonly number[]): Promise<void> {
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

it(
  "owners with rows, key and limits alone complete a run that verifies",
  async () => {
    const made = await Promise.all(
      OWNERS.map(
        (who) => start(who, network.coordinator, ["keys", "new", "--out", `${who}.pem`]).ended,
      ),
    );
    writeFileSync(at("coordinator/allow.txt"), made.map(({ stdout }) => stdout).join(""));
    for (const who of OWNERS) writeFileSync(at(who, "limits.json"), '{"epsilon":3,"delta":0.001}');
    for (const who of OWNERS)
      expect(readdirSync(at(who)).sort()).toEqual(
        [`${who}.pem`, "limits.json", "rows.csv", "wide.json"].sort(),
      );
    const served = await serve("--allow", "allow.txt");
    const joined = OWNERS.map((who, i) =>
      join_(i, served, "--key", `${who}.pem`, "--limits", "limits.json", "--allow-exact-updates"),
    );
    for (const { ended } of [...joined, served.coordinator]) {
      const { status, stderr } = await ended;
      expect(status, stderr).toBe(0);
    }
    const { status } = await murmur(["verify", at("coordinator/run")]);
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  "a cable pulled for three seconds heals, and the bytes are a single machine's",
  async () => {
    const study = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: local");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(OWNERS);
    await runApart(OWNERS, () => pullCable(ROUNDS, PULLED_MS));
    expectSameBytes("run", "alone");
  },
  TIMEOUT_MS,
);

it(
  "row 53: a cable pulled for 3, 15 and 60 s costs no attempt, and the bytes are a single machine's",
  async () => {
    deadlineMs = OUTAGES_DEADLINE_MS;
    const study = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: central");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(OWNERS);
    await runApart(OWNERS, () => pullOften(ROUNDS, OUTAGES_MS), "--allow-exact-updates");
    expectSameBytes("run", "alone");
    const ledger = readFileSync(at("coordinator/run/ledger.jsonl"), "utf8");
    expect(ledger.match(/"kind":"charge"/g)).toHaveLength(ROUNDS);
    expect(ledger).not.toContain('"kind":"abort"');
  },
  OUTAGES_DEADLINE_MS,
);

it(
  "row 30: under masks a cable pulled amid a round heals, and the bytes are a single machine's",
  async () => {
    mkdirSync(at("c"));
    writeFileSync(at("c/rows.csv"), peopleCsv(4, 50));
    const study = studyYaml("{ files: [a.csv, b.csv, c.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${MASKED_ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: distributed")
      .replace("population: 100", "population: 150")
      .replace("count: 2, minCohort: 2", "count: 3, minCohort: 3");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(THREE);
    await runApart(THREE, () => pullCable(MASKED_ROUNDS, MASKED_PULLED_MS));
    expectSameBytes("run", "alone");
    const ledger = readFileSync(at("coordinator/run/ledger.jsonl"), "utf8");
    expect(ledger.match(/"kind":"charge"/g)).toHaveLength(MASKED_ROUNDS);
  },
  TIMEOUT_MS,
);
