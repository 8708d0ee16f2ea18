/** `murmur sweep`: a scenario over a grid of settings and seeds, in a pool of processes, resumable. */
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compositionOf } from "../compare/composition.ts";
import { type Curve, curvesOf } from "../compare/curve.ts";
import { doneResults, newestResults, type SweepResult } from "../compare/sweep-result.ts";
import { type DataFile, dataFiles, soFarBeside } from "../run/data-ledgers.ts";
import { chargedRuns, SweepFolder } from "../run/sweep/sweep-folder.ts";
import type { SweepAnswer, SweepOrder } from "../run/sweep/sweep-order.ts";
import {
  planSweep,
  type SweepFlags,
  type SweepPlan,
  type SweepRun,
} from "../run/sweep/sweep-plan.ts";
import { type Answered, carryOut } from "../run/sweep/worker-pool.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { seededRoot, stream } from "../shared/random.ts";
import type { SoFarFile } from "../shared/trace.ts";
import { VERSION } from "../shared/version.ts";
import { captionOf } from "./curve-captions.ts";
import { compositionLines, curveLines, findings, type PrivatePrice } from "./curve-lines.ts";
import type { OutputOptions } from "./output.ts";
import { seedsAsObject } from "./seeds-as-object.ts";
import { INTERRUPTED_EXIT, onSignals } from "./signals.ts";
import { SweepScreen } from "./sweep-screen.ts";

const WORKER_PROGRAM = fileURLToPath(new URL("../run/sweep-worker.js", import.meta.url));
/** Digits of the identity in a folder's name. */
const NAMED_DIGITS = 8;

export interface SweepOptions extends SweepFlags, OutputOptions {
  readonly out?: string;
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly dataLedger: boolean;
}

/** Of all runs, those whose number leaves `index` when divided by `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** @throws ScenarioError for a fault of the file, a flag or any point, before anything runs */
export async function sweep(file: string, options: SweepOptions): Promise<void> {
  const plan = await planSweep(file, options);
  const folder = SweepFolder.open(options.out ?? usualFolder(plan, options.shard), plan);
  try {
    const finished = await runAll(plan, file, folder, options);
    if (!finished) return interrupted(folder);
    await conclude(plan, file, folder, options);
  } finally {
    folder.close();
  }
}

/** The same for the same sweep, so that it is found again. */
function usualFolder({ name, identity }: SweepPlan, shard?: Shard): string {
  const part = shard ? `-${shard.index + 1}of${shard.of}` : "";
  return join("runs", `sweep-${name}-${identity.slice(0, NAMED_DIGITS)}${part}`);
}

/** @returns false where a signal broke it off */
async function runAll(
  { runs, ...plan }: SweepPlan,
  file: string,
  folder: SweepFolder,
  options: SweepOptions,
): Promise<boolean> {
  const { index = 0, of = 1 } = options.shard ?? {};
  const own = runs.filter((run) => run.index % of === index);
  const done = new Set(doneResults(folder.results()).map(({ id }) => id));
  const todo = own.filter(({ id }) => !done.has(id));
  const screen = new SweepScreen(options);
  screen.opening({ runs, ...plan }, todo.length, own.length - todo.length);
  const interrupt = new AbortController();
  const leave = () => process.exit(INTERRUPTED_EXIT);
  const stopListening = onSignals(() => interrupt.abort(), leave);
  const orders = todo.map((run) => ({
    ...{ run, file, runs: folder.runs },
    noDataLedger: !options.dataLedger,
    name: `p${String(run.index).padStart(String(runs.length - 1).length, "0")}`,
  }));
  const jobs = Math.min(options.jobs ?? availableParallelism(), todo.length);
  const keep = ({ run }: SweepOrder, answered: Answered<SweepAnswer>) => {
    const result = resultOf(run, answered);
    folder.append(result);
    screen.finished(result);
  };
  try {
    await carryOut(WORKER_PROGRAM, jobs, orders, keep, interrupt.signal);
  } finally {
    stopListening();
    screen.stop();
  }
  return !interrupt.signal.aborted;
}

function resultOf(
  { id, index, setting, seed }: SweepRun,
  answered: Answered<SweepAnswer>,
): SweepResult {
  const point = { id, index, setting, seed };
  if (answered.kind === "answer") return { ...point, ...answered.answer };
  const problem = `the process that ran it ended: ${answered.how}`;
  return { ...point, outcome: "failed", problem };
}

function interrupted(folder: SweepFolder): void {
  process.exitCode = INTERRUPTED_EXIT;
  process.stderr.write(
    `murmur: interrupted; the same command goes on where it was, in ${folder.path}\n`,
  );
}

async function conclude(
  plan: SweepPlan,
  file: string,
  folder: SweepFolder,
  options: SweepOptions,
): Promise<void> {
  const results = newestResults(folder.results());
  const done = doneResults(results);
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const root = seededRoot(plan.spec.seed);
  const curves = curvesOf(done, (curve) => stream(root, "bootstrap", curve));
  const located = done.map((result) => ({ ...result, run: join(folder.path, result.run) }));
  const caption = captionOf(curves, located);
  const { writeCurves } = await import("./curve-figure.ts");
  const write = (name: string, content: string | Uint8Array) => folder.write(name, content);
  const composition = plan.isPublic ? null : compositionOf(chargedRuns(folder.path));
  const soFar = options.dataLedger ? await soFarOfSweep(plan, file) : null;
  const price = composition && { composition, heldOut: plan.heldOut, soFar };
  const unfit = await writeCurves(
    { name: plan.name, murmur: VERSION },
    curves,
    caption,
    [...findings(curves, price), ...shardLines(options.shard)],
    write,
  );
  if (failed.length > 0) {
    process.exitCode = 1;
    process.stderr.write(
      `murmur: ${failed.length} of ${results.length} runs failed: see results.jsonl; the same command tries them again\n`,
    );
  }
  if (unfit !== null && !options.json && !options.quiet) console.log(`    ${unfit}`);
  tell(plan, folder, options, { curves, caption, price, failed: failed.length });
}

/** What its files of private rows have lost to all runs by now, these and those before. */
async function soFarOfSweep({ runs }: SweepPlan, file: string): Promise<SoFarFile[]> {
  const sources = new Map(
    runs.map(({ scenario }) => [canonicalJson(scenario.data.source), scenario] as const),
  );
  const files = new Map<string, DataFile>();
  for (const scenario of sources.values())
    for (const one of await dataFiles(scenario, file)) files.set(one.path, one);
  return soFarBeside([...files.values()]);
}

interface Conclusion {
  readonly curves: readonly Curve[];
  readonly caption: readonly string[];
  /** null: no private row was read. */
  readonly price: PrivatePrice | null;
  readonly failed: number;
}

function tell(
  plan: SweepPlan,
  folder: SweepFolder,
  options: SweepOptions,
  { curves, caption, price, failed }: Conclusion,
): void {
  if (options.json) {
    const head = { folder: folder.path, runs: plan.runs.length, failed };
    const { composition = null, heldOut = null, soFar = null } = price ?? {};
    const told = { ...head, curves, caption, composition, heldOut, soFar };
    console.log(JSON.stringify(told, seedsAsObject));
    return;
  }
  if (!options.quiet)
    for (const line of [
      ...curveLines(curves, caption),
      ...compositionLines(price),
      ...shardLines(options.shard).map((line) => `    ${line}`),
    ])
      console.log(line);
  console.log(relative(process.cwd(), folder.path));
}

function shardLines(shard: Shard | undefined): string[] {
  if (!shard || shard.of === 1) return [];
  const { index, of } = shard;
  return [
    `part ${index + 1} of ${of}; the whole curve, and what all have cost together: murmur compare PART… --out DIR`,
  ];
}
