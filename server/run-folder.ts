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
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ScenarioError } from "../shared/errors.ts";
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
      if (existsSync(taken) && (taken !== this.path || readdirSync(taken).length > 0))
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
    } catch (cause) {
      throw new ScenarioError(
        {
          what: "run folder",
          where: "--out",
          got: cause instanceof Error ? cause.message : cause,
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
    writeFileSync(this.file(name), content);
  }

  writeJson(name: string, value: unknown): void {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** One more released round. */
  appendRound(round: RoundTrace): void {
    appendFileSync(this.file("rounds.jsonl"), `${JSON.stringify(round)}\n`);
  }

  /** Puts the whole folder under its own name. */
  finish(): void {
    // An empty folder that the user made beforehand gives way; one with files in it does not.
    if (existsSync(this.path)) rmdirSync(this.path);
    renameSync(this.#building, this.path);
    const parent = openSync(dirname(this.path), "r");
    fsyncSync(parent);
    closeSync(parent);
  }

  /**
   * The run has failed. Nothing is left of it, unless privacy was spent: then what was charged
   * must not be forgotten, and the folder stays as `<name>.tmp`.
   */
  abandon(): void {
    if (!this.keep) rmSync(this.#building, { recursive: true, force: true });
  }
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
