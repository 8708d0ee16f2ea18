/**
 * Where ε counts on nobody's knowing who was drawn, nothing that a run leaves may depend on it: two runs
 * with the same noise, other cohorts forced upon them and updates of zeros are the same to the last byte
 * (non-interference; Goguen & Meseguer 1982). Hosts are real processes; the coordinator is in this one.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { openOperations } from "../../cli/operations/operations.ts";
import { Screen } from "../../cli/screen/screen.ts";
import { runOwnHosts } from "../../run/execute/own-hosts.ts";
import type { Show } from "../../run/execute/run-outcome.ts";
import { FolderRecord } from "../../run/folder/folder-record.ts";
import { newRunFolder } from "../../run/folder/launch-record.ts";
import { Hosts } from "../../run/hosts/launch.ts";
import { runMetrics } from "../../server/monitoring/metrics.ts";
import { NO_TIME } from "../../shared/disk/time-free.ts";
import { Discretion, type RunEvent } from "../../shared/events/run-event.ts";
import { seededRoot } from "../../shared/noise/random.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { TIMING } from "../../shared/timing.ts";
import { ROOT, scratch } from "../support/murmur.ts";
import { seeSockets } from "../support/taken-sockets.ts";

const HOST_PROGRAM = join(ROOT, "dist/client/host.js");
const CLIENTS = 6;
const SCENARIO = `
format: 1
name: secret
seed: 5
data:
  source:
    files: [${Array.from({ length: CLIENTS }, (_, i) => `c${i + 1}.csv`).join(", ")}]
    testFile: held-out.csv
    where: "age >= 50" # nobody of the clients': all their updates are zeros
  partition: { kind: files }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    days: { role: sensitive, type: integer, bounds: [0, 30] }
    returned: { role: target }
  target: { name: returns, column: returned, positive: "yes" }
features:
  days: { formula: "days", bounds: [0, 30] }
training:
  { algorithm: scaffold, rounds: 3, learningRate: 0.5, localEpochs: 2, sampling: { kind: poisson, rate: 0.5 } }
privacy: { unit: client, trust: central, noiseMultiplier: 2, delta: 0.01, population: ${CLIENTS} }
clients: { count: ${CLIENTS}, minCohort: 1 }
`;
/** Hosts hold clients 1 and 4, 2 and 5, 3 and 6. In the last round both draw the third. */
const FEW = [[0], [], [2]];
const MANY = [[0, 1, 4], [0, 1, 3, 4], [2]];
const HOSTS = 3;

const folder = scratch();
afterEach(() => vi.restoreAllMocks());

beforeAll(() => {
  const rows = (count: number, age: number) =>
    ["age,days,returned"]
      .concat(Array.from({ length: count }, (_, i) => `${age},${i % 31},${i % 3 ? "no" : "yes"}`))
      .join("\n");
  for (let i = 1; i <= CLIENTS; i++)
    writeFileSync(join(folder.path, `c${i}.csv`), `${rows(40 * i, 20)}\n`);
  writeFileSync(join(folder.path, "held-out.csv"), `${rows(60, 60)}\n`);
});

interface Left {
  /** By name, folders with a slash behind theirs; in the order in which their folder lists them. */
  readonly files: readonly (readonly [
    name: string,
    size: number,
    sha256: string,
    mtimeMs: number,
  ])[];
  readonly texts: readonly string[];
  readonly ledgers: Left["files"];
  /** Of the rows' files, beside each. */
  readonly dataLedgers: Left["files"];
  /** From where all are here: in which order hosts come is chance, and over before anybody is drawn. */
  readonly log: string;
  readonly logTime: number;
  readonly metrics: string;
  readonly screen: readonly string[];
  /** What the host of the last round's cohort was sent. */
  readonly wire: readonly (readonly string[])[];
  /** Updates that came, of which nobody may know. */
  readonly updates: number;
  /** Times of the building folder's files, while rounds went on. */
  readonly amid: readonly number[];
}

async function runWith(name: string, cohorts: readonly (readonly number[])[]): Promise<Left> {
  const place = join(folder.path, name);
  mkdirSync(place);
  const scenario = parseScenario(SCENARIO, "secret.yaml", []);
  const file = join(folder.path, "secret.yaml");
  const clientLedgers = join(place, "ledgers");
  const common = { format: 1 as const, file, set: [], runId: "ab".repeat(16) };
  const launch = { ...common, command: "run" as const, hosts: HOSTS, clientLedgers };
  const run = newRunFolder(scenario, { out: join(place, "run") }, launch);
  const sent: string[][] = [];
  seeSockets((client) => {
    const own: string[] = [];
    sent.push(own);
    const { send } = client;
    client.send = (data: unknown, ...rest: unknown[]) => {
      own.push(wireText(data));
      return Reflect.apply(send, client, [data, ...rest]);
    };
  });
  const screen: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void screen.push(`${line}`));
  const operations = await openOperations({ log: join(place, "log") });
  const [metrics, discretion] = [runMetrics(), new Discretion()];
  let updates = 0;
  const amid: number[] = [];
  const observe = (event: RunEvent) => {
    operations.observe(event);
    const told = discretion.of(event);
    if (told) metrics.observe(told);
    if (event.event === "update") updates += 1;
    if (event.event === "attempt-charged")
      for (const one of [".", "ledger.jsonl", "rounds.jsonl", "checkpoint-0"])
        if (event.round === 1) amid.push(statSync(join(run.building, one)).mtimeMs);
  };
  const hosts = new Hosts(HOST_PROGRAM, HOSTS, TIMING);
  const lines = new Screen({});
  const show: Show = (progress) => lines.show(progress);
  const record = new FolderRecord(run);
  const setup = { scenario, file, set: [], hosts, record, started: 0, observe, show };
  const forced = cohorts.values();
  await runOwnHosts(setup, launch, new AbortController().signal, {
    root: seededRoot(3),
    draw: () => forced.next().value ?? [],
  });
  await operations.close();
  const log = textOf(join(place, "log"));
  vi.restoreAllMocks();
  const files = listed(run.path);
  const beside = Array.from({ length: CLIENTS }, (_, i) =>
    join(folder.path, `c${i + 1}.csv.murmur`),
  );
  const dataLedgers = beside.flatMap((path) => listed(path));
  // The other run begins as this one did, beside rows that no run was charged to.
  for (const path of beside) rmSync(path, { recursive: true });
  return {
    ...{ files, updates, amid },
    texts: files.map(([path]) => (path.endsWith("/") ? "" : textOf(join(run.path, path)))),
    ledgers: listed(clientLedgers),
    dataLedgers,
    log: log.slice(log.indexOf('"cohort-complete"')),
    logTime: statSync(join(place, "log")).mtimeMs,
    metrics: await metrics.text(),
    screen: screen.map((line) => line.replaceAll(name, "NAME")),
    wire: askedLast(sent),
  };
}

/** What is random, or this machine's, before anybody is drawn; and how often a heart beats. */
function wireText(data: unknown): string {
  if (Buffer.isBuffer(data)) return `bytes ${data.toString("hex")}`;
  const { seq: _, ...message } = JSON.parse(`${data}`);
  return JSON.stringify(message);
}

/** From the first that a host hears of a round; only the host that the last round asks, and no other did. */
function askedLast(sent: readonly string[][]): string[][] {
  const asked = sent.filter((all) => all.some((text) => text.startsWith('{"t":"round","round":2')));
  return asked.map((all) => {
    const told = all.filter((text) => !/^\{"t":"(ping|pong)"/.test(text));
    return told.slice(told.findIndex((text) => /^\{"t":"(round|close)"/.test(text)));
  });
}

/** A port is what the machine had free. */
function textOf(path: string): string {
  return readFileSync(path, "latin1").replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");
}

function listed(root: string, below = ""): Left["files"] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = join(below, entry.name);
    const { mtimeMs } = statSync(join(root, name));
    if (entry.isDirectory()) return [[`${name}/`, 0, "", mtimeMs] as const, ...listed(root, name)];
    const text = textOf(join(root, name));
    const sha256 = createHash("sha256").update(text).digest("hex");
    return [[name, text.length, sha256, mtimeMs] as const];
  });
}

it("leaves the same bytes and times whoever was drawn, on disk, screen, log, metrics and wire", async () => {
  const few = await runWith("run-a", FEW);
  const many = await runWith("run-b", MANY);
  // The cohorts did differ, and all who were drawn sent an update.
  expect([few.updates, many.updates]).toEqual([2, 8]);
  const differing = few.texts.flatMap((text, i) =>
    text === many.texts[i] ? [] : [[few.files[i]?.[0], text, many.texts[i]]],
  );
  expect(differing).toEqual([]);
  expect(many.files).toEqual(few.files);
  expect(many.ledgers).toEqual(few.ledgers);
  expect(many.dataLedgers).toEqual(few.dataLedgers);
  for (const what of ["log", "logTime", "metrics", "screen"] as const)
    expect(many[what], what).toEqual(few[what]);
  // A host that was asked in the last round alone has heard the same up to it, numbers of streams too.
  expect(many.wire).toEqual(few.wire);
  expect(few.wire).toHaveLength(1);
  expect(few.wire[0]?.filter((text) => text.startsWith('{"t":"close"'))).toHaveLength(3);

  const times = [...few.files, ...few.ledgers, ...few.dataLedgers].map(
    ([, , , mtimeMs]) => mtimeMs,
  );
  for (const time of [...times, ...few.amid, few.logTime]) expect(time).toBe(NO_TIME.getTime());
  expect(few.files.map(([name]) => name)).toContain("clients-private/c6.json");
  expect(few.ledgers).toHaveLength(2 * CLIENTS);
  expect(few.dataLedgers.length).toBeGreaterThanOrEqual(2 * CLIENTS);
  expect(few.amid).toHaveLength(4);
  const all = [...few.texts, few.log, few.metrics, ...few.screen].join("\n");
  expect(all).not.toMatch(/\b20\d\d-\d\d-\d\dT|durationMs|murmur_stage_seconds_/);
}, 120_000);
