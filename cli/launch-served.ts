/** Clients on other machines: a place for each, the lines by which they join, and who has come. */
import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join, relative } from "node:path";
import type { Joiner } from "../server/admission.ts";
import type { TlsFiles } from "../server/doorway.ts";
import type { Registry } from "../server/registry.ts";
import { virtualNames } from "../shared/client-names.ts";
import { printable } from "../shared/errors.ts";
import { makeFolder } from "../shared/make-folder.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { writeSecret } from "../shared/secret-file.ts";
import { withDeadline } from "../shared/timing.ts";
import { toWire } from "../shared/wire/wire-values.ts";
import { isLoopback } from "./dial-address.ts";
import { keepPort } from "./launch-record.ts";
import { launchScene } from "./launch-scene.ts";
import { partyNotes } from "./party-notes.ts";
import type { Launched, Venue } from "./scene.ts";
import { clientNames, dataAssignment } from "./seal-scenario.ts";
import type { Seats, Served } from "./served.ts";

/** More join lines than this say nothing new. */
const MOST_LINES = 10;
const MS_PER_MINUTE = 60_000;
const PLAINTEXT =
  "INSECURE: plain WebSocket between machines: anybody on the way can read and change what is sent";

export async function launchServed(
  launched: Launched,
  served: Served,
  signal: AbortSignal,
): Promise<void> {
  const tokens = `${launched.folder.path}.tokens`;
  let finished = false;
  try {
    await launchScene(launched, venueOf(launched, served, tokens), signal);
    finished = true;
  } finally {
    // They are for this run alone, which may be resumed: then it takes what is not spent, by the same key.
    if (finished || !launched.folder.keep) {
      rmSync(credentialsOf(launched), { force: true });
      if (served.seats.allowed === undefined) rmSync(tokens, { recursive: true, force: true });
    }
  }
}

/** Beside the run's folder: in there no key may be. */
function credentialsOf({ folder }: Launched): string {
  return `${folder.path}.credentials.json`;
}

function venueOf(launched: Launched, served: Served, tokens: string): Venue {
  const { scenario, file, hosts } = launched;
  const { listen, tls, seats, options } = served;
  const joiners = joinersOf(seats);
  const expected = joiners.flatMap(({ names }) => names);
  return {
    command: "serve",
    told: `that join by ${tls ? "wss" : "plain ws"}`,
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
      credentials: credentialsOf(launched),
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
      keepPort(launched.folder, registry.audience);
      const files = seats.allowed ? undefined : writeTokens(tokens, joiners, registry);
      showHowToJoin(registry, sealed, served, scenario.seed, files);
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
function writeTokens(folder: string, joiners: readonly Joiner[], { tokens }: Registry): string[] {
  makeFolder(folder, 0o700);
  const seats = clientNames(joiners.length);
  return seats.map((name, i) => {
    const path = join(folder, `${name}.token`);
    const token = tokens[i];
    if (token !== undefined) writeSecret(path, `${name} ${token}\n`);
    return relative(process.cwd(), path);
  });
}

function showHowToJoin(
  { audience, serverKey }: Registry,
  { plan, hash }: SealedPlan,
  { tls, options, seats, listen }: Served,
  seed: number,
  files: readonly string[] | undefined,
): void {
  const isSeeded = plan.privacy.noise === "seeded";
  const isPlain = !tls && !isLoopback(listen.host);
  if (isPlain) say(PLAINTEXT);
  if (isSeeded)
    say("SIMULATION: seeded noise protects nobody; clients must join with --simulation too");
  say(`plan ${hash}; to join, within ${options.wait} minutes:`);
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
  for (const credential of credentials.slice(0, MOST_LINES))
    say(`  murmur join ${tls ? "wss" : "ws"}://${audience} ${credential} ${rest} --data YOUR-ROWS`);
  if (credentials.length > MOST_LINES)
    say(`  and so on, for ${credentials.length - MOST_LINES} more`);
}

/** Of a certificate that nobody else signed: by its hash alone can it be known. */
function pinOf({ cert }: TlsFiles): string | undefined {
  const own = new X509Certificate(cert);
  if (!own.checkIssued(own)) return undefined;
  return `sha256:${own.fingerprint256.replaceAll(":", "").toLowerCase()}`;
}

/** Not the run's result: it goes where warnings go, under --json and --quiet too. */
function say(line: string): void {
  process.stderr.write(`murmur: ${printable(line)}\n`);
}
