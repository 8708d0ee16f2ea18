/** A scenario whose processes are up: seal its plan, open the registry, let clients come, and play. */
import { createHash, randomBytes } from "node:crypto";
import { Registry } from "../server/registry.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { play } from "./play.ts";
import type { Launched, Venue } from "./scene.ts";
import { sealScenario } from "./seal-scenario.ts";
import { Stopwatch } from "./stopwatch.ts";

/** @throws the signal's reason once it is aborted */
export async function launchScene(
  launched: Launched,
  venue: Venue,
  signal: AbortSignal,
): Promise<void> {
  const { scenario, file, hosts } = launched;
  const interrupted = rejection(signal);
  const { sealed, engine, initial } = await Promise.race([
    sealScenario(scenario, file),
    interrupted,
    hosts.refused,
  ]);
  const runId = runIdOf(scenario, sealed);
  const log = (line: string) => void process.stderr.write(`murmur: ${line}\n`);
  const registry = await Registry.open({ ...venue.registry, sealed, runId, log });
  let finished = false;
  try {
    venue.opened(registry, sealed);
    const watch = new Stopwatch(launched.started);
    const scene = { ...launched, sealed, engine, initial, runId, registry, venue, watch };
    await Promise.race([play(scene), hosts.refused, interrupted]);
    finished = true;
  } finally {
    await registry.close(finished ? "the run has ended" : "the run was broken off", finished);
  }
}

/** 16 bytes; under seeded noise they follow from seed and plan, so that a run can be repeated. */
function runIdOf({ seed }: Scenario, { plan, hash }: SealedPlan): Buffer {
  if (plan.privacy.noise === "secure") return randomBytes(16);
  return createHash("sha256").update(`murmur/run/v1/${seed}/${hash}`).digest().subarray(0, 16);
}

/** Rejects when the signal is aborted. */
function rejection(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}
