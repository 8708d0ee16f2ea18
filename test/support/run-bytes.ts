/**
 * A run's bytes, as hashes: plan, model, rounds, ledger and trace of its folder. The coordinator is in this
 * process, hosts are forked and lent to run after run, as a sweep does it: a case costs its own work alone.
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { carryOut } from "../../run/call.ts";
import { FolderRecord } from "../../run/folder/folder-record.ts";
import { commonLaunch, newRunFolder, type RunLaunch } from "../../run/folder/launch-record.ts";
import { forkHosts, Hosts } from "../../run/hosts/launch.ts";
import type { RunResult } from "../../run/run-result.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { lineText } from "../../shared/ledger/chain.ts";
import { weightBytes } from "../../shared/model/saved/layers-format.ts";
import { TIMING } from "../../shared/timing.ts";
import { writeDigits } from "./image-files.ts";
import { ROOT, scratch } from "./murmur.ts";
import { DIGIT_COUNTS, DIGITS_FOLDER, type RunCase } from "./run-cases.ts";

const HOST_PROGRAM = join(ROOT, "dist/client/host.js");
/** What a run says of itself, and no clock has a part in. */
const FILES = {
  plan: "plan.json",
  model: "model/weights.bin",
  rounds: "rounds.jsonl",
  ledger: "ledger.jsonl",
  trace: "trace.json",
} as const;

export type RunBytes = Readonly<Record<keyof typeof FILES, string>>;

/** First 16 hex digits of each file's SHA-256. @param folder a finished run's */
export function bytesOf(folder: string): RunBytes {
  const hashed = Object.entries(FILES).map(([name, file]) => {
    const path = join(folder, file);
    return [name, existsSync(path) ? sha256(readFileSync(path)).slice(0, 16) : "none"];
  });
  return Object.fromEntries(hashed);
}

/** The same of a run that is on no disk. */
export function bytesOfResult({ plan, model, trace, ledger }: RunResult): RunBytes {
  const short = (content: string | Uint8Array) => sha256(Buffer.from(content)).slice(0, 16);
  const lines = (texts: readonly string[]) => short(texts.map((text) => `${text}\n`).join(""));
  return {
    plan: short(canonicalJson(plan)),
    model: short(weightBytes(model.parameters)),
    rounds: lines(trace.rounds.map((round) => JSON.stringify(round))),
    ledger: lines(ledger.map(lineText)),
    trace: short(`${JSON.stringify(trace, null, 2)}\n`),
  };
}

export class LentHosts {
  #hosts: ChildProcess[] = [];
  readonly #folder = scratch();
  #runs = 0;

  constructor() {
    writeDigits(this.#folder.path, DIGIT_COUNTS.train, DIGIT_COUNTS.held);
  }

  /** What a case sets, its folder of images found. */
  setOf({ set }: RunCase): Record<string, string> {
    const value = (one: unknown) => (one === DIGITS_FOLDER ? this.#folder.path : String(one));
    return Object.fromEntries(Object.entries(set).map(([path, one]) => [path, value(one)]));
  }

  /** Runs it to its end. @param count of hosts */
  async run(one: RunCase, count = 1): Promise<RunBytes> {
    const { scenario: file } = one;
    const overrides = Object.entries(this.setOf(one)).map(([path, value]) => ({ path, value }));
    const options = { set: overrides, quiet: true };
    const scenario = await readScenario(file, options);
    const launch: RunLaunch = { ...commonLaunch(file, options, {}), command: "run", hosts: count };
    const out = join(this.#folder.path, `${this.#runs++}`);
    const folder = newRunFolder(scenario, { out }, launch);
    const hosts = new Hosts(HOST_PROGRAM, count, TIMING, this.#forked(count));
    const call = { scenario, file, set: overrides, started: 0 };
    await carryOut(call, {}, new FolderRecord(folder), hosts, launch);
    return bytesOf(out);
  }

  #forked(count: number): ChildProcess[] {
    const there = this.#hosts.filter(({ connected }) => connected);
    this.#hosts = [...there, ...forkHosts(HOST_PROGRAM, Math.max(0, count - there.length))];
    return this.#hosts.slice(0, count);
  }

  end(): void {
    for (const child of this.#hosts) child.disconnect();
    this.#folder.remove();
  }
}
