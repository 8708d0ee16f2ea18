/** `murmur join`: take part in a coordinator's run with one's own rows, and nothing else at hand. */

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { TlsTrust } from "../../client/connection/dial.ts";
import { repeatLines } from "../../client/data/repeated-persons.ts";
import { type Consent, type JoinSettings, joinRun } from "../../client/join/join-run.ts";
import {
  fromKeyFile,
  fromTokenFile,
  type OwnCredentials,
} from "../../client/join/own-credentials.ts";
import { readLimitsFile } from "../../client/ledger/client-limits.ts";
import type { Prepared } from "../../client/prepare/prepare.ts";
import type { CsvForm } from "../../client/source/table-part.ts";
import { located } from "../../run/scenario/located.ts";
import { readAllowList } from "../../run/serve/allow-list.ts";
import { checkPlaintext, dialAddress } from "../../run/serve/dial-address.ts";
import { printable, reasonOf, ScenarioError, stackOf } from "../../shared/errors.ts";
import type { Observe } from "../../shared/events/run-event.ts";
import { ledgerElsewhere } from "../../shared/events/so-far-text.ts";
import { fromWire, isWireKey, toWire } from "../../shared/wire/wire-values.ts";
import { type LogOptions, openOperations } from "../operations/operations.ts";
import { INTERRUPTED_EXIT, onSignals } from "../operations/signals.ts";
import {
  agreementLines,
  joinedLines,
  joinedSummary,
  type Place,
  retryLine,
  rowsLines,
  sent,
} from "../screen/join-lines.ts";
import { askOwner, requireAgreement } from "../terminal/consent.ts";
import { type OutputOptions, warn } from "../terminal/output.ts";

export interface JoinOptions extends OutputOptions, LogOptions {
  readonly data: string;
  readonly key?: string;
  readonly token?: string;
  readonly name?: string;
  readonly serverKey?: string;
  readonly ca?: string;
  readonly pin?: string;
  readonly plan?: string;
  readonly accept?: string;
  readonly allowExactUpdates: boolean;
  readonly identifiersKnown?: readonly string[];
  readonly allow?: string;
  readonly clients: number;
  readonly limits?: string;
  readonly ledger?: string;
  readonly pseudonymKey?: string;
  readonly header?: readonly string[];
  readonly delimiter?: CsvForm["delimiter"];
  readonly decimal?: CsvForm["decimal"];
  readonly missing?: string;
  readonly simulation: boolean;
  readonly seed?: number;
  readonly insecurePlaintext: boolean;
  /** Seconds. */
  readonly giveUpAfter?: number;
}

/** Where the master key of pseudonyms is, unless a flag names a file. */
const KEY_VARIABLE = "MURMUR_PSEUDONYM_KEY";

export async function join(url: string, options: JoinOptions): Promise<void> {
  const talks = !options.json && !options.quiet;
  const { observe, failed } = await openOperations(options);
  const settings = await settingsOf(url, options, talks, observe);
  const interrupt = new AbortController();
  const leave = () => process.exit(INTERRUPTED_EXIT);
  const stopListening = onSignals(() => interrupt.abort(), leave);
  try {
    const joined = await joinRun(settings, interrupt.signal);
    const { said, epsilon, egress } = joined;
    observe({ event: "goodbye", said, ...sent(egress), epsilon });
    if (options.json) console.log(JSON.stringify(joinedSummary(joined)));
    else for (const line of joinedLines(joined, settings.limits, talks)) console.log(line);
  } catch (error) {
    if (!interrupt.signal.aborted) {
      failed(error);
      throw error;
    }
    observe({ event: "interrupted" });
  } finally {
    stopListening();
  }
  if (!interrupt.signal.aborted) return;
  process.stderr.write("murmur: interrupted; what was charged is in your own ledger\n");
  process.exitCode = INTERRUPTED_EXIT;
}

async function settingsOf(
  url: string,
  options: JoinOptions,
  talks: boolean,
  observe: Observe,
): Promise<JoinSettings> {
  const { clients, simulation, seed, limits, header, missing, delimiter, decimal } = options;
  if (simulation && limits !== undefined)
    throw misuse("--limits", "with --simulation", "one of the two: a simulation keeps no ledger");
  if (!simulation && seed !== undefined)
    throw misuse("--seed", "without --simulation", "none: secure noise has no seed");
  const { folder, path } = await located(options.data, "--data");
  const beside = resolve(folder, `${path}.murmur`);
  const ledger = options.ledger ? resolve(options.ledger) : beside;
  if (ledger !== beside && !simulation) warn(ledgerElsewhere(ledger, basename(path)));
  const own = credentialsOf(options);
  const address = addressOf(url, options);
  const allowed = allowedOf(options, own);
  if (simulation)
    process.stderr.write(
      "murmur: SIMULATION: the rows are taken for made up or public. Seeded noise protects nobody, and no ledger is kept\n",
    );
  return {
    address,
    own,
    data: {
      ...{ folder, path, header, missing },
      form: { delimiter, decimal },
      key: options.pseudonymKey ? { file: resolve(options.pseudonymKey) } : { env: KEY_VARIABLE },
      identifiersKnown: statements(options.identifiersKnown ?? []),
    },
    exactUpdates: options.allowExactUpdates,
    clients,
    limits: limits === undefined ? null : readLimitsFile(limits),
    folder: ledger,
    simulation: simulation ? { seed: seed ?? 1 } : null,
    observe,
    giveUpAfterMs: options.giveUpAfter === undefined ? undefined : 1_000 * options.giveUpAfter,
    retrying: (retry) => warn(retryLine(url, retry)),
    notes: { warn, bug: (error) => process.stderr.write(`bug: ${stackOf(error)}\n`) },
    allowed,
    consent: consentOf(
      options,
      talks,
      { url, name: own.name, clients, file: basename(path) },
      allowed,
    ),
  };
}

function consentOf(
  { accept, limits, simulation }: JoinOptions,
  talks: boolean,
  place: Pick<Place, "url" | "name" | "clients" | "file">,
  allowed: ReadonlySet<string> | undefined,
): Consent {
  const terminal = talks && Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const agreement = { accept, limited: limits !== undefined, simulation, terminal };
  return {
    show: (sealed, runId, header) => {
      if (!talks) return;
      const to = { ...place, runId, header, known: allowed?.size };
      for (const line of agreementLines(sealed, to)) console.log(line);
    },
    require: ({ hash }) => requireAgreement(hash, agreement),
    ask: async (prepared, { plan }, signal) => {
      for (const line of rowsLines(prepared, place.file, plan.privacy)) warn(line);
      if (talks) for (const line of repeatedLines(prepared.clients)) console.log(line);
      if (!terminal || accept !== undefined || simulation) return false;
      await askOwner(signal);
      return true;
    },
  };
}

/** Whom the file names in several rows, of which nobody else hears. */
function repeatedLines(clients: Prepared["clients"]): string[] {
  const [first] = [...clients.values()];
  const said = repeatLines(first?.report.persons.repeats ?? []);
  const head = "Persons in several rows, which you alone are shown";
  return said.length > 0 ? [head, ...said.map((line) => `    ${line}`)].map(printable) : [];
}

/** COLUMN=why, each; why is what the owner's report will say. */
function statements(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((statement) => {
      const [, column = "", why = ""] = /^([^=]+)=(.*)$/s.exec(statement) ?? [];
      if (column === "" || why.trim() === "")
        throw misuse("--identifiers-known", statement, "COLUMN=why, as 'contact=shared mailboxes'");
      return [column, why.trim()] as const;
    }),
  );
}

function credentialsOf({ key, token, name }: JoinOptions): OwnCredentials {
  if (key !== undefined && token === undefined) return fromKeyFile(key, name);
  if (token !== undefined && key === undefined && name === undefined) return fromTokenFile(token);
  const got = key === undefined && token === undefined ? "neither" : "more";
  throw misuse("--key or --token", got, "one of them; a token's file says the name itself");
}

/** Keys of those with whom this owner masks; its own is always among them. */
function allowedOf(
  { allow }: JoinOptions,
  { credentials }: OwnCredentials,
): ReadonlySet<string> | undefined {
  if (allow === undefined) return undefined;
  const others = readAllowList(allow).map(({ key }) => key);
  return new Set([...others, toWire(credentials.key.publicKey)]);
}

function addressOf(
  url: string,
  { serverKey, ca, pin, plan, accept, insecurePlaintext }: JoinOptions,
): JoinSettings["address"] {
  const { isTls, audience, host } = dialAddress(url);
  if (!isTls) checkPlaintext(host, insecurePlaintext, "the URL", "Take wss://.");
  if (serverKey !== undefined && !isWireKey(serverKey))
    throw misuse("--server-key", serverKey, "43 characters of base64url");
  for (const [flag, hash] of [
    ["--plan", plan],
    ["--accept", accept],
  ] as const)
    if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash))
      throw misuse(flag, hash, "64 hex digits, as murmur serve and murmur join print them");
  if (plan !== undefined && accept !== undefined && plan !== accept)
    throw misuse("--accept", accept, "the plan that --plan names");
  if (!isTls && serverKey === undefined)
    throw misuse("--server-key", "nothing", "the coordinator's key, since no certificate names it");
  return {
    audience,
    serverKey: serverKey === undefined ? undefined : fromWire(serverKey),
    planHash: accept ?? plan,
    tls: isTls ? trustOf(ca, pin) : undefined,
  };
}

function trustOf(ca: string | undefined, pin: string | undefined): TlsTrust {
  if (pin === undefined) return { ca: ca === undefined ? undefined : authorityOf(ca) };
  if (ca !== undefined) throw misuse("--pin", "with --ca", "one of the two");
  const [, digits] = /^sha256:([0-9a-f]{64})$/.exec(pin) ?? [];
  if (digits === undefined)
    throw misuse("--pin", pin, "sha256: and 64 hex digits, as murmur serve prints them");
  return { pin: digits };
}

function authorityOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw misuse("--ca", reasonOf(cause), "a file of certificates, PEM");
  }
}

function misuse(where: string, got: string, expected: string): ScenarioError {
  const fix = "murmur join --help has an example.";
  return new ScenarioError({ what: "flag", where, got, expected, fix });
}
