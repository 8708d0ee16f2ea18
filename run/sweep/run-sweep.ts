/** A scenario over a grid of settings and seeds, in a pool of processes, from its plan to its curves. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { compositionOf } from "../../compare/composition.ts";
import { type Curve, curvesOf } from "../../compare/curve.ts";
import { doneResults, newestResults, type SweepResult } from "../../compare/sweep-result.ts";
import { canonicalJson } from "../../shared/canonical.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { VERSION } from "../../shared/version.ts";
import { chargedRuns, SweepFolder } from "../folder/sweep-folder.ts";
import { SWEEP_WORKER_PROGRAM } from "../hosts/host-program.ts";
import { type DataFile, dataFiles, soFarBeside } from "../scenario/data-ledgers.ts";
import {
  planSweep,
  type SweepFlags,
  type SweepPlan,
  type SweepRun,
} from "../scenario/sweep-plan.ts";
import { captionOf } from "./curve-captions.ts";
import { findings, type PrivatePrice } from "./findings.ts";
import type { SweepAnswer, SweepOrder } from "./order.ts";
import { isShared } from "./shared-fault.ts";
import { type Answered, carryOut } from "./worker-pool.ts";

/** Digits of the identity in a folder's name. */
const NAMED_DIGITS = 8;

/** Of all runs, those whose number leaves `index` when divided by `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** How and where a sweep runs. */
export interface SweepPlace {
  /** The sweep's folder; one that it began is gone on with. Absent: one below runs/, the same for the same sweep. */
  readonly out?: string | undefined;
  /** Runs at once; absent: one a core. */
  readonly jobs?: number | undefined;
  readonly shard?: Shard | undefined;
  /** False: no ledger beside files of private rows, so that what the runs cost does not add up. */
  readonly dataLedger?: boolean | undefined;
  /** The built program of a worker, for whoever runs from sources. */
  readonly workerProgram?: string | undefined;
}

export type SweepEvent =
  | {
      readonly event: "opened";
      readonly plan: SweepPlan;
      readonly folder: string;
      /** Runs that are left to do. */
      readonly todo: number;
      /** Runs that were finished before. */
      readonly before: number;
    }
  | { readonly event: "run"; readonly result: SweepResult };

export interface SweepOutcome {
  readonly folder: string;
  /** Of the whole sweep, shards and all. */
  readonly runs: number;
  readonly failed: number;
  /** The newest of each run that has one. */
  readonly results: readonly SweepResult[];
  /** Accuracy against the ε that was spent, a curve for each setting. */
  readonly curves: readonly Curve[];
  /** What the ε are of. */
  readonly caption: readonly string[];
  /** What all runs cost the people in the rows; null: no private row was read. */
  readonly price: PrivatePrice | null;
  /** Why no figure was drawn; null: it was. */
  readonly unfit: string | null;
}

/**
 * @throws ScenarioError for a fault of the file, a flag or any point, before anything runs, or one of the rows, which
 *   no run could do without: nothing is kept then that would stand in the way of the next try; the signal's reason
 *   once it is aborted: the same call goes on where it was
 */
export async function runSweep(
  file: string,
  options: SweepFlags & SweepPlace,
  tell: (event: SweepEvent) => void,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  signal.throwIfAborted();
  const plan = await planSweep(file, options);
  const folder = SweepFolder.open(options.out ?? usualFolder(plan, options.shard), plan);
  try {
    await runAll(plan, file, folder, options, tell, signal);
    signal.throwIfAborted();
    return await conclude(plan, file, folder, options);
  } finally {
    folder.close();
  }
}

/** The same for the same sweep, so that it is found again. */
function usualFolder({ name, identity }: SweepPlan, shard?: Shard): string {
  const part = shard ? `-${shard.index + 1}of${shard.of}` : "";
  return join("runs", `sweep-${name}-${identity.slice(0, NAMED_DIGITS)}${part}`);
}

async function runAll(
  plan: SweepPlan,
  file: string,
  folder: SweepFolder,
  { shard, dataLedger = true, jobs, workerProgram = SWEEP_WORKER_PROGRAM }: SweepPlace,
  tell: (event: SweepEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { runs } = plan;
  const { index = 0, of = 1 } = shard ?? {};
  const own = runs.filter((run) => run.index % of === index);
  const done = new Set(doneResults(folder.results()).map(({ id }) => id));
  const todo = own.filter(({ id }) => !done.has(id));
  const before = own.length - todo.length;
  tell({ event: "opened", plan, folder: folder.path, todo: todo.length, before });
  const orders = todo.map((run) => ({
    ...{ run, file, runs: folder.runs },
    noDataLedger: !dataLedger,
    name: `p${String(run.index).padStart(String(runs.length - 1).length, "0")}`,
  }));
  const stopped = new AbortController();
  const keep = ({ run }: SweepOrder, answered: Answered<SweepAnswer>) => {
    if (stopped.signal.aborted) return;
    const fault = sharedFault(plan, folder, answered);
    if (fault) return stopped.abort(fault);
    const result = resultOf(run, answered);
    folder.append(result);
    tell({ event: "run", result });
  };
  const size = Math.min(jobs ?? availableParallelism(), todo.length);
  await carryOut(workerProgram, size, orders, keep, AbortSignal.any([signal, stopped.signal]));
  if (!stopped.signal.aborted) return;
  folder.discard();
  throw stopped.signal.reason;
}

/** Of a run that was refused for its rows, as all would be: as long as none has finished, nor charged anything. */
function sharedFault(
  plan: SweepPlan,
  folder: SweepFolder,
  answered: Answered<SweepAnswer>,
): ScenarioError | undefined {
  if (answered.kind !== "answer" || answered.answer.outcome !== "failed") return undefined;
  const { refused } = answered.answer;
  if (refused === undefined || !isShared(refused, Object.keys(plan.spec.over))) return undefined;
  return folder.isUsed() ? undefined : new ScenarioError(refused);
}

function resultOf(
  { id, index, setting, seed }: SweepRun,
  answered: Answered<SweepAnswer>,
): SweepResult {
  const point = { id, index, setting, seed };
  if (answered.kind === "answer") {
    const { answer } = answered;
    return answer.outcome === "done"
      ? { ...point, ...answer }
      : { ...point, outcome: "failed", problem: answer.problem };
  }
  const problem = `the process that ran it ended: ${answered.how}`;
  return { ...point, outcome: "failed", problem };
}

/** Writes the curves, and gathers what they say. */
async function conclude(
  plan: SweepPlan,
  file: string,
  folder: SweepFolder,
  { shard, dataLedger = true }: SweepPlace,
): Promise<SweepOutcome> {
  const results = newestResults(folder.results());
  const done = doneResults(results);
  const root = seededRoot(plan.spec.seed);
  const curves = curvesOf(done, (curve) => stream(root, "bootstrap", curve));
  const located = done.map((result) => ({ ...result, run: join(folder.path, result.run) }));
  const caption = captionOf(curves, located);
  const { writeCurves } = await import("./curve-files.ts");
  const composition = plan.isPublic ? null : compositionOf(chargedRuns(folder.path));
  const soFar = dataLedger ? await soFarOfSweep(plan, file) : null;
  const price = composition && { composition, heldOut: plan.heldOut, soFar };
  const unfit = await writeCurves(
    { name: plan.name, murmur: VERSION },
    curves,
    caption,
    [...findings(curves, price), ...shardSentences(shard)],
    (name, content) => folder.write(name, content),
  );
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const facts = { folder: folder.path, runs: plan.runs.length, failed, results };
  return { ...facts, curves, caption, price, unfit };
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

/** What a part of a sweep must say of the others. */
export function shardSentences(shard: Shard | undefined): string[] {
  if (!shard || shard.of === 1) return [];
  const { index, of } = shard;
  return [
    `part ${index + 1} of ${of}; the whole curve, and what all have cost together: murmur compare PART… --out DIR`,
  ];
}
