/** `murmur run --transcript`: what the coordinator received under masks, and the page's piece of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { histogramOf } from "../../report/figures/masks-figure.ts";
import { readTranscript } from "../../run/folder/read-transcript.ts";
import { murmur, ROOT, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const PURCHASES = join(ROOT, "scenarios/purchases.yaml");
const folder = scratch();
const run = join(folder.path, "run");
afterAll(() => folder.remove());
beforeAll(async () => {
  const set = ["--set", "privacy.trust=distributed"];
  const { status, stderr } = await murmur(["run", PURCHASES, ...set, "--transcript", "--out", run]);
  if (status !== 0) throw new Error(stderr);
}, TIMEOUT_MS);

const line = z.object({
  round: z.number(),
  step: z.string(),
  client: z.number().optional(),
  at: z.number().optional(),
  words: z.number().optional(),
});
const lines = () =>
  readFileSync(join(run, "transcript.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((text) => line.parse(JSON.parse(text)));

it("has each answer of each client, step by step, and each opened sum", () => {
  const steps = ["keys", "packets", "masked", "confirm", "unmask"];
  for (const round of [0, 1, 2, 3, 4]) {
    const of = lines().filter((one) => one.round === round);
    const due = [...steps.flatMap((step) => new Array<string>(10).fill(step)), "sum"];
    expect(of.map(({ step }) => step)).toEqual(due);
    for (const step of steps) {
      const clients = of.flatMap((one) => (one.step === step ? [one.client] : []));
      expect(clients.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  }
});

it("holds masked words that are noise, and sums that are not", () => {
  const all = readFileSync(join(run, "transcript.bin"));
  const wordsOf = (step: string) =>
    lines().flatMap(({ step: of, at = 0, words = 0 }) =>
      of === step ? Array.from({ length: words }, (_, i) => all.readInt32LE(at + 4 * i)) : [],
    );
  // Uniform words: 50 vectors of 177; chi-square of 32 bins, 31 degrees of freedom: above 92 or below 6.3
  // by chance once in 10^6 or less, each. Their masks come from the operating system.
  const masked = histogramOf(Int32Array.from(wordsOf("masked")));
  const expected = (50 * 177) / 32;
  const statistic = masked.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(statistic).toBeLessThan(92);
  expect(statistic).toBeGreaterThan(6);
  expect(Math.max(...wordsOf("sum").map(Math.abs))).toBeLessThan(2 ** 22);
});

it("is in the report, one masked update beside the sum", () => {
  const report = readTranscript(run);
  expect(report).toMatchObject({ round: 4, words: 177 });
  const bins = report?.masked.filter((count) => count > 0).length ?? 0;
  expect(bins).toBeGreaterThan(16);
  expect(report?.sum.filter((count) => count > 0).length).toBeLessThanOrEqual(2);
  const page = readFileSync(join(run, "report.html"), "utf8");
  expect(page).toContain("What masks hide");
  expect(page).toContain("One masked update, and the sum that it went into");
});

it(
  "is refused where what arrives is no noise",
  async () => {
    const out = join(folder.path, "central");
    const flags = ["--set", "privacy.trust=central", "--transcript", "--out", out];
    const { status, stderr } = await murmur(["run", PURCHASES, ...flags]);
    expect(status).toBe(2);
    expect(stderr).toContain("--transcript");
    expect(existsSync(out) || existsSync(`${out}.tmp`)).toBe(false);
  },
  TIMEOUT_MS,
);
