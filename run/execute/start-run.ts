/** A scenario whose hosts are up: seal its plan, open the registry, let clients come, and execute it. */
import { createHash, randomBytes } from "node:crypto";
import { ClientConnections } from "../../server/connections/client-connections.ts";
import type { Observe, RunEvent } from "../../shared/events/run-event.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { hidesCohort, tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { TIMING } from "../../shared/timing.ts";
import { checkWritable, DataLedgers, dataFiles } from "../scenario/data-ledgers.ts";
import { sealScenario } from "../scenario/seal-scenario.ts";
import { type Chance, executeRun } from "./execute-run.ts";
import { factsOf } from "./outcome-of.ts";
import type { Deployment, RunContext, RunRecord, RunSetup } from "./run-context.ts";
import type { RunOutcome } from "./run-outcome.ts";
import { StageTimes } from "./stage-times.ts";

/**
 * When it has settled, nothing writes into the run's folder or its ledgers any more, but hosts that are up.
 *
 * @param chance a test's own
 * @throws the signal's reason once it is aborted
 */
export async function startRun(
  setup: RunSetup,
  deployment: Deployment,
  signal: AbortSignal,
  chance?: Chance,
): Promise<RunOutcome> {
  const { scenario, file, memory, hosts, record } = setup;
  const watch = new StageTimes(setup.started);
  const observe: Observe = (event) => {
    watch.observe(event);
    setup.observe(event);
  };
  const interrupted = interruption(signal, record);
  const files = deployment.keepsDataLedgers ? await dataFiles(scenario, file) : [];
  for (const one of files) checkWritable(one);
  const { sealed, engine, initial, past } = await Promise.race([
    sealScenario(scenario, file, deployment.tellsRows, memory, deployment.outside),
    interrupted,
    hosts.refused,
  ]);
  const draw = () => runIdOf(scenario, sealed);
  const beginning = record.begin(sealed, draw, deployment.command === "serve");
  const { runId } = beginning;
  const hexRunId = Buffer.from(runId).toString("hex");
  const owners = await DataLedgers.open(files, sealed, hexRunId);
  observe(begins(scenario, sealed, runId));
  const facts = { sealed, engine, deployment };
  setup.show({ event: "opened", run: factsOf({ scenario, ...facts }) });
  // What a script has clients do is to be seen, and depends on nothing else.
  const sitsOut = !hidesCohort(sealed.plan.privacy) && faultScript(scenario.clients).length === 0;
  const settings = { ...deployment.registry, sealed, runId, observe, sitsOut };
  const registry = await ClientConnections.open(settings).catch((error: unknown) => {
    owners.close();
    throw error;
  });
  const ended = new AbortController();
  let executed: Promise<RunOutcome> | undefined;
  let finished = false;
  try {
    deployment.opened(registry, sealed);
    watch.lap("start");
    const made = { ...facts, ...beginning, initial, past, registry, owners };
    const run: RunContext = { ...setup, ...made, watch, observe, brokenOff: ended.signal };
    executed = executeRun(run, signal, chance);
    const outcome = await Promise.race([executed, hosts.refused, interrupted]);
    finished = true;
    return outcome;
  } finally {
    const why = finished ? "the run has ended" : "the run was broken off";
    ended.abort(new Error(why));
    await registry.close(why, finished);
    // Its attempt may have been open: what that writes, it has written now.
    await executed?.catch(() => {});
    owners.close();
  }
}

function begins({ name }: Scenario, { plan, hash }: SealedPlan, runId: Uint8Array): RunEvent {
  const { clients, rounds, trust, epsilon, delta } = plan.privacy;
  const secretCohort = hidesCohort(plan.privacy);
  const tellsTimes = tellsRounds(plan.privacy);
  const told = { scenario: name, clients, rounds, trust, epsilon, delta, secretCohort, tellsTimes };
  return { event: "run-begins", runId: Buffer.from(runId).toString("hex"), plan: hash, ...told };
}

/** 16 bytes; under seeded noise they follow from seed and plan, so that a run can be repeated. */
function runIdOf({ seed }: Scenario, { plan, hash }: SealedPlan): Buffer {
  if (plan.privacy.noise === "secure") return randomBytes(16);
  return createHash("sha256").update(`murmur/run/v1/${seed}/${hash}`).digest().subarray(0, 16);
}

/** Rejects once the signal is aborted: at once, or when an attempt that is charged has had its time to end. */
function interruption(signal: AbortSignal, record: RunRecord): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => {
      const graceMs = record.isBegun ? TIMING.stopMs : 0;
      setTimeout(() => reject(signal.reason), graceMs).unref();
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}
