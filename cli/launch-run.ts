/** All clients on this machine: each host is told its own, and joins like a stranger would. */
import { resolve } from "node:path";
import type { HostAssignment } from "../client/assignment.ts";
import type { Registry } from "../server/registry.ts";
import { isPublicData } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { toWire } from "../shared/wire/wire-values.ts";
import { launchScene } from "./launch-scene.ts";
import type { RunOptions } from "./run.ts";
import type { Launched } from "./scene.ts";
import { clientNames, dataAssignment, simulatedFaults } from "./seal-scenario.ts";

const LOOPBACK = "127.0.0.1";

export function launchRun(
  launched: Launched,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { scenario, hosts } = launched;
  const names = clientNames(scenario.clients.count);
  const count = hosts.all.length;
  const mineOf = (host: number) => names.filter((_, i) => i % count === host);
  const place = { host: LOOPBACK, port: options.port ?? 0, hosts: count };
  const venue = {
    told: `on ${count} hosts`,
    notes: [],
    tellsRows: isPublicData(scenario),
    registry: { ...place, expected: names, timing: TIMING },
    opened: (registry: Registry) => {
      for (const { index, ended } of hosts.all)
        void ended.then(() => registry.loseClients(mineOf(index), `host ${index} has ended`));
      hosts.assign(assignments(launched, options, registry, names, mineOf));
    },
  };
  return launchScene(launched, venue, signal);
}

function assignments(
  { scenario, file, folder, hosts }: Launched,
  { clientLedgers }: RunOptions,
  { audience, tokens, serverKey }: Registry,
  clients: string[],
  mineOf: (host: number) => string[],
): HostAssignment[] {
  const privateFolder = folder.folder("clients-private");
  return tokens.map((token, index) => ({
    index,
    coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
    data: dataAssignment(scenario, file, clients, mineOf(index), index === 0),
    simulated: simulatedFaults(scenario),
    privateFolder,
    clientLedgers: clientLedgers === undefined ? null : resolve(clientLedgers),
    stays: hosts.lent,
  }));
}
