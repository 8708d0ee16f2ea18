/** Clients on other machines: a place for each, the lines by which they join, and who has come. */

import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join, relative } from "node:path";
import type { ClientConnections } from "../../server/connections/client-connections.ts";
import type { Joiner } from "../../server/listener/admission.ts";
import type { TlsFiles } from "../../server/listener/web-socket-listener.ts";
import { virtualNames } from "../../shared/client-names.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { writeSecret } from "../../shared/disk/secret-file.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { withDeadline } from "../../shared/timing.ts";
import { isLoopback } from "../../shared/wire/loopback.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import type { Deployment, RunSetup } from "../execute/run-context.ts";
import type { RunOutcome } from "../execute/run-outcome.ts";
import { startRun } from "../execute/start-run.ts";
import type { FolderRecord } from "../folder/folder-record.ts";
import { keepPort } from "../folder/launch-record.ts";
import { clientNames, dataAssignment } from "../scenario/data-assignment.ts";
import { partyNotes } from "./party-notes.ts";
import type { Seats, Served } from "./served.ts";

/** More join lines than this say nothing new. */
const MOST_LINES = 10;
const MS_PER_MINUTE = 60_000;
const PLAINTEXT =
  "INSECURE: plain WebSocket between machines: anybody on the way can read and change what is sent";

const SIMULATED =
  "SIMULATION: seeded noise protects nobody; clients must join with --simulation too";

/** Without a folder nobody could go on, and its clients would be lost to it. */
type ServedSetup = RunSetup<FolderRecord>;

export async function runServed(
  setup: ServedSetup,
  served: Served,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { record } = setup;
  const tokens = `${record.path}.tokens`;
  let finished = false;
  try {
    const outcome = await startRun(setup, deploymentOf(setup, served, tokens), signal);
    finished = true;
    return outcome;
  } finally {
    // They are for this run alone, which may be resumed: then it takes what is not spent, by the same key.
    if (finished || !record.isBegun) {
      rmSync(credentialsOf(setup), { force: true });
      if (served.seats.allowed === undefined) rmSync(tokens, { recursive: true, force: true });
    }
  }
}

/** Beside the run's folder: in there no key may be. */
function credentialsOf({ record }: ServedSetup): string {
  return `${record.path}.credentials.json`;
}

function deploymentOf(setup: ServedSetup, served: Served, tokens: string): Deployment {
  const { scenario, file, hosts, show } = setup;
  const { listen, tls, seats, options } = served;
  const joiners = joinersOf(seats);
  const expected = joiners.flatMap(({ names }) => names);
  return {
    command: "serve",
    place: `that join by ${tls ? "wss" : "plain ws"}`,
    notes: [
      ...(tls || isLoopback(listen.host) ? [] : [PLAINTEXT]),
      ...partyNotes(scenario.privacy, seats.clientsEach),
    ],
    // Its own rows are held out, and public by declaration; clients' files have ledgers where they are.
    keepsDataLedgers: false,
    tellsRows: false,
    registry: {
      ...{ ...listen, flag: "--listen", tls, joiners, expected, hosts: 0 },
      names: namesOf(listen.host, options.publicHost),
      credentials: credentialsOf(setup),
      timing: {
        ...withDeadline(scenario.clients.deadlineSeconds),
        joinMs: options.wait * MS_PER_MINUTE,
      },
    },
    opened: (registry, sealed) => {
      // Nobody here can count the clients' rows, and hold them against the plan's population.
      const whole = dataAssignment(scenario, file, clientNames(1), [], true);
      const data = { ...whole, population: null };
      const plan = sealed.bytes.toString("utf8");
      hosts.assign([{ plan, hash: sealed.hash, data }]);
      // Its rows told, it has nothing more to do.
      hosts.prepared.then(() => hosts.end(0)).catch(() => {});
      // Clients come back to where they were: any free port is none for a run that is resumed.
      keepPort(setup.record.folder, registry.audience);
      const files = seats.allowed ? undefined : writeTokens(tokens, joiners, registry);
      for (const text of howToJoin(registry, sealed, served, scenario.seed, files))
        show({ event: "notice", text });
    },
  };
}

function joinersOf({ allowed, joiners, clientsEach }: Seats): Joiner[] {
  const names: readonly { name: string; key?: string }[] =
    allowed ?? clientNames(joiners).map((name) => ({ name }));
  return names.map(({ name, key }) => ({ names: virtualNames(name, clientsEach), key }));
}

/** The hosts by which clients may dial, the one to tell first. */
function namesOf(host: string, publicHost: string | undefined): string[] {
  const isAny = host === "0.0.0.0" || host === "[::]";
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));
  const bound = isAny
    ? [hostname().toLowerCase(), ...own, "localhost"]
    : [host, ...(isLoopback(host) ? ["localhost", "127.0.0.1"] : [])];
  return [...new Set([...(publicHost ? [publicHost.toLowerCase()] : []), ...bound])];
}

/**
 * A file each, its first name and its token; of a run that is resumed they are there.
 *
 * @returns paths in the order of the joiners
 */
function writeTokens(
  folder: string,
  joiners: readonly Joiner[],
  { tokens }: ClientConnections,
): string[] {
  makeFolder(folder, 0o700);
  const seats = clientNames(joiners.length);
  return seats.map((name, i) => {
    const path = join(folder, `${name}.token`);
    const token = tokens[i];
    if (token !== undefined) writeSecret(path, `${name} ${token}\n`);
    return relative(process.cwd(), path);
  });
}

function howToJoin(
  { audience, serverKey }: ClientConnections,
  { plan, hash }: SealedPlan,
  { tls, options, seats, listen }: Served,
  seed: number,
  files: readonly string[] | undefined,
): string[] {
  const isSeeded = plan.privacy.noise === "seeded";
  const isPlain = !tls && !isLoopback(listen.host);
  const pin = tls && pinOf(tls);
  const rest = [
    ...(pin === undefined ? [] : [`--pin ${pin}`]),
    `--server-key ${toWire(serverKey.publicKey)}`,
    ...(seats.clientsEach > 1 ? [`--clients ${seats.clientsEach}`] : []),
    ...(isSeeded ? [`--simulation --seed ${seed}`] : []),
    ...(isPlain ? ["--insecure-plaintext"] : []),
  ].join(" ");
  const credentials =
    files?.map((path) => `--token ${path}`) ??
    (seats.allowed ?? []).map(({ name }) => `--key ${name}.pem --name ${name}`);
  const url = `${tls ? "wss" : "ws"}://${audience}`;
  const more = credentials.length - MOST_LINES;
  return [
    ...(isPlain ? [PLAINTEXT] : []),
    ...(isSeeded ? [SIMULATED] : []),
    `plan ${hash}; to join, within ${options.wait} minutes:`,
    ...credentials
      .slice(0, MOST_LINES)
      .map((credential) => `  murmur join ${url} ${credential} ${rest} --data YOUR-ROWS`),
    ...(more > 0 ? [`  and so on, for ${more} more`] : []),
  ];
}

/** Of a certificate that nobody else signed: by its hash alone can it be known. */
function pinOf({ cert }: TlsFiles): string | undefined {
  const own = new X509Certificate(cert);
  if (!own.checkIssued(own)) return undefined;
  return `sha256:${own.fingerprint256.replaceAll(":", "").toLowerCase()}`;
}
