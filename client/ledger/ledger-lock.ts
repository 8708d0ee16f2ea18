/** IO: one process at a time on a client's ledger: a file that names who holds it. */
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ScenarioError } from "../../shared/errors.ts";

const holderSchema = z.strictObject({
  pid: z.number().int().positive(),
  /** When it started, in clock ticks of its machine, where that can be told (Linux): a number may
   * have passed on to another process. */
  started: z.string().nullable(),
});
type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the lock; one whose holder is gone counts for nothing.
 *
 * @returns what gives it back
 * @throws ScenarioError `clientLedger.locked` while another process holds it
 */
export function takeLock(path: string): () => void {
  const me: Holder = { pid: process.pid, started: startOf(process.pid) ?? null };
  // Linked, not written, under its name: whoever finds it finds it whole.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    while (!linked(draft, path)) {
      const holder = holderOf(path);
      if (holder && isAlive(holder)) throw locked(path, holder.pid);
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
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
function holderOf(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Holder): boolean {
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

function locked(path: string, pid: number): ScenarioError {
  return new ScenarioError({
    what: "clientLedger.locked",
    where: path,
    got: `process ${pid}`,
    expected: "no other process at this client's ledger",
    fix: "Wait until it ends. If it is on another machine that is gone, delete that file.",
  });
}
