/**
 * One study, whose clients have a file of rows each, run in every way there is: in this process with clients
 * on one host or several, on forked hosts, served to clients that join over WebSockets; and each broken off
 * after a round and gone on with. Noise is seeded on all sides.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Joined, joinRun } from "../../client/join/join-run.ts";
import { fromTokenFile } from "../../client/join/own-credentials.ts";
import { carryOut, folderFor, readCall } from "../../run/call.ts";
import { MemoryRecord } from "../../run/execute/memory-record.ts";
import type { RunContext } from "../../run/execute/run-context.ts";
import type { Show } from "../../run/execute/run-outcome.ts";
import { FolderRecord } from "../../run/folder/folder-record.ts";
import {
  commonLaunch,
  newRunFolder,
  readLaunch,
  readResolved,
  type ServeLaunch,
} from "../../run/folder/launch-record.ts";
import { InProcessHost } from "../../run/hosts/in-process-host.ts";
import { Hosts } from "../../run/hosts/launch.ts";
import { resultOf } from "../../run/run-result.ts";
import { runServed } from "../../run/serve/served-clients.ts";
import { servedScenario } from "../../run/serve/served-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { RunFolder } from "../../server/run-folder/run-folder.ts";
import type { Trace } from "../../shared/events/trace.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { TIMING } from "../../shared/timing.ts";
import { MemoryTransport } from "../../shared/wire/memory-transport.ts";
import { fromWire } from "../../shared/wire/wire-values.ts";
import { AGREES } from "./joined-once.ts";
import { BROKEN_OFF, brokenOff, type Death, mortal } from "./mortal-record.ts";
import { scratch } from "./murmur.ts";
import { bytesOf, bytesOfResult, LentHosts, type RunBytes } from "./run-bytes.ts";
import type { RunCase } from "./run-cases.ts";
import { peopleCsv, studyYaml } from "./served-run.ts";

type Settings = RunCase["set"];

const SEED = 5;
const NAMES = ["c1", "c2", "c3", "c4", "c5"];
const ROWS_EACH = 16;
const unbroken = () => new AbortController().signal;

/** What a run leaves: its bytes, and its trace in full. */
interface Left {
  readonly bytes: RunBytes;
  readonly trace: Trace;
}

export class Study {
  readonly #folder = scratch();
  readonly #forked = new LentHosts();
  readonly #file = this.#at("study.yaml");
  readonly #simulated = new Map<Settings, Promise<Left>>();
  #runs = 0;

  /** @param rowsEach of its five clients */
  constructor(rowsEach = ROWS_EACH) {
    for (const [i, name] of NAMES.entries())
      writeFileSync(this.#at(`${name}.csv`), peopleCsv(i + 1, rowsEach));
    writeFileSync(this.#at("test.csv"), peopleCsv(9, 20));
    const files = NAMES.map((name) => `${name}.csv`).join(", ");
    const study = parse(studyYaml(`{ files: [${files}], testFile: test.csv, public: true }`));
    study.data.partition = { kind: "files" };
    study.clients = { count: NAMES.length, minCohort: 2 };
    study.training = { rounds: 2, learningRate: 0.5 };
    Object.assign(study.privacy, { population: NAMES.length * rowsEach, epsilon: 8 });
    writeFileSync(this.#file, JSON.stringify(study));
  }

  end(): void {
    this.#forked.end();
    this.#folder.remove();
  }

  /** Once for the same settings. */
  simulated(set: Settings): Promise<Left> {
    const known = this.#simulated.get(set) ?? this.#simulate(set);
    this.#simulated.set(set, known);
    return known;
  }

  async #simulate(set: Settings): Promise<Left> {
    const result = await simulate(this.#file, { set });
    return { bytes: bytesOfResult(result), trace: JSON.parse(JSON.stringify(result.trace)) };
  }

  /** In this process, clients on so many hosts. */
  async onHosts(set: Settings, count: number): Promise<RunBytes> {
    const call = await readCall(this.#file, { set }, "simulate");
    const { hosts, place } = inProcess(count);
    const outcome = await carryOut(call, {}, new MemoryRecord(), hosts, place);
    return bytesOfResult(resultOf(outcome, null));
  }

  /** As `murmur run --hosts`. */
  forked(set: Settings, count = 1): Promise<RunBytes> {
    return this.#forked.run({ name: "study", scenario: this.#file, set }, count);
  }

  /** Simulated to a folder, broken off after a round unless it dies before, and gone on with. */
  async resumed(set: Settings, death?: Death): Promise<RunBytes> {
    const out = this.#next();
    const cut = new AbortController();
    const onEvent = ({ event }: { readonly event: string }) =>
      event === "round" && cut.abort(BROKEN_OFF);
    const begun = await readCall(this.#file, { set }, "simulate");
    const record = mortal(await folderFor(begun, 1, out), death);
    const first = inProcess(1);
    const options = { onEvent, signal: cut.signal };
    await brokenOff(carryOut(begun, options, record, first.hosts, first.place));
    const { folder, launch, scenario } = reopened(out);
    const call = { scenario, file: launch.file, set: launch.set, started: 0 };
    const { hosts, place } = inProcess(1);
    await carryOut(call, {}, new FolderRecord(folder), hosts, place);
    return bytesOf(out);
  }

  /** By `murmur serve --simulation`, and as many `murmur join --simulation` as there are clients. */
  async served(set: Settings): Promise<Left> {
    const out = this.#next();
    const clients: Promise<Joined>[] = [];
    await this.#begin(set, out, clients);
    await Promise.all(clients);
    return this.#left(out);
  }

  /** The same; after a round, or dead before, the coordinator breaks off, and another goes on with the clients that wait. */
  async servedAndResumed(set: Settings, death?: Death): Promise<Left> {
    const out = this.#next();
    const clients: Promise<Joined>[] = [];
    const cut = new AbortController();
    const show: Show = ({ event }) => event === "round" && cut.abort(BROKEN_OFF);
    await brokenOff(this.#begin(set, out, clients, show, cut.signal, death));
    const { folder, launch, scenario } = reopened(out);
    if (launch.command !== "serve") throw new Error(`launched by ${launch.command}`);
    await serve(scenario, new FolderRecord(folder), launch, () => {}, unbroken());
    await Promise.all(clients);
    return this.#left(out);
  }

  #begin(
    set: Settings,
    out: string,
    clients: Promise<Joined>[],
    show: Show = () => {},
    signal = unbroken(),
    death?: Death,
  ): Promise<void> {
    const overrides = Object.entries(set).map(([path, value]) => ({ path, value: String(value) }));
    const text = readFileSync(this.#file, "utf8");
    const scenario = servedScenario(parseScenario(text, this.#file, overrides), this.#file, true);
    const launch: ServeLaunch = {
      ...commonLaunch(this.#file, { set: overrides }, {}),
      ...{ command: "serve", listen: "127.0.0.1:0", wait: 1 },
      ...{ insecurePlaintext: false, simulation: true },
    };
    const record = mortal(new FolderRecord(newRunFolder(scenario, { out }, launch)), death);
    const lets: Show = (progress) => {
      if (progress.event === "notice") clients.push(...this.#joining(progress.text, out));
      show(progress);
    };
    return serve(scenario, record, launch, lets, signal);
  }

  /** The client that the coordinator's line lets in, if it is such a line. */
  #joining(line: string, out: string): Promise<Joined>[] {
    const [, audience = "", token, serverKey = ""] =
      /murmur join ws:\/\/(\S+) --token (\S+) --server-key (\S+)/.exec(line) ?? [];
    if (token === undefined) return [];
    const own = fromTokenFile(token);
    const address = { audience, serverKey: fromWire(serverKey), planHash: undefined };
    const rows = { folder: this.#folder.path, path: `${own.name}.csv` };
    const plain = { header: undefined, missing: undefined, identifiersKnown: new Map() };
    const settings = {
      address: { ...address, tls: undefined },
      ...{ own, data: { ...rows, ...plain, key: { env: "NONE" } } },
      ...{ simulation: { seed: SEED }, exactUpdates: true, clients: 1, limits: null },
      ...{ folder: `${out}-${own.name}`, allowed: undefined, giveUpAfterMs: undefined },
      ...{ observe: () => {}, retrying: () => {}, consent: AGREES },
    };
    return [joinRun(settings, unbroken())];
  }

  #left(out: string): Left {
    return {
      bytes: bytesOf(out),
      trace: JSON.parse(readFileSync(join(out, "trace.json"), "utf8")),
    };
  }

  #next(): string {
    return this.#at(`${this.#runs++}`);
  }

  #at(name: string): string {
    return join(this.#folder.path, name);
  }
}

/**
 * A trace without what a coordinator cannot know of others' rows: how many there are, the first of them, and
 * how their labels lie. All else that is in a trace it says alike wherever the rows are.
 */
export function withoutRows(trace: Trace): string {
  const { stages, clientLabels: _, ...rest } = trace;
  const rowless = stages.map(({ rowsIn: _in, rowsOut: _out, examples: _rows, note, ...stage }) =>
    stage.name === "collect" ? stage : { ...stage, note },
  );
  return JSON.stringify({ ...rest, stages: rowless });
}

function inProcess(count: number) {
  const transport = new MemoryTransport();
  const all = Array.from({ length: count }, () => new InProcessHost(transport.dial));
  const hosts = new Hosts("this process", count, TIMING, all);
  return { hosts, place: { place: "in this process", door: transport.open.bind(transport) } };
}

async function serve(
  scenario: RunContext["scenario"],
  record: FolderRecord,
  launch: ServeLaunch,
  show: Show,
  signal: AbortSignal,
): Promise<void> {
  const [host = "", port] = launch.listen.split(":");
  // Its one host holds the rows that are held out, and no client.
  const { hosts } = inProcess(1);
  const { file, set } = launch;
  const setup = { scenario, file, set, started: 0, record, hosts, observe: () => {}, show };
  const seats = { allowed: undefined, joiners: NAMES.length, clientsEach: 1 };
  const listen = { host, port: Number(port) };
  try {
    await runServed(setup, { options: launch, listen, tls: undefined, seats }, signal);
  } finally {
    if (!record.isFinished) record.abandon();
  }
}

function reopened(out: string) {
  const folder = RunFolder.reopen(out);
  const launch = readLaunch(folder);
  return { folder, launch, scenario: readResolved(folder, launch) };
}
