/** The commands over many runs. */
import { type Command, InvalidArgumentError } from "commander";
import type { Varied } from "../run/scenario/sweep-plan.ts";
import type { Shard } from "../run/sweep/run-sweep.ts";
import { command, dataLedgerOption, setOption, whole } from "./terminal/command.ts";

const MAX_SEED = 4_294_967_295;
const MAX_SEEDS = 1_000;
const MAX_SETTINGS = 10_000;
const MAX_JOBS = 256;

export function addCompareCommands(program: Command): void {
  command(
    program,
    "sweep",
    "a scenario over a grid of settings and seeds: a privacy–accuracy curve with its error bars",
    "sweep scenarios/purchases.yaml --over privacy.epsilon=0.03,0.1,1,none --over privacy.trust=central,local --repeat 5",
  )
    .argument("<file>", "scenario, YAML; its sweep: block says what the flags do not")
    .option(
      "--over <key=values>",
      "a scenario key and its values, parted by commas; may be repeated; privacy.epsilon=none is the twin without noise, clipping kept",
      varied,
      [],
    )
    .option(
      "--repeat <n>",
      "seeds of each setting (default: 5); with more than before, a sweep goes on to those",
      whole("seeds", 1, MAX_SEEDS),
    )
    .option(
      "--sample <n>",
      "so many settings of the grid, at random (default: all)",
      whole("settings", 1, MAX_SETTINGS),
    )
    .addOption(setOption())
    .option("--seed <n>", "the first seed, instead of the file's", whole("a seed", 0, MAX_SEED))
    .option("--jobs <n>", "runs at once (default: one a core)", whole("jobs", 1, MAX_JOBS))
    .addOption(dataLedgerOption())
    .option("--shard <i/n>", "the i-th of n parts, for n machines", shard)
    .option(
      "--out <dir>",
      "folder; one that this sweep began is gone on with (default: runs/sweep-<name>-<hash>)",
    )
    .action(async (file, options) => (await import("./commands/sweep.ts")).sweep(file, options));

  command(
    program,
    "compare",
    "runs side by side: what differs, and whether that is more than the noise of their seeds",
    "compare runs/purchases-7-1 runs/purchases-7-2",
  )
    .argument("<run...>", "run folders, or folders of murmur sweep (of its shards)")
    .option(
      "--out <dir>",
      "where the curve of one sweep goes, its shards joined: curve.csv, .svg, .png, .html",
    )
    .action(async (runs, options) =>
      (await import("./commands/compare.ts")).compare(runs, options),
    );
}

function varied(text: string, before: readonly Varied[]): Varied[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected key.of.the.scenario=value,value.");
  return [...before, { path: text.slice(0, at), values: text.slice(at + 1) }];
}

function shard(text: string): Shard {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const part = { index: Number(index) - 1, of: Number(of) };
  if (part.index >= 0 && part.index < part.of) return part;
  throw new InvalidArgumentError("Expected i/n, 1 ≤ i ≤ n: 1/3.");
}
