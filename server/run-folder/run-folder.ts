/**
 * IO: all that a run leaves on disk. It is built beside its final place as `<name>.tmp` and renamed
 * when whole, so that a folder under its own name is always a finished run.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { appendTo, linkIn } from "../../shared/disk/no-links.ts";
import { type Holder, lockHolder, takeLock } from "../../shared/disk/process-lock.ts";
import { syncFolder } from "../../shared/disk/sync-folder.ts";
import { copyTimeFree, takeTimesOff } from "../../shared/disk/time-free.ts";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { type Problem, reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { removeCheckpoints } from "./checkpoint.ts";
import { onDisk } from "./on-disk.ts";

/** How the run was started, which is what resuming it takes; gone once it is finished. */
export const LAUNCH_FILE = "launch.json";
const LOCK_FILE = "run.lock";
/** Of the clients of our own hosts, for their owners' eyes. */
export const PRIVATE_FOLDER = "clients-private";
const CLIENT_STATE = /\.control(\.tmp)?$/;

export class RunFolder {
  /** Where the run will be found, absolute. */
  readonly path: string;
  /** Where it is built. */
  readonly building: string;
  /** True once something was charged, or a checkpoint is there: then a run that fails leaves it. */
  keep = false;
  /** False where no file may say when it was written: see `hideTimes`. */
  tellsTimes = true;
  readonly #unlock: () => void;

  /** A process that ends amid the run gives its lock back too. */
  private constructor(path: string, unlock: () => void) {
    this.path = path;
    this.building = `${path}.tmp`;
    this.#unlock = unlock;
    process.once("exit", unlock);
  }

  /** @param place the final one. @throws ScenarioError if something is there already */
  static create(place: string): RunFolder {
    const path = resolve(place);
    const building = `${path}.tmp`;
    if (existsSync(building)) refuseCutOff(path);
    if (existsSync(path) && !isEmptyFolder(path)) throw taken(path);
    try {
      makeFolder(dirname(path));
      mkdirSync(building, { mode: 0o700 });
      // A ledger is only as durable as the name of the folder that it lies in.
      syncFolder(dirname(path));
    } catch (cause) {
      throw unusable("--out", cause);
    }
    return new RunFolder(path, lock(building));
  }

  /**
   * Goes on with a run that was cut off.
   *
   * @param run its folder, with `.tmp` behind its name or without
   * @throws ScenarioError for one that is finished, not there, or at which another process is; for one in
   *   which something leads out of it
   */
  static reopen(run: string): RunFolder {
    const path = resolve(run).replace(/\.tmp$/, "");
    const building = `${path}.tmp`;
    if (!existsSync(building)) throw nothingToResume(path);
    const link = linkIn(building, (name) => name.startsWith(LOCK_FILE));
    if (link !== undefined) throw leadsOut(link);
    const folder = new RunFolder(path, lock(building));
    folder.keep = true;
    return folder;
  }

  /** Path of a file while the folder is being built. */
  file(name: string): string {
    const path = join(this.building, name);
    onDisk(name, () => {
      // Gone amid the run, it must not be made anew: its ledger would not be in there.
      statSync(this.building);
      makeFolder(dirname(path));
    });
    return path;
  }

  /** Path of a folder in it, made. */
  folder(name: string): string {
    const path = join(this.building, name);
    makeFolder(path, 0o700);
    return path;
  }

  write(name: string, content: string | Uint8Array, mode?: number): void {
    // On the disk before the folder gets its name.
    const path = this.file(name);
    // What a run that is resumed reads is never half of it.
    onDisk(name, () => writeWhole(path, content, { mode }));
  }

  writeJson(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  has(name: string): boolean {
    return existsSync(join(this.building, name));
  }

  read(name: string): Buffer {
    return readFileSync(join(this.building, name));
  }

  /** One more released round. @param durable false: it comes to the disk when it may */
  appendRound(round: RoundTrace, durable: boolean): void {
    const line = `${JSON.stringify(round)}\n`;
    const path = this.file("rounds.jsonl");
    onDisk("rounds.jsonl", () => appendTo(path, line, durable));
  }

  /** To be called after each step of a round: where files may not tell times, they have none then. */
  hideTimes(): void {
    if (!this.tellsTimes) takeTimesOff(this.building);
  }

  /** Puts the whole folder under its own name. */
  finish(): void {
    // An empty folder that the user made beforehand gives way; one with files in it does not.
    if (existsSync(this.path)) rmdirSync(this.path);
    if (this.tellsTimes) renameSync(this.building, this.path);
    else this.#finishTimeFree();
    syncFolder(dirname(this.path));
    tidy(this.path);
    if (!this.tellsTimes) takeTimesOff(this.path, true);
    process.off("exit", this.#unlock);
  }

  /**
   * What was written in the course of the rounds has the file system's own times, which nobody can set:
   * all is made anew at the end. Cut off amid it, the run is still in its building place.
   */
  #finishTimeFree(): void {
    const fresh = `${this.path}.fresh`;
    rmSync(fresh, { recursive: true, force: true });
    copyTimeFree(this.building, fresh);
    renameSync(fresh, this.path);
    rmSync(this.building, { recursive: true, force: true });
  }

  /**
   * The run has failed, and nothing writes into its folder any more. Nothing is left of it, unless something was
   * charged, which must not be forgotten: then the folder stays as `<name>.tmp`, free for `resume`.
   *
   * @returns where it stays, or nothing
   */
  abandon(): string {
    process.off("exit", this.#unlock);
    if (this.keep) {
      this.#unlock();
      return this.building;
    }
    rmSync(this.building, { recursive: true, force: true });
    return "";
  }
}

/** Takes away what only a run that goes on has use for. */
function tidy(path: string): void {
  removeCheckpoints(path);
  for (const name of [LAUNCH_FILE, LOCK_FILE]) rmSync(join(path, name), { force: true });
  // A host that was killed could not take its clients' own state away: functions of their rows.
  const own = join(path, PRIVATE_FOLDER);
  for (const name of existsSync(own) ? readdirSync(own) : [])
    if (CLIENT_STATE.test(name)) rmSync(join(own, name), { force: true });
}

/** @throws ScenarioError `run.locked` while another process is at that run */
function lock(building: string): () => void {
  try {
    return takeLock(join(building, LOCK_FILE), locked);
  } catch (cause) {
    if (cause instanceof ScenarioError) throw cause;
    throw unusable(building, cause);
  }
}

function locked(where: string, { pid, host }: Holder): Problem {
  return {
    what: "run.locked",
    where,
    got: `process ${pid} on ${host}`,
    expected: "no other coordinator at this run",
    fix: "Wait until it ends, or end it. If that machine is gone, delete the file named here.",
  };
}

function refuseCutOff(path: string): never {
  const building = `${path}.tmp`;
  const lockPath = join(building, LOCK_FILE);
  const holder = lockHolder(lockPath);
  if (holder) throw new ScenarioError(locked(lockPath, holder));
  throw new ScenarioError({
    what: "run folder",
    where: "--out",
    got: `${building}, which exists: a run that was cut off`,
    expected: "a place that is free",
    fix: `Go on with it (murmur resume ${path}), name another with --out, or move it away.`,
  });
}

function taken(path: string): ScenarioError {
  return new ScenarioError({
    what: "run folder",
    where: "--out",
    got: `${path}, which exists`,
    expected: "a place that is free",
    fix: "Name another with --out, or move that one away.",
  });
}

function unusable(where: string, cause: unknown): ScenarioError {
  return new ScenarioError(
    {
      what: "run folder",
      where,
      got: reasonOf(cause),
      expected: "a folder that can be made and written to",
      fix: "Name a place that you may write to.",
    },
    { cause },
  );
}

function nothingToResume(path: string): ScenarioError {
  const refused = { what: "resume", where: path };
  const expected = "a run that was cut off, which is in a folder named .tmp";
  if (["plan.json", "manifest.json"].every((name) => existsSync(join(path, name))))
    return new ScenarioError({
      ...refused,
      got: "a finished run",
      expected,
      fix: "There is nothing to resume; murmur verify holds it against its ledger.",
    });
  const there = existsSync(path) && !isEmptyFolder(path);
  return new ScenarioError({
    ...refused,
    got: there ? "what is no run" : "no such run",
    expected,
    fix: "Name the folder that murmur run printed when it was cut off.",
  });
}

function leadsOut(link: string): ScenarioError {
  return new ScenarioError({
    what: "run folder",
    where: link,
    got: "a link, or what is neither a file nor a folder",
    expected: "files of the run's own: what is written there must stay in it",
    fix: "Think who put it there. Copy the folder with what links point to (cp -rL), or take it away.",
  });
}

function isEmptyFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && readdirSync(path).length === 0;
}

/** `<folder>/<name>-<seed>-<n>` with the n after the largest that is taken. */
export function freeRunPath(folder: string, name: string, seed: number): string {
  const stem = `${name}-${seed}-`;
  const taken = existsSync(folder) ? readdirSync(folder) : [];
  const numbers = taken
    .filter((entry) => entry.startsWith(stem))
    .map((entry) => Number.parseInt(basename(entry, ".tmp").slice(stem.length), 10))
    .filter(Number.isSafeInteger);
  return join(folder, `${stem}${Math.max(0, ...numbers) + 1}`);
}
