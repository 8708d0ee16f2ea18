/** IO: who may join by a key of its own: lines of a name and a public key. */
import { readFileSync } from "node:fs";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { isClientName, isWireKey } from "../../shared/wire/wire-values.ts";

export interface Allowed {
  readonly name: string;
  /** base64url. */
  readonly key: string;
}

/** Empty lines, and those that begin with #, say nothing. @throws ScenarioError naming the line */
export function readAllowList(path: string): Allowed[] {
  const allowed: Allowed[] = [];
  for (const [i, line] of textOf(path).split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    const [name = "", key = "", ...more] = line.trim().split(/\s+/);
    const where = `${path}, line ${i + 1}`;
    if (!isClientName(name)) throw fault(where, name, "a name of 1 to 60 letters, digits, -, _, .");
    if (more.length > 0 || !isWireKey(key))
      throw fault(where, "another text", "a name and a public key, as murmur keys new prints them");
    const twice = allowed.find((other) => other.name === name || other.key === key);
    if (twice) throw fault(where, `${name}, and ${twice.name} before`, "each name and key once");
    allowed.push({ name, key });
  }
  if (allowed.length === 0) throw fault(path, "no line", "a line for each who may join");
  return allowed;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw fault(path, reasonOf(cause), "a file that can be read");
  }
}

function fault(where: string, got: string, expected: string): ScenarioError {
  const fix = "Mend that line of the allow list.";
  return new ScenarioError({ what: "allow list", where, got, expected, fix });
}
