/** All clients on this machine: each host is told its own, and joins like a stranger would. */
import type { HostAssignment } from "../../client/data/assignment.ts";
import type { ClientConnections } from "../../server/connections/client-connections.ts";
import type { ConnectionSettings } from "../../server/connections/connection-settings.ts";
import { NO_DATA_LEDGER } from "../../shared/events/so-far-text.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import { isPublicData } from "../../shared/scenario/schema.ts";
import { withDeadline } from "../../shared/timing.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { clientNames, dataAssignment } from "../scenario/data-assignment.ts";
import type { Chance } from "./execute-run.ts";
import type { Deployment, RunSetup } from "./run-context.ts";
import type { RunOutcome } from "./run-outcome.ts";
import { startRun } from "./start-run.ts";

const LOOPBACK = "127.0.0.1";

/** What a launch says of them, and where they are. */
export interface OwnHostsOptions {
  /** Absent: a free one. */
  readonly port?: number | undefined;
  /** Where the clients' own ledgers are, absolute; absent: in the run's folder. */
  readonly clientLedgers?: string | undefined;
  /** What the run costs is kept beside no file of private rows. */
  readonly noDataLedger?: boolean | undefined;
  /** In words; absent: how many processes there are. */
  readonly place?: string;
  /** Where clients of this process come in; absent: a socket on loopback. */
  readonly door?: ConnectionSettings["door"];
  /** The algorithm that they were given by a program; absent: none. */
  readonly outside?: Deployment["outside"];
}

/** @param chance a test's own */
export function runOwnHosts(
  setup: RunSetup,
  options: OwnHostsOptions,
  signal: AbortSignal,
  chance?: Chance,
): Promise<RunOutcome> {
  const { scenario, hosts } = setup;
  const names = clientNames(scenario.clients.count);
  const count = hosts.all.length;
  const mineOf = (host: number) => names.filter((_, i) => i % count === host);
  const { door, place = `on ${count} hosts` } = options;
  const address = { host: LOOPBACK, port: options.port ?? 0, hosts: count };
  const keeps = options.noDataLedger !== true;
  const deployment: Deployment = {
    command: "run",
    place,
    notes: keeps || isPublicData(scenario) ? [] : [NO_DATA_LEDGER],
    keepsDataLedgers: keeps,
    tellsRows: isPublicData(scenario),
    outside: options.outside,
    registry: {
      ...address,
      door,
      expected: names,
      timing: withDeadline(scenario.clients.deadlineSeconds),
    },
    opened: (registry: ClientConnections) => {
      for (const { index, ended } of hosts.all)
        void ended.then((how) =>
          registry.loseClients(mineOf(index), `host ${index} has ended: ${how}`),
        );
      hosts.assign(assignments(setup, options, registry, names, mineOf));
    },
  };
  return startRun(setup, deployment, signal, chance);
}

function assignments(
  { scenario, file, record, hosts }: RunSetup,
  { clientLedgers }: OwnHostsOptions,
  { audience, tokens, serverKey }: ClientConnections,
  clients: string[],
  mineOf: (host: number) => string[],
): HostAssignment[] {
  const privateFolder = record.ownersFolder;
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
