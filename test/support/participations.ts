/** What left clients in a run, by their own ledgers: a witness of a coordinator's charges that is not its own. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Attempts, "round/attempt", of a ledger's whole lines of that kind. Read in the text, by no reader of ours. */
export function attemptsIn(path: string, kind: string): string[] {
  const whole = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return whole.flatMap((line) => {
    const entry = JSON.parse(line);
    return entry.kind === kind ? [`${entry.round}/${entry.attempt}`] : [];
  });
}

/**
 * Attempts in which something left any of the clients whose ledgers lie in `folder`, each once, in order.
 *
 * @returns undefined where they have none
 */
export function participations(folder: string): string[] | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  const all = files.flatMap((name) => attemptsIn(join(folder, name), "participation"));
  return [...new Set(all)].sort();
}

/** Flags that give the clients of a run such ledgers; none where its failpoint would kill a host at its own anchor. */
export function witnesses(failpoint: string, folder: string): string[] {
  return failpoint.startsWith("anchor") ? [] : ["--client-ledgers", folder];
}

/** By what signal a coordinator ended, once its hosts, which have the same stderr, are gone too. */
export function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  child.stdout?.resume();
  child.stderr?.resume();
  return new Promise((resolve) => child.once("close", (_, signal) => resolve(signal)));
}
