/** IO: a sweep's folder: which sweep it is, a line for each finished run, the runs' own folders. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { ChargedRun } from "../../compare/composition.ts";
import {
  doneResults,
  newestResults,
  resultSchema,
  type SweepResult,
} from "../../compare/sweep-result.ts";
import { plannedDistance } from "../../shared/claims/raw-spending.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { appendTo, cutTo, writeFresh } from "../../shared/disk/no-links.ts";
import { type Holder, takeLock } from "../../shared/disk/process-lock.ts";
import { takeTimesOff } from "../../shared/disk/time-free.ts";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { type Problem, reasonOf, ScenarioError } from "../../shared/errors.ts";
import { wholeBytes } from "../../shared/ledger/chain.ts";
import { historyOf } from "../../shared/ledger/history-of.ts";
import { ANCHOR_FILE, readLedger } from "../../shared/ledger/ledger.ts";
import { tellsRoundsOf } from "../../shared/plan/scenario-terms.ts";
import { VERSION } from "../../shared/version.ts";
import type { SweepPlan } from "../scenario/sweep-plan.ts";
import { isUnfinished, runPlan } from "./run-files.ts";

const SWEEP_FILE = "sweep.json";
const RESULTS_FILE = "results.jsonl";
const RUNS = "runs";
const LEDGER = "ledger.jsonl";

const sweepFileSchema = z.object({
  format: z.literal(2),
  murmur: z.string(),
  name: z.string(),
  /** SHA-256 over the identities of the first seed's runs. */
  identity: z.string(),
  runs: z.number().int(),
  spec: z.object({
    over: z.record(z.string(), z.array(z.unknown())),
    repeat: z.number(),
    seed: z.number(),
    sample: z.number().nullable(),
  }),
  /** Generated or public rows: nobody's privacy hangs on them. */
  isPublic: z.boolean(),
  /** SHA-256 by path: rows, hierarchies, model. */
  files: z.record(z.string(), z.string()),
  /** People whom its seeds hold out of private rows, each others. */
  heldOut: z.object({ seeds: z.number().int(), people: z.number().int() }).nullable(),
});
export type SweepFile = z.infer<typeof sweepFileSchema>;

export class SweepFolder {
  readonly path: string;
  readonly #unlock: () => void;
  /** True where there was none before. */
  readonly #made: boolean;
  #discarded = false;
  /** False where no file may say when it was written. */
  readonly #tellsTimes: boolean;

  private constructor(path: string, unlock: () => void, made: boolean, tellsTimes: boolean) {
    this.path = path;
    this.#unlock = unlock;
    this.#made = made;
    this.#tellsTimes = tellsTimes;
  }

  /**
   * Made, or the one that a sweep began; with more seeds than it had, it goes on to those.
   *
   * @throws ScenarioError where it is another sweep's, or of other rows, or of more seeds; another process
   * has it; or it cannot be made
   */
  static open(path: string, plan: SweepPlan): SweepFolder {
    const folder = resolve(path);
    const made = !existsSync(folder);
    makeOwn(join(folder, RUNS));
    const unlock = takeLock(join(folder, "sweep.lock"), locked);
    try {
      const kept = readSweepFile(folder);
      if (kept) checkSame(folder, kept, plan);
      if (plan.spec.repeat > (kept?.spec.repeat ?? 0)) writeSweepFile(folder, plan);
      dropTornLine(join(folder, RESULTS_FILE));
      return new SweepFolder(
        folder,
        unlock,
        made,
        plan.runs.every(({ scenario }) => tellsRoundsOf(scenario)),
      );
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get runs(): string {
    return join(this.path, RUNS);
  }

  results(): SweepResult[] {
    return readResults(this.path);
  }

  /** In one write, so that a line is there whole or not at all. */
  append(result: SweepResult): void {
    appendTo(join(this.path, RESULTS_FILE), `${JSON.stringify(result)}\n`, false);
  }

  write(name: string, content: string | Uint8Array): void {
    writeFresh(join(this.path, name), content, { flush: false });
  }

  /** Whether any of its runs has finished, or charged anything. */
  isUsed(): boolean {
    return doneResults(this.results()).length > 0 || chargedFolders(this.path).length > 0;
  }

  /** Takes away what is in there, where nothing of it is of any use: the place is as free as it was. */
  discard(): void {
    if (this.isUsed()) return;
    this.#discarded = true;
    this.#unlock();
    for (const name of [RUNS, SWEEP_FILE, RESULTS_FILE])
      rmSync(join(this.path, name), { recursive: true, force: true });
    if (this.#made && readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  close(): void {
    if (this.#discarded) return;
    if (!this.#tellsTimes) this.#sortResults();
    this.#unlock();
    if (this.#tellsTimes) return;
    takeTimesOff(this.runs);
    takeTimesOff(this.path);
  }

  /** Lines come as runs end, which says how long they took: now in the order of their points, the newest of each. */
  #sortResults(): void {
    const lines = newestResults(this.results()).map((result) => `${JSON.stringify(result)}\n`);
    if (lines.length > 0) writeWhole(join(this.path, RESULTS_FILE), lines.join(""));
  }
}

function locked(where: string, { pid, host }: Holder): Problem {
  return {
    what: "sweep.locked",
    where,
    got: `process ${pid} on ${host}`,
    expected: "no other process at this sweep",
    fix: "Wait until it ends; other machines take --shard, each with a folder of its own.",
  };
}

/** undefined where there is none. */
export function readSweepFile(folder: string): SweepFile | undefined {
  const path = join(folder, SWEEP_FILE);
  if (!existsSync(path)) return undefined;
  const read = sweepFileSchema.safeParse(parsed(readFileSync(path, "utf8")));
  if (read.success) return read.data;
  throw damaged(path, "what murmur sweep wrote");
}

/** Whole lines; the last may lack its end, if the sweep was cut off. */
export function readResults(folder: string): SweepResult[] {
  const path = join(folder, RESULTS_FILE);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const read = resultSchema.safeParse(parsed(line));
    if (read.success) return read.data;
    throw damaged(`${path}, line ${i + 1}`, "a line that murmur sweep wrote");
  });
}

/** Folders of all its runs that may have charged, of those that failed or were cut off too. */
export function chargedFolders(folder: string): string[] {
  const runs = join(folder, RUNS);
  return readdirSync(runs)
    .map((name) => join(runs, name))
    .filter((run) => existsSync(join(run, LEDGER)) && !wasNeverBegun(run));
}

/** Of all its runs: what they charged is spent. */
export function chargedRuns(folder: string): ChargedRun[] {
  return chargedFolders(folder).map((run) => {
    const { lines } = readLedger(join(run, LEDGER));
    const { privacy } = runPlan(run).plan;
    const history = privacy.past && historyOf(privacy, lines);
    const distance = plannedDistance(privacy);
    return { lines, rawFactor: privacy.rawFactor, distance, history };
  });
}

/** Cut off before the first line of its ledger was whole: without one nothing is charged. */
function wasNeverBegun(run: string): boolean {
  if (!isUnfinished(run) || existsSync(join(run, ANCHOR_FILE))) return false;
  return wholeBytes(readFileSync(join(run, LEDGER))) === 0;
}

/** @throws ScenarioError for another sweep, the same one over other files, or over fewer seeds */
function checkSame(folder: string, kept: SweepFile, plan: SweepPlan): void {
  if (kept.identity !== plan.identity) throw another(folder, kept);
  const changed = Object.keys(plan.files).filter((path) => plan.files[path] !== kept.files[path]);
  if (changed.length > 0) throw changedSince(folder, changed);
  if (plan.spec.repeat < kept.spec.repeat) throw fewerSeeds(folder, kept, plan);
}

function makeOwn(path: string): void {
  try {
    makeFolder(path);
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "sweep folder",
        where: "--out",
        got: reasonOf(cause),
        expected: "a folder that can be made",
        fix: "Name a place that you may write to.",
      },
      { cause },
    );
  }
}

/** Its hashes of private rows are their owner's alone, as what clients-private/ has. */
function writeSweepFile(folder: string, plan: SweepPlan): void {
  const { name, identity, runs, spec, isPublic, files, heldOut } = plan;
  const file: SweepFile = {
    ...{ format: 2, murmur: VERSION, name, identity, runs: runs.length },
    spec: {
      ...spec,
      over: Object.fromEntries(
        Object.entries(spec.over).map(([key, values]) => [key, [...values]]),
      ),
    },
    ...{ isPublic, files, heldOut },
  };
  writeWhole(join(folder, SWEEP_FILE), `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}

function dropTornLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf("\n") + 1;
  if (whole < bytes.length) cutTo(path, whole);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function another(folder: string, kept: SweepFile): ScenarioError {
  return new ScenarioError({
    what: "sweep folder",
    where: "--out",
    got: `${folder}, a sweep of ${kept.name}, ${kept.runs} runs, by Murmur ${kept.murmur}`,
    expected: "a free place, or the same scenario, values and first seed",
    fix: "Name another with --out, or give it the command that began it.",
  });
}

function changedSince(folder: string, paths: readonly string[]): ScenarioError {
  return new ScenarioError({
    what: "sweep.changed",
    where: "--out",
    got: `${folder}, begun on another ${paths.join(", ")}`,
    expected: "the files as they were when it began: what has finished there is of those",
    fix: "Put them back, or name another folder with --out.",
  });
}

/** A curve is over all that its folder has. */
function fewerSeeds(folder: string, { spec }: SweepFile, plan: SweepPlan): ScenarioError {
  return new ScenarioError({
    what: "sweep.seeds",
    where: "--repeat",
    got: `${plan.spec.repeat}, for ${folder} of ${spec.repeat} seeds`,
    expected: `${spec.repeat} or more`,
    fix: `Give --repeat ${spec.repeat}, or name another folder with --out.`,
  });
}

function damaged(where: string, expected: string): ScenarioError {
  const fix = "Move the folder away and run the sweep again.";
  return new ScenarioError({ what: "sweep.damaged", where, got: "something else", expected, fix });
}
