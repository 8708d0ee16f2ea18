/** A scenario whose hosts are up: seal its plan, open the registry, deal the clients, and play. */
import { createHash, randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { HostAssignment } from "../client/assignment.ts";
import { Registry } from "../server/registry.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { toWire } from "../shared/wire/wire-values.ts";
import { play } from "./play.ts";
import type { Launched } from "./scene.ts";
import { clientNames, dataAssignment, sealScenario, simulatedFaults } from "./seal-scenario.ts";

const LOOPBACK = "127.0.0.1";

/** @throws the signal's reason once it is aborted */
export async function launchRun(launched: Launched, signal: AbortSignal): Promise<void> {
  const { scenario, file, hosts, folder, options } = launched;
  const interrupted = rejection(signal);
  const { sealed, engine, initial } = await Promise.race([
    sealScenario(scenario, file),
    interrupted,
    hosts.refused,
  ]);
  const runId = runIdOf(scenario, sealed);
  const names = clientNames(scenario.clients.count);
  const registry = await Registry.open({
    sealed,
    runId,
    expected: names,
    host: LOOPBACK,
    port: options.port ?? 0,
    hosts: hosts.all.length,
    timing: TIMING,
    log: (line) => process.stderr.write(`murmur: ${line}\n`),
  });
  try {
    const mineOf = (host: number) => names.filter((_, i) => i % hosts.all.length === host);
    for (const { index, ended } of hosts.all) {
      void ended.then(() => registry.loseClients(mineOf(index), `host ${index} has ended`));
    }
    const { clientLedgers } = options;
    const folders = {
      privateFolder: folder.folder("clients-private"),
      clientLedgers: clientLedgers === undefined ? null : resolve(clientLedgers),
    };
    hosts.assign(assignments(scenario, file, registry, names, mineOf, folders));
    const scene = { ...launched, sealed, engine, initial, runId, registry };
    await Promise.race([play(scene), hosts.refused, interrupted]);
  } finally {
    await registry.close("the run has ended");
  }
}

/** 16 bytes; under seeded noise they follow from seed and plan, so that a run can be repeated. */
function runIdOf({ seed }: Scenario, { plan, hash }: SealedPlan): Buffer {
  if (plan.privacy.noise === "secure") return randomBytes(16);
  return createHash("sha256").update(`murmur/run/v1/${seed}/${hash}`).digest().subarray(0, 16);
}

function assignments(
  scenario: Scenario,
  file: string,
  { audience, tokens, serverKey }: Registry,
  clients: string[],
  mineOf: (host: number) => string[],
  folders: Pick<HostAssignment, "privateFolder" | "clientLedgers">,
): HostAssignment[] {
  return tokens.map((token, index) => ({
    index,
    coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
    data: dataAssignment(scenario, file, clients, mineOf(index), index === 0),
    simulated: simulatedFaults(scenario),
    ...folders,
  }));
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
