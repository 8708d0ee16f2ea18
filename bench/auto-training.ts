/**
 * IO: `training: auto` beside constants that people chose, at five ε.
 *
 *     node dist/bench/auto-training.js SEEDS [FOLDER of bench/own-tables.py] [NAME…]
 *
 * Shipped scenarios keep their own block as the other arm, tables the one that `init` wrote before there was `auto`:
 * rounds and rates by the root of the population, chosen on these tables at ε 1 and more. Trust central; seeds are
 * paired, and of a table its folds too. Accuracy on the held-out rows in percent; auto − chosen has its 95 % interval over the pairs.
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
const SHIPPED = ["purchases", "online-retail", "adult"];
const EPSILONS = [0.03, 0.1, 0.3, 1, 3];

const tablesSchema = z.array(
  z.object({
    name: z.string(),
    label: z.string(),
    folds: z.array(z.object({ folder: z.string() })),
  }),
);

interface Study {
  readonly file: string;
  /** In place of `training: auto`, where the file says that. */
  readonly chosen?: (population: number) => object;
}

/** What `init` wrote until 0.2: between bounds, rounds and first rate by the root of the population. */
function beforeAuto(population: number) {
  const root = Math.sqrt(population);
  const rounds = Math.round(Math.min(Math.max(4 * root, 50), 200));
  const start = Number(Math.min(Math.max(root / 50, 1), 2).toPrecision(2));
  const end = Number((start / 10).toPrecision(2));
  const learningRate = { schedule: "cosine", start, end };
  return { algorithm: "dpSgd", rounds, learningRate, momentum: 0.9, clipNorm: 1 };
}

const [seeds = "3", folder, ...names] = process.argv.slice(2);
const wanted = (name: string) => names.length === 0 || names.includes(name);

for (const name of SHIPPED.filter(wanted))
  await compared(name, [
    { file: fileURLToPath(new URL(`../../scenarios/${name}.yaml`, import.meta.url)) },
  ]);
if (folder !== undefined) {
  const tables = tablesSchema.parse(JSON.parse(readFileSync(join(folder, "tables.json"), "utf8")));
  for (const { name, label, folds } of tables.filter((table) => wanted(table.name))) {
    const place = mkdtempSync(join(tmpdir(), "murmur-auto-"));
    try {
      const studies = folds.map((fold, i) => {
        const own = join(place, `fold-${i}`);
        const [train, test] = ["train.csv", "test.csv"].map((part) =>
          join(folder, fold.folder, part),
        );
        const flags = [
          "--from",
          train ?? "",
          "--test",
          test ?? "",
          "--target",
          label,
          "--public",
          "--quiet",
        ];
        execFileSync(process.execPath, [MAIN, "init", own, ...flags], { stdio: "pipe" });
        return { file: join(own, "scenario.yaml"), chosen: beforeAuto };
      });
      await compared(name, studies);
    } finally {
      rmSync(place, { recursive: true });
    }
  }
}

/** A line for each ε. */
async function compared(name: string, studies: readonly Study[]): Promise<void> {
  for (const epsilon of EPSILONS) {
    const [auto, chosen]: [number[], number[]] = [[], []];
    for (const { file, chosen: other } of studies)
      for (let seed = 1; seed <= Number(seeds); seed++) {
        const set = { seed, "privacy.trust": "central", "privacy.epsilon": epsilon };
        const population = Number(/population: (\d+)/.exec(readFileSync(file, "utf8"))?.[1]);
        const block = other && { training: other(population) };
        auto.push(await accuracy(file, { ...set, training: "auto" }));
        chosen.push(await accuracy(file, { ...set, ...block }));
      }
    const gains = summaryOf(auto.map((value, i) => value - (chosen[i] ?? Number.NaN)));
    const means = [auto, chosen].map((values) => summaryOf(values).mean.toFixed(2)).join(" | ");
    const half = gains.interval ? (gains.interval[1] - gains.mean).toFixed(2) : "–";
    process.stdout.write(
      `| ${name} | ${epsilon} | ${means} | ${gains.mean.toFixed(2)} ± ${half} |\n`,
    );
  }
}

async function accuracy(file: string, set: Record<string, unknown>): Promise<number> {
  const { accuracy: share } = await simulate(file, { set });
  return 100 * (share ?? Number.NaN);
}
