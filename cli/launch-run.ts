/** All clients on this machine: each host is told its own, and joins like a stranger would. */
import type { HostAssignment } from "../client/assignment.ts";
import type { Registry } from "../server/registry.ts";
import { PRIVATE_FOLDER } from "../server/run-folder.ts";
import { faultScript } from "../shared/scenario/fault-schema.ts";
import { isPublicData } from "../shared/scenario/scenario-schema.ts";
import { NO_DATA_LEDGER } from "../shared/so-far-text.ts";
import { withDeadline } from "../shared/timing.ts";
import { toWire } from "../shared/wire/wire-values.ts";
import type { RunLaunch } from "./launch-record.ts";
import { launchScene } from "./launch-scene.ts";
import type { Chance } from "./play.ts";
import type { Launched, Venue } from "./scene.ts";
import { clientNames, dataAssignment } from "./seal-scenario.ts";

const LOOPBACK = "127.0.0.1";

/** @param chance a test's own */
export function launchRun(
  launched: Launched,
  options: RunLaunch,
  signal: AbortSignal,
  chance?: Chance,
): Promise<void> {
  const { scenario, hosts } = launched;
  const names = clientNames(scenario.clients.count);
  const count = hosts.all.length;
  const mineOf = (host: number) => names.filter((_, i) => i % count === host);
  const place = { host: LOOPBACK, port: options.port ?? 0, hosts: count };
  const keeps = options.noDataLedger !== true;
  const venue: Venue = {
    command: "run",
    told: `on ${count} hosts`,
    notes: keeps || isPublicData(scenario) ? [] : [NO_DATA_LEDGER],
    keepsDataLedgers: keeps,
    tellsRows: isPublicData(scenario),
    registry: {
      ...place,
      door: launched.door,
      expected: names,
      timing: withDeadline(scenario.clients.deadlineSeconds),
    },
    opened: (registry: Registry) => {
      for (const { index, ended } of hosts.all)
        void ended.then((how) =>
          registry.loseClients(mineOf(index), `host ${index} has ended: ${how}`),
        );
      hosts.assign(assignments(launched, options, registry, names, mineOf));
    },
  };
  return launchScene(launched, venue, signal, chance);
}

function assignments(
  { scenario, file, folder, hosts }: Launched,
  { clientLedgers }: RunLaunch,
  { audience, tokens, serverKey }: Registry,
  clients: string[],
  mineOf: (host: number) => string[],
): HostAssignment[] {
  const privateFolder = folder.folder(PRIVATE_FOLDER);
  return tokens.map((token, index) => ({
    index,
    coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
    data: dataAssignment(scenario, file, clients, mineOf(index), index === 0),
    faults: [...faultScript(scenario.clients)],
    privateFolder,
    clientLedgers: clientLedgers ?? null,
    stays: hosts.lent,
  }));
}
