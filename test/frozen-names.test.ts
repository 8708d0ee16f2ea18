/**
 * Names that stand in files, in messages and in what keys and randomness are derived from. Files are read
 * again years later, and each of these strings moves bytes: whoever renames an identifier leaves them alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { factsSchema } from "../server/run-folder/checkpoint.ts";
import { LEDGER_FORMAT } from "../shared/ledger/ledger-line.ts";
import { planSchema } from "../shared/plan/plan.ts";
import { SCHEMAS } from "../shared/wire/protocol.ts";
import { ROOT } from "./support/murmur.ts";

const PRODUCT = ["cli", "client", "compare", "run", "server", "shared"];
const sources = PRODUCT.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
);

/** Paths of all keys that a schema knows, `[]` for an item, `*` for a key that data choose. */
function keysOf(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { unrepresentable: "any", io: "input", reused: "inline" });
  const found = new Set<string>();
  walk(json, "", found);
  return [...found].sort();
}

function walk(json: unknown, path: string, found: Set<string>): void {
  if (typeof json !== "object" || json === null) return;
  const { properties, items, prefixItems, additionalProperties, anyOf, oneOf, allOf } =
    json as Record<string, unknown>;
  for (const [key, value] of Object.entries(properties ?? {})) {
    const at = path === "" ? key : `${path}.${key}`;
    const constant = typeof value === "object" && value !== null && "const" in value;
    found.add(constant ? `${at} = ${value.const}` : at);
    walk(value, at, found);
  }
  walk(items, `${path}[]`, found);
  walk(additionalProperties, `${path}.*`, found);
  for (const list of [prefixItems, anyOf, oneOf, allOf])
    for (const one of Array.isArray(list) ? list : [])
      walk(one, list === prefixItems ? `${path}[]` : path, found);
}

it.each([
  ["plan.json", planSchema],
  ["ledger.jsonl", LEDGER_FORMAT.schema],
  ["a checkpoint", factsSchema],
  ["messages of a client", SCHEMAS.client],
  ["messages of the coordinator", SCHEMAS.server],
])("has the keys of %s", (_, schema) => {
  expect(keysOf(schema)).toMatchSnapshot();
});

it("derives keys, hashes and randomness under these contexts", () => {
  const contexts = sources.flatMap((text) =>
    [...text.matchAll(/["`](murmur\/[^"`$]*)/g)].map(([, context]) => context),
  );
  expect([...new Set(contexts)].sort()).toMatchSnapshot();
});

it("draws random streams for these purposes", () => {
  const random = readFileSync(join(ROOT, "shared/noise/random.ts"), "utf8");
  const [, union = ""] = /export type Purpose =([^;]*);/.exec(random) ?? [];
  const purposes = [...union.matchAll(/"(\w+)"/g)].map(([, purpose]) => purpose);
  expect(purposes.length, "shared/noise/random.ts has the purposes").toBeGreaterThan(10);
  expect(purposes).toMatchSnapshot();
});
