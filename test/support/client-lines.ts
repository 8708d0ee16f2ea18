/** A run folder's `clients.jsonl` as the tests read it: what holds for all, then a line a client. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Line {
  readonly client: string;
  readonly joined: boolean;
  readonly lost: boolean;
  readonly connections: number;
  readonly declined: boolean | null;
  readonly updates: number | null;
  readonly bytes: number | null;
}

function jsonLines(runFolder: string) {
  const text = readFileSync(join(runFolder, "clients.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** What holds for all clients. */
export function clientsHead(runFolder: string) {
  const [head] = jsonLines(runFolder);
  return head;
}

/** In the order of their numbers. */
export function clientLines(runFolder: string): Line[] {
  return jsonLines(runFolder).slice(1);
}

/** @throws Error for a name that no line has */
export function clientLine(runFolder: string, name: string): Line {
  const line = clientLines(runFolder).find(({ client }) => client === name);
  if (line === undefined)
    throw new Error(`no line of client ${name} in ${runFolder}/clients.jsonl`);
  return line;
}
