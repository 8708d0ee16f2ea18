/**
 * IO: a client that joins from elsewhere, in the process of whoever started it. It needs its rows, a
 * credential and its owner's consent; the plan tells it the rest. In this order: fetch the plan over a
 * connection that ends at once, show it, prepare and check the rows, ask, dial again to take part. So
 * whatever the rows make of it, nobody else hears. From `ready` on it is what a forked host is.
 */
import { basename, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { virtualNames } from "../../shared/client-names.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { chooseEngine } from "../../shared/engine/choose-engine.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { BudgetError, ProtocolError, reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { Observe } from "../../shared/events/run-event.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import { secureRoot, seededRoot } from "../../shared/noise/random.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { TIMING } from "../../shared/timing.ts";
import type { Egress } from "../../shared/wire/egress.ts";
import type { OwnerNotes } from "../connection/client-work.ts";
import type { Address } from "../connection/dial.ts";
import type { Retry } from "../connection/dialler.ts";
import { Session } from "../connection/session.ts";
import { ClientLedger } from "../ledger/client-ledger.ts";
import { type ClientLimits, readLimits } from "../ledger/client-limits.ts";
import { contentHash } from "../ledger/content-hash.ts";
import { runEntry, soFarOf } from "../ledger/file-runs.ts";
import { type OwnData, prepareOwnRows } from "../prepare/own-rows.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { checkData, followRun } from "../round/follow-run.ts";
import { injectedFaults } from "../round/injected-faults.ts";
import { openTable } from "../source/open-table.ts";
import { overLimits } from "./agreement.ts";
import { untilMark } from "./dial-clock.ts";
import type { OwnCredentials } from "./own-credentials.ts";
import { fetchOffer, type Offer } from "./plan-offer.ts";

export interface JoinSettings {
  readonly address: Omit<Address, "credentials" | "instead">;
  readonly own: OwnCredentials;
  readonly data: OwnData;
  readonly clients: number;
  readonly limits: ClientLimits | null;
  /** Where ledger and reports live, absolute. */
  readonly folder: string;
  /** The rows are made up or public; its seed is that of the scenario. null: they are private. */
  readonly simulation: { readonly seed: number } | null;
  /** Under trust central and none too: the owner knows that the coordinator sees each update as it is. */
  readonly exactUpdates: boolean;
  /** Keys of those with whom it masks, base64url; undefined: whomever the coordinator names. */
  readonly allowed: ReadonlySet<string> | undefined;
  readonly consent: Consent;
  /** Hears of the plan, and of each order. */
  readonly observe: Observe;
  /** Without a link for so long it gives up, before the first too; undefined: never once it was in. */
  readonly giveUpAfterMs: number | undefined;
  /** Hears of each wait before the coordinator is dialled again. */
  readonly retrying: (retry: Retry) => void;
  readonly notes?: Pick<OwnerNotes, "warn" | "bug">;
}

/** How the owner is shown what the client would agree to, and agrees. */
export interface Consent {
  /**
   * Shows the plan before it is held against the owner's terms.
   *
   * @param header the file's columns
   */
  readonly show: (sealed: SealedPlan, runId: string, header: readonly string[]) => void;
  /** Before any row is read. @throws ScenarioError where nothing says that the owner agrees, or may be asked */
  readonly require: (sealed: SealedPlan) => void;
  /**
   * With the rows prepared, the last word before anything that depends on them is sent.
   *
   * @returns true where a person was asked, whose time to answer nobody else can tell from the rows'
   * @throws ScenarioError where the owner does not agree
   */
  readonly ask: (prepared: Prepared, sealed: SealedPlan, signal: AbortSignal) => Promise<boolean>;
}

/** What came of it. */
export interface Joined {
  readonly runId: string;
  readonly planHash: string;
  /** Why the run ended, as the coordinator said. */
  readonly said: string;
  readonly egress: Egress;
  /** By the own ledger, over all runs; null without a limit. */
  readonly epsilon: number | null;
  /** What all runs on the file have cost its rows; null: nothing, or no ledger is kept. */
  readonly soFar: SoFarFile | null;
  /** Of the reports of this run. */
  readonly reports: string;
}

/** What is there before the coordinator is dialled to take part. */
interface Ready {
  readonly offer: Offer;
  readonly engine: Engine;
  readonly prepared: Prepared;
  readonly names: readonly string[];
  readonly ledgers: ReadonlyMap<string, ClientLedger>;
  /** Where the owner's reports of this run go. */
  readonly privateFolder: string;
}

/**
 * @param signal ends it politely
 * @throws ScenarioError, ProtocolError, BudgetError. The coordinator hears of those that follow from the
 *   plan and the owner's terms, and no number; of those that follow from rows it hears nothing
 */
export async function joinRun(settings: JoinSettings, signal: AbortSignal): Promise<Joined> {
  const { folder, path, header, form } = settings.data;
  // Before the token is spent: that there is a table, and a ledger that may be written.
  const mayBeEmpty = settings.simulation === null;
  const faulty = { keepsFaulty: mayBeEmpty, mayBeEmpty };
  const table = await openTable(folder, path, { ...(header && { header }), ...form, ...faulty });
  const ledger = settings.simulation
    ? undefined
    : ClientLedger.ofFile(settings.folder, settings.limits ?? readLimits(settings.folder), true);
  try {
    const ready = await getReady(settings, table.header, ledger, signal);
    return await takePart(ready, settings, signal);
  } finally {
    ledger?.close();
  }
}

async function getReady(
  settings: JoinSettings,
  header: readonly string[],
  ledger: ClientLedger | undefined,
  signal: AbortSignal,
): Promise<Ready> {
  const { own, consent, simulation } = settings;
  const offer = await offered(settings, header, ledger, signal);
  const readAt = performance.now();
  const { sealed, known } = offer;
  consent.require(sealed);
  const engine = await chooseEngine(sealed.plan.training.engine, sealed.model);
  const names = virtualNames(own.name, settings.clients);
  const prepared = await prepareOwnRows(sealed.plan.contract, names, settings.data, simulation);
  const ledgers = new Map(ledger ? names.map((name) => [name, ledger]) : []);
  checkData(known.runId, { sealed, prepared, names, ledgers });
  const { folder, path } = settings.data;
  ledger?.beginsRun(runEntry(sealed, known.runId), await contentHash(resolve(folder, path)));
  const privateFolder = reportFolder(join(settings.folder, known.runId));
  signal.throwIfAborted();
  const asked = await consent.ask(prepared, sealed, signal);
  if (!asked && simulation === null)
    await wait(untilMark(performance.now() - readAt, TIMING.settleMs), undefined, { signal });
  return { offer, engine, prepared, names, ledgers, privateFolder };
}

function offered(
  settings: JoinSettings,
  header: readonly string[],
  ledger: ClientLedger | undefined,
  signal: AbortSignal,
): Promise<Offer> {
  const { own, simulation, clients, exactUpdates, consent } = settings;
  const { credentials, instead } = own;
  const { giveUpAfterMs, retrying } = settings;
  return fetchOffer(
    {
      address: { ...settings.address, credentials, instead },
      terms: { simulation: simulation !== null, clients, exactUpdates },
      ...{ ledger, giveUpAfterMs, retrying },
      enrolled: () => own.enrolled?.(),
      shown: (sealed, runId) => consent.show(sealed, runId, header),
    },
    signal,
  );
}

async function takePart(
  ready: Ready,
  settings: JoinSettings,
  signal: AbortSignal,
): Promise<Joined> {
  const { sealed, known } = ready.offer;
  const { own, observe, giveUpAfterMs, retrying } = settings;
  const { rounds, trust, clients } = sealed.plan.privacy;
  observe({ event: "plan-agreed", runId: known.runId, plan: sealed.hash, clients, rounds, trust });
  const address = { ...settings.address, credentials: own.credentials };
  const patience = { giveUpAfterMs, retrying };
  const refused = (clientIndex: number, what: string) =>
    observe({
      ...{ event: "update-refused", where: `the coordinator, of client ${clientIndex}` },
      ...{ what, message: `update refused: ${what}` },
    });
  const link = new Session(address, TIMING, patience, { ...settings.notes, refused }, known);
  const leave = () => link.leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (signal.aborted) leave();
    await participate(link, ready, settings);
    const { said, lost } = link.end ?? {};
    if (said === undefined) throw lost ?? new Error("a link that lasts");
    const ledger = [...ready.ledgers.values()][0];
    const { path } = settings.data;
    const soFar = ledger && soFarOf(basename(path), ledger.entries, ledger.limits);
    return {
      ...{ runId: link.runId, planHash: sealed.hash, said, egress: link.egress },
      ...{ epsilon: ledger?.epsilon ?? null, soFar: soFar ?? null, reports: ready.privateFolder },
    };
  } catch (error) {
    if (link.end === undefined)
      link.refuse(error instanceof ProtocolError ? error : withdrawn(error));
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

async function participate(
  link: Session,
  { offer, engine, prepared, names, ledgers, privateFolder }: Ready,
  { address, data, simulation, observe, allowed }: JoinSettings,
): Promise<void> {
  const { sealed } = offer;
  const isSeeded = simulation !== null && sealed.plan.privacy.noise === "seeded";
  await link.plan;
  await followRun({
    ...{ link, sealed, engine, prepared, names, privateFolder, allowed, ledgers },
    root: isSeeded ? seededRoot(simulation.seed) : secureRoot,
    audience: address.audience,
    fate: injectedFaults([], {
      source: { file: data.path, public: false },
      seed: 0,
      clients: names,
    }),
    diverged: () => {},
    hidesDraw: false,
    observe,
  });
}

/** What the coordinator is told of trouble amid a run that is its owner's business. */
function withdrawn(error: unknown): ProtocolError {
  if (error instanceof BudgetError && error.problem.what === "clientLedger.limits")
    return overLimits();
  return new ProtocolError({
    what: "client.withdrawn",
    where: "this client",
    got: "trouble",
    expected: "a client that can take part",
    fix: "Ask its owner: only there it is said what it is.",
  });
}

function reportFolder(path: string): string {
  try {
    makeFolder(path, 0o700);
    return path;
  } catch (cause) {
    throw new ScenarioError({
      what: "report folder",
      where: "--ledger",
      got: reasonOf(cause),
      expected: "a folder that can be made",
      fix: "Name another with --ledger.",
    });
  }
}
