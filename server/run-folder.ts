/**
 * IO: all that a run leaves on disk. It is built beside its final place as `<name>.tmp` and renamed
 * when whole, so that a folder under its own name is always a finished run.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { reasonOf, ScenarioError } from "../shared/errors.ts";
import type { RoundTrace } from "../shared/trace.ts";

export class RunFolder {
  /** Where the run will be found, absolute. */
  readonly path: string;
  readonly #building: string;
  /** True once privacy was spent that a ledger in here shows. */
  keep = false;

  /** @param path the final place. @throws ScenarioError if something is there already */
  constructor(path: string) {
    this.path = resolve(path);
    this.#building = `${this.path}.tmp`;
    for (const taken of [this.path, this.#building]) {
      const isEmpty = taken === this.path && isEmptyFolder(taken);
      if (existsSync(taken) && !isEmpty)
        throw new ScenarioError({
          what: "run folder",
          where: "--out",
          got: `${taken}, which exists`,
          expected: "a place that is free",
          fix: "Name another with --out, or move that one away.",
        });
    }
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      mkdirSync(this.#building, { mode: 0o700 });
      // A ledger is only as durable as the name of the folder that it lies in.
      syncFolder(dirname(this.path));
    } catch (cause) {
      throw new ScenarioError(
        {
          what: "run folder",
          where: "--out",
          got: reasonOf(cause),
          expected: "a folder that can be made",
          fix: "Name a place that you may write to.",
        },
        { cause },
      );
    }
  }

  /** Path of a file while the folder is being built. */
  file(name: string): string {
    const path = join(this.#building, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** Path of a folder in it, made. */
  folder(name: string): string {
    const path = join(this.#building, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  write(name: string, content: string | Uint8Array): void {
    // On the disk before the folder gets its name.
    onDisk(name, () => writeFileSync(this.file(name), content, { flush: true }));
  }

  writeJson(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** One more released round. */
  appendRound(round: RoundTrace): void {
    const line = `${JSON.stringify(round)}\n`;
    onDisk("rounds.jsonl", () => appendFileSync(this.file("rounds.jsonl"), line));
  }

  /** Puts the whole folder under its own name. */
  finish(): void {
    // An empty folder that the user made beforehand gives way; one with files in it does not.
    if (existsSync(this.path)) rmdirSync(this.path);
    renameSync(this.#building, this.path);
    syncFolder(dirname(this.path));
  }

  /**
   * The run has failed. Nothing is left of it, unless privacy was spent: then what was charged
   * must not be forgotten, and the folder stays as `<name>.tmp`.
   *
   * @returns where it stays, or nothing
   */
  abandon(): string {
    if (this.keep) return this.#building;
    rmSync(this.#building, { recursive: true, force: true });
    return "";
  }
}

/** @throws ScenarioError `disk.full` for what the disk does not take */
function onDisk(name: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "disk.full",
        where: name,
        got: reasonOf(cause),
        expected: "a disk that takes the run folder",
        fix: "Free some of it, or name another place with --out.",
      },
      { cause },
    );
  }
}

function isEmptyFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && readdirSync(path).length === 0;
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
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
