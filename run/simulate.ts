/**
 * A run in this process, from its scenario to its outcome: the coordinator and all clients, which reach each
 * other by connections in memory. What comes out has the bytes of `murmur run`, whatever number of hosts that has.
 */
import { broughtAlong, nameInPlan } from "../client/algorithms/outside.ts";
import type { OutsideAlgorithm } from "../client/algorithms/outside-algorithm.ts";
import { requireOptions } from "../shared/call-arguments.ts";
import { ScenarioError } from "../shared/errors.ts";
import { isPublicData } from "../shared/scenario/schema.ts";
import {
  begin,
  CALL_OPTIONS,
  type Call,
  type CallOptions,
  folderFor,
  type RunningCall,
  readCall,
} from "./call.ts";
import { MemoryRecord } from "./execute/memory-record.ts";
import type { RunRecord } from "./execute/run-context.ts";
import { inProcessHosts } from "./hosts/in-process-host.ts";

export interface SimulateOptions extends CallOptions {
  /** A run folder, as `murmur run` leaves one; private rows have one. Absent: nothing is written. */
  readonly out?: string;
  /**
   * In the place of the scenario's: an algorithm of your own, where the unit is the client. What it returns is clipped
   * and noised like any update; what its ε rests on besides, `OutsideAlgorithm` says, and every guarantee.
   */
  readonly algorithm?: OutsideAlgorithm;
}

const SIMULATE_OPTIONS = { ...CALL_OPTIONS, out: "text", algorithm: "any" } as const;

/**
 * Returns at once: a promise of the result, and an iterable of the events (`Running`). What is refused rejects it.
 *
 * @param scenario path of a file, or its content; in the place of a path its `data.source.file`, `testFile` and each
 *   of `files` may be public rows, `[{ column: cell, … }, …]`, read as the same rows in a file of JSON lines are
 * @throws ScenarioError for what cannot be run, and for private rows without a folder: no charge may live in
 *   memory alone; BudgetError for what is not within budget or limits; the signal's reason once it is aborted
 */
export function simulate(scenario: string | object, options: SimulateOptions = {}): RunningCall {
  return begin(options, async () => {
    requireOptions(options, SIMULATE_OPTIONS, "simulate");
    const outside = options.algorithm && broughtAlong(options.algorithm);
    const set = outside && { ...options.set, "training.algorithm": nameInPlan(outside) };
    const call = await readCall(
      scenario,
      { ...options, ...(set && { set }) },
      "simulate",
      SIMULATE_OPTIONS,
    );
    const record = await recordOf(call, options.out);
    const { hosts, door } = inProcessHosts(1, { memory: call.memory, outside });
    const place = { place: "in this process", door, outside: outside && nameInPlan(outside) };
    return { call, record, hosts, place };
  });
}

async function recordOf(call: Call, out: string | undefined): Promise<RunRecord> {
  if (out !== undefined) return folderFor(call, 1, out);
  if (isPublicData(call.scenario)) return new MemoryRecord();
  throw new ScenarioError({
    what: "out",
    where: "simulate",
    got: "private rows, and no folder",
    expected: "a folder for the run's ledger: no charge lives in memory alone",
    fix: "Name one as `out`, or say data.source.public: true if the rows are.",
  });
}
