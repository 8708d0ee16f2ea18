/**
 * IO: a process that runs a sweep's points, one after another, each as `murmur run` would. What it has
 * loaded stays loaded, and so does its host, with the rows that it has prepared.
 */
import type { ChildProcess } from "node:child_process";
import { basename, join } from "node:path";
import { TooFewClients } from "../../server/rounds/too-few-clients.ts";
import { freeRunPath } from "../../server/run-folder/run-folder.ts";
import { isRefusal } from "../../shared/errors.ts";
import { leaveSignalsToParent } from "../../shared/follow-parent.ts";
import { tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import { TIMING } from "../../shared/timing.ts";
import { carryOut } from "../call.ts";
import { FolderRecord } from "../folder/folder-record.ts";
import { commonLaunch, newRunFolder, type RunLaunch } from "../folder/launch-record.ts";
import { measuredRun } from "../folder/measured-run.ts";
import { runPlan } from "../folder/run-files.ts";
import { HOST_PROGRAM } from "../hosts/host-program.ts";
import { forkHosts, Hosts } from "../hosts/launch.ts";
import type { SweepAnswer, SweepOrder } from "./order.ts";
import { plainProblem } from "./shared-fault.ts";

const INTERRUPTED = new Error("interrupted");
const interrupt = new AbortController();
let host: ChildProcess[] = [];
let running: Promise<unknown> = Promise.resolve();

leaveSignalsToParent();
process.once("disconnect", () => {
  interrupt.abort(INTERRUPTED);
  void running.finally(() => process.exit(0));
});
process.on("message", (order: SweepOrder) => {
  running = answerTo(order).then((answer) => {
    if (process.connected) process.send?.(answer);
  });
});

async function answerTo(order: SweepOrder): Promise<SweepAnswer> {
  try {
    return await runPoint(order);
  } catch (error) {
    if (error instanceof TooFewClients) return { outcome: "failed", problem: error.message };
    if (error === INTERRUPTED) return { outcome: "failed", problem: "interrupted" };
    // A bug keeps its stack, and ends this process alone.
    if (!isRefusal(error)) throw error;
    const problem = `${error.name}: ${error.message}`;
    return { outcome: "failed", problem, refused: plainProblem(error) };
  }
}

async function runPoint({ run, file, runs, name, noDataLedger }: SweepOrder): Promise<SweepAnswer> {
  const { scenario, set } = run;
  const started = performance.now();
  // What an earlier try has left behind stays: it may have been charged.
  const path = freeRunPath(runs, name, scenario.seed);
  const launch: RunLaunch = { ...commonLaunch(file, { set }, {}), command: "run", hosts: 1 };
  if (noDataLedger) launch.noDataLedger = true;
  const folder = newRunFolder(scenario, { out: path }, launch);
  if (!host.every(({ connected }) => connected) || host.length === 0)
    host = forkHosts(HOST_PROGRAM, 1);
  const hosts = new Hosts(HOST_PROGRAM, 1, TIMING, host);
  // One of its own for each run: what listens to it is gone with the run.
  const signal = AbortSignal.any([interrupt.signal]);
  const call = { scenario, file, set, started };
  await carryOut(call, { signal }, new FolderRecord(folder), hosts, launch);
  const tellsTime = tellsRounds(runPlan(path).plan.privacy);
  const seconds = tellsTime ? (performance.now() - started) / 1000 : null;
  return {
    outcome: "done",
    run: join(basename(runs), basename(path)),
    seconds,
    ...measuredRun(path),
  };
}
