/** Two of ten clients that send the opposite of what they learned, as long as may be: who outlives it. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);

async function accuracy(name: string, aggregation: string, faults: string): Promise<number> {
  const set = [
    "privacy.trust=none",
    "training.rounds=10",
    `clients.faults=${faults}`,
    `training.aggregation={ ${aggregation} }`,
  ].flatMap((pair) => ["--set", pair]);
  const out = join(folder.path, name);
  return (await runJson("scenarios/faulty.yaml", [...set, "--out", out])).accuracy;
}

const LIARS = "[{ kind: poisoned, how: signFlip, factor: 100, clients: [c03, c07] }]";
let clean = 0;
let poisoned: Record<string, number> = {};
beforeAll(async () => {
  clean = await accuracy("clean", "kind: sum", "[]");
  poisoned = {
    sum: await accuracy("sum", "kind: sum", LIARS),
    median: await accuracy("median", "kind: median", LIARS),
    trimmedMean: await accuracy("trimmed", "kind: trimmedMean, trim: 0.2", LIARS),
  };
}, TIMEOUT_MS);

it("row 38: a sum does not: the model is worse than a coin", () => {
  expect(clean).toBeGreaterThan(0.85);
  expect(poisoned.sum).toBeLessThan(0.5);
});

it.each(["median", "trimmedMean"])("row 38: a %s does, to three points", (kind) => {
  expect(poisoned[kind]).toBeGreaterThan(clean - 0.03);
});
