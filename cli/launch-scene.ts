/** A scenario whose processes are up: seal its plan, open the registry, let clients come, and play. */
import { createHash, randomBytes } from "node:crypto";
import { Registry } from "../server/registry.ts";
import type { RunFolder } from "../server/run-folder.ts";
import { hidesCohort, tellsRounds } from "../shared/cohort-secrecy.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Observe, RunEvent } from "../shared/run-event.ts";
import { faultScript } from "../shared/scenario/fault-schema.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { checkWritable, DataLedgers, dataFiles } from "./data-ledgers.ts";
import { keptRunId } from "./launch-record.ts";
import { type Chance, play } from "./play.ts";
import { findResumePoint } from "./resume-point.ts";
import type { Launched, Venue } from "./scene.ts";
import { sealScenario } from "./seal-scenario.ts";
import { Stopwatch } from "./stopwatch.ts";

/**
 * @param chance a test's own
 * @throws the signal's reason once it is aborted
 */
export async function launchScene(
  launched: Launched,
  venue: Venue,
  signal: AbortSignal,
  chance?: Chance,
): Promise<void> {
  const { scenario, file, hosts, folder } = launched;
  const watch = new Stopwatch(launched.started);
  const observe: Observe = (event) => {
    watch.observe(event);
    launched.observe(event);
  };
  const interrupted = interruption(signal, folder);
  const files = venue.keepsDataLedgers ? await dataFiles(scenario, file) : [];
  for (const one of files) checkWritable(one);
  const { sealed, engine, initial, past } = await Promise.race([
    sealScenario(scenario, file, venue.tellsRows),
    interrupted,
    hosts.refused,
  ]);
  const resumed = findResumePoint(folder, sealed, venue.command === "serve");
  if (!folder.has("plan.json")) folder.write("plan.json", sealed.bytes);
  const runId = resumed?.runId ?? keptRunId(folder, () => runIdOf(scenario, sealed));
  const hexRunId = Buffer.from(runId).toString("hex");
  const owners = await DataLedgers.open(files, sealed, hexRunId);
  observe(beginning(scenario, sealed, runId));
  // What a script has clients do is to be seen, and depends on nothing else.
  const sitsOut = !hidesCohort(sealed.plan.privacy) && faultScript(scenario.clients).length === 0;
  const registry = await Registry.open({ ...venue.registry, sealed, runId, observe, sitsOut });
  let finished = false;
  try {
    venue.opened(registry, sealed);
    watch.lap("start");
    const made = { sealed, engine, initial, past, runId, resumed, registry, venue, owners };
    const scene = { ...launched, ...made, watch, observe };
    await Promise.race([play(scene, signal, chance), hosts.refused, interrupted]);
    finished = true;
  } finally {
    owners.close();
    await registry.close(finished ? "the run has ended" : "the run was broken off", finished);
  }
}

function beginning({ name }: Scenario, { plan, hash }: SealedPlan, runId: Uint8Array): RunEvent {
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
function interruption(signal: AbortSignal, folder: RunFolder): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => {
      const graceMs = folder.keep ? TIMING.stopMs : 0;
      setTimeout(() => reject(signal.reason), graceMs).unref();
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}
