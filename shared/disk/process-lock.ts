/** IO: one process at a time at something on disk: a file beside it that names who holds it. */
import { linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { type Problem, ScenarioError } from "../errors.ts";
import { writeFresh } from "./no-links.ts";

const holderSchema = z.strictObject({
  pid: z.number().int().positive(),
  /** When it started, in clock ticks of its machine, where that can be told (Linux): a number may
   * have passed on to another process. */
  started: z.string().nullable(),
  /** Of the machine's boot, where that can be told (Linux): no process outlives it. */
  bootId: z.string().nullable(),
  host: z.string(),
});
export type Holder = Readonly<z.infer<typeof holderSchema>>;

/** What is told of a lock that another process holds. */
export type Held = (path: string, holder: Holder) => Problem;

/**
 * Takes the lock; one whose holder is gone counts for nothing. Of a holder on another machine nobody
 * here can tell: it counts until somebody deletes the file.
 *
 * @returns what gives it back
 * @throws ScenarioError as `held` says, while another process holds it
 */
export function takeLock(path: string, held: Held): () => void {
  // Linked, not written, under its name: whoever finds it finds it whole.
  const draft = `${path}.${process.pid}`;
  writeFresh(draft, JSON.stringify(self()), { mode: 0o600, flush: false });
  try {
    while (!linked(draft, path)) {
      const holder = lockHolder(path);
      if (holder) throw new ScenarioError(held(path, holder));
      clear(path, `${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** Whoever holds the lock now; undefined for one that is free, or whose holder is gone. */
export function lockHolder(path: string): Holder | undefined {
  const holder = readHolder(path);
  return holder && isAlive(holder) ? holder : undefined;
}

/** Moved before it is deleted: what another process took meanwhile is given back. */
function clear(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const taken = lockHolder(aside);
  if (taken) linked(aside, path);
  rmSync(aside, { force: true });
}

function self(): Holder {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? null,
    bootId: bootId(),
    host: hostname(),
  };
}

function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** undefined for a lock that is gone again, or whose bytes the machine lost with its power. */
function readHolder(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started, bootId: boot, host }: Holder): boolean {
  if (host !== hostname()) return true;
  if (boot !== null && boot !== bootId()) return false;
  const start = startOf(pid);
  if (start !== undefined && started !== null) return start === started;
  if (started !== null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be asked, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Field 22 of Linux's /proc/pid/stat; undefined for no such process, one that only waits to be
 * reaped, or another system. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, in brackets, may hold anything: count from behind it, at the third.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}
