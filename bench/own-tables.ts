/**
 * IO: what `murmur init FOLDER --public` proposes, run with no other edit, beside scikit-learn on the same folds.
 *
 *     python bench/own-tables.py FOLDER REPEATS             (its head says what it needs)
 *     node dist/bench/own-tables.js FOLDER [TABLE…]         default: all
 *
 * A row a table: means over all folds of all repeats, in percent; those under ε over the first repeat's. Differences are
 * scikit-learn's model minus Murmur without privacy, with the corrected resampled 95 % interval: folds share most of
 * their training rows, so the variance of the mean of n differences is (1/n + held out/trained on)·s² in place of
 * s²/n (Nadeau & Bengio 2003; for repeats Bouckaert & Frank 2004).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { summaryOf } from "../compare/seed-statistics.ts";
import { simulate } from "../run/simulate.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const SETTINGS = {
  none: { "privacy.trust": "none" },
  "ε 3": { "privacy.epsilon": 3 },
  "ε 1": { "privacy.epsilon": 1 },
} as const;
/** Of five folds one is held out. */
const FOLDS = 5;

const tableSchema = z.object({
  ...{
    name: z.string(),
    label: z.string(),
    tuned: z.boolean(),
    rows: z.number(),
    inputs: z.number(),
  },
  /** Inputs of text, classes, rows with an empty cell. */
  ...{ texts: z.number(), classes: z.number(), missing: z.number() },
  folds: z.array(
    z.object({
      folder: z.string(),
      ...{ majority: z.number(), linear: z.number(), mlp: z.number() },
    }),
  ),
});
type Table = z.infer<typeof tableSchema>;

const [folder = "", ...names] = process.argv.slice(2);
const tables = z
  .array(tableSchema)
  .parse(JSON.parse(readFileSync(join(folder, "tables.json"), "utf8")))
  .filter(({ name }) => names.length === 0 || names.includes(name));

/** What one fold's proposal reaches on the held-out rows, by setting, in percent. */
async function reached(
  { label }: Table,
  fold: string,
  settings: Partial<typeof SETTINGS>,
): Promise<Record<string, number>> {
  const place = mkdtempSync(join(tmpdir(), "murmur-own-"));
  try {
    const own = join(place, "own");
    const files = [
      "--from",
      join(folder, fold, "train.csv"),
      "--test",
      join(folder, fold, "test.csv"),
    ];
    const flags = ["--target", label, "--public", "--quiet"];
    execFileSync(process.execPath, [MAIN, "init", own, ...files, ...flags], { stdio: "pipe" });
    const accuracies: Record<string, number> = {};
    for (const [name, set] of Object.entries(settings)) {
      const { accuracy } = await simulate(join(own, "scenario.yaml"), { set });
      accuracies[name] = 100 * (accuracy ?? Number.NaN);
    }
    return accuracies;
  } finally {
    rmSync(place, { recursive: true });
  }
}

function mean(values: readonly number[]): string {
  return summaryOf(values).mean.toFixed(1);
}

/** Of folds of equal size one is held out and the others are trained on. */
function corrected(differences: readonly number[]): string {
  const { n, mean: middle, interval } = summaryOf(differences);
  const half = interval === null ? 0 : interval[1] - middle;
  return `${middle.toFixed(1)} ± ${(half * Math.sqrt(1 + n / (FOLDS - 1))).toFixed(1)}`;
}

const heads = [
  "rows",
  "inputs (text)",
  "rows with an empty cell",
  "classes",
  "majority",
  "linear",
  "MLP",
];
const columns = ["table", ...heads, ...Object.keys(SETTINGS), "linear − none", "MLP − none"];
process.stdout.write(`| ${columns.join(" | ")} |\n|${"---|".repeat(columns.length)}\n`);
for (const table of tables) {
  const { name, tuned, rows, inputs, texts, missing, classes, folds } = table;
  const runs: Record<string, number>[] = [];
  for (const [i, { folder: fold }] of folds.entries())
    runs.push(await reached(table, fold, i < FOLDS ? SETTINGS : { none: SETTINGS.none }));
  const of = (setting: string) => runs.flatMap((run) => run[setting] ?? []);
  const others = (["majority", "linear", "mlp"] as const).map((key) =>
    mean(folds.map((f) => f[key])),
  );
  const behind = (key: "linear" | "mlp") =>
    corrected(of("none").map((none, i) => (folds[i]?.[key] ?? Number.NaN) - none));
  const named = tuned ? name : `${name} (not tuned on)`;
  const what = [named, rows, `${inputs} (${texts})`, missing, classes, ...others];
  const ours = Object.keys(SETTINGS).map((setting) => mean(of(setting)));
  process.stdout.write(`| ${[...what, ...ours, behind("linear"), behind("mlp")].join(" | ")} |\n`);
}
