/** `murmur sweep`: a scenario over a grid of settings and seeds, in a pool of processes, resumable. */
import { relative } from "node:path";
import type { SweepFlags } from "../../run/scenario/sweep-plan.ts";
import {
  runSweep,
  type Shard,
  type SweepEvent,
  type SweepOutcome,
  shardSentences,
} from "../../run/sweep/run-sweep.ts";
import { INTERRUPTED_EXIT, onSignals } from "../operations/signals.ts";
import { compositionLines, curveLines } from "../screen/curve-lines.ts";
import { seedsAsObject } from "../screen/seeds-as-object.ts";
import { SweepScreen } from "../screen/sweep-screen.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface SweepOptions extends SweepFlags, OutputOptions {
  readonly out?: string;
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly dataLedger: boolean;
}

/** @throws ScenarioError for a fault of the file, a flag or any point, before anything runs */
export async function sweep(file: string, options: SweepOptions): Promise<void> {
  const screen = new SweepScreen(options);
  const interrupt = new AbortController();
  let stopListening = () => {};
  let folder = "";
  const show = (event: SweepEvent) => {
    if (event.event === "run") return screen.finished(event.result);
    folder = event.folder;
    screen.opening(event.plan, event.todo, event.before);
    const leave = () => process.exit(INTERRUPTED_EXIT);
    stopListening = onSignals(() => interrupt.abort(), leave);
  };
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep(file, options, show, interrupt.signal);
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    return interrupted(folder);
  } finally {
    stopListening();
    screen.stop();
  }
  conclude(outcome, options);
}

function interrupted(folder: string): void {
  process.exitCode = INTERRUPTED_EXIT;
  process.stderr.write(
    `murmur: interrupted; the same command goes on where it was, in ${folder}\n`,
  );
}

function conclude(outcome: SweepOutcome, options: SweepOptions): void {
  const { failed, results, unfit } = outcome;
  if (failed > 0) {
    process.exitCode = 1;
    process.stderr.write(
      `murmur: ${failed} of ${results.length} runs failed: see results.jsonl; the same command tries them again\n`,
    );
  }
  if (unfit !== null && !options.json && !options.quiet) console.log(`    ${unfit}`);
  print(outcome, options);
}

function print(
  { folder, runs, failed, curves, caption, price }: SweepOutcome,
  { json, quiet, shard }: SweepOptions,
): void {
  if (json) {
    const { composition = null, heldOut = null, soFar = null } = price ?? {};
    const facts = { folder, runs, failed, curves, caption, composition, heldOut, soFar };
    console.log(JSON.stringify(facts, seedsAsObject));
    return;
  }
  if (!quiet)
    for (const line of [
      ...curveLines(curves, caption),
      ...compositionLines(price),
      ...shardSentences(shard).map((sentence) => `    ${sentence}`),
    ])
      console.log(line);
  console.log(relative(process.cwd(), folder));
}
