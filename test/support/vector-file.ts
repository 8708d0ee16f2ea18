import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A JSON file of test/vectors, unchecked. */
export function vectorFile(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../vectors", name), "utf8"));
}
