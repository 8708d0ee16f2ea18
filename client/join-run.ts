/**
 * IO: a client that joins from elsewhere, in the process of whoever started it. It needs its rows, a
 * credential and its owner's limits; the plan tells it the rest. From `ready` on it is what a forked
 * host is.
 */
import { join } from "node:path";
import { virtualNames } from "../shared/client-names.ts";
import type { Contract } from "../shared/contract/contract.ts";
import { checkFormulaTexts } from "../shared/contract/formula-agreement.ts";
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import { BudgetError, ProtocolError, reasonOf, ScenarioError } from "../shared/errors.ts";
import { makeFolder } from "../shared/make-folder.ts";
import { openPlan, type SealedPlan } from "../shared/plan.ts";
import { secureRoot, seededRoot } from "../shared/random.ts";
import type { Observe } from "../shared/run-event.ts";
import type { KeySource } from "../shared/scenario/data-schema.ts";
import { TIMING } from "../shared/timing.ts";
import type { Egress } from "../shared/wire/egress.ts";
import { checkLimits, checkProtection, overLimits } from "./agreement.ts";
import type { DataAssignment } from "./assignment.ts";
import { followRun } from "./follow-run.ts";
import { ClientLedger } from "./ledger/client-ledger.ts";
import type { ClientLimits } from "./ledger/client-limits.ts";
import type { Address } from "./link/dial.ts";
import type { Retry } from "./link/dialler.ts";
import { Session } from "./link/session.ts";
import type { OwnCredentials } from "./own-credentials.ts";
import { prepare } from "./prepare.ts";
import { fates } from "./simulated-faults.ts";
import { openTable } from "./source/open-table.ts";

/** The ledger's name: its owner's, whatever a coordinator calls the client. */
const OWN = "own";

export interface JoinSettings {
  readonly address: Omit<Address, "credentials" | "instead">;
  readonly own: OwnCredentials;
  /** All rows of the file are this owner's. */
  readonly data: {
    /** Absolute. */
    readonly folder: string;
    readonly path: string;
    readonly header: readonly string[] | undefined;
    /** A cell that says so is empty. */
    readonly missing: string | undefined;
    /** Whence the master key of all pseudonyms comes. */
    readonly key: KeySource;
  };
  readonly clients: number;
  readonly limits: ClientLimits | null;
  /** Where ledger and reports live, absolute. */
  readonly folder: string;
  /** The rows are made up or public; its seed is that of the scenario. null: they are private. */
  readonly simulation: { readonly seed: number } | null;
  /** Keys of those with whom it masks, base64url; undefined: whomever the coordinator names. */
  readonly allowed: ReadonlySet<string> | undefined;
  /** Hears of the plan that this client agrees to, before any row is read. */
  readonly agreed: (sealed: SealedPlan, runId: string) => void;
  /** Hears of the plan, and of each order. */
  readonly observe: Observe;
  /** Without a link for so long it gives up, before the first too; undefined: never once it was in. */
  readonly giveUpAfterMs: number | undefined;
  /** Hears of each wait before the coordinator is dialled again. */
  readonly retrying: (retry: Retry) => void;
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
  /** Of the reports of this run. */
  readonly reports: string;
}

/**
 * @param signal ends it politely
 * @throws ScenarioError, ProtocolError, BudgetError; the coordinator is told which, and no number
 */
export async function joinRun(settings: JoinSettings, signal: AbortSignal): Promise<Joined> {
  const { folder, path, header } = settings.data;
  // Before the token is spent: that there is a table, and a ledger that may be written.
  await openTable(folder, path, header ? { header } : {});
  const ledger = settings.simulation
    ? undefined
    : ClientLedger.open(settings.folder, OWN, settings.limits);
  try {
    return await dialAndFollow(settings, ledger, signal);
  } finally {
    ledger?.close();
  }
}

async function dialAndFollow(
  settings: JoinSettings,
  ledger: ClientLedger | undefined,
  signal: AbortSignal,
): Promise<Joined> {
  const { credentials, instead } = settings.own;
  const { giveUpAfterMs, retrying } = settings;
  const address = { ...settings.address, credentials, instead };
  const link = new Session(address, TIMING, { giveUpAfterMs, retrying }, (vclient, what) =>
    settings.observe({
      ...{ event: "update-refused", where: `the coordinator, of client ${vclient}` },
      ...{ what, message: `update refused: ${what}` },
    }),
  );
  const leave = () => link.leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (signal.aborted) leave();
    const sealed = await agree(link, settings, ledger);
    const reports = await participate(link, sealed, settings, ledger);
    const { said, lost } = link.end ?? {};
    if (said === undefined) throw lost ?? new Error("a link that lasts");
    const { runId, egress } = link;
    const epsilon = ledger?.epsilon ?? null;
    return { runId, planHash: sealed.hash, said, egress, epsilon, reports };
  } catch (error) {
    if (link.end === undefined)
      link.refuse(error instanceof ProtocolError ? error : withdrawn(error));
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** The plan, checked anew, and held against what its owner allows. */
async function agree(
  link: Session,
  { own, simulation, clients, agreed, observe }: JoinSettings,
  ledger: ClientLedger | undefined,
): Promise<SealedPlan> {
  const { bytes, hash } = await link.plan;
  own.enrolled?.();
  const sealed = openPlan(bytes, hash);
  await checkFormulaTexts(sealed.plan.contract);
  const { privacy } = sealed.plan;
  checkProtection(privacy, { simulation: simulation !== null, clients });
  if (ledger) checkLimits(privacy, link.runId, ledger);
  agreed(sealed, link.runId);
  const { rounds, trust } = privacy;
  const told = { runId: link.runId, plan: hash, clients: privacy.clients, rounds, trust };
  observe({ event: "plan-agreed", ...told });
  return sealed;
}

/** @returns where the owner's reports are */
async function participate(
  link: Session,
  sealed: SealedPlan,
  settings: JoinSettings,
  ledger: ClientLedger | undefined,
): Promise<string> {
  const { own, clients, address, simulation, observe, allowed } = settings;
  const names = virtualNames(own.name, clients);
  const data = assignment(sealed.plan.contract, names, settings);
  const engine = await chooseEngine(sealed.plan.training.engine, sealed.model);
  const prepared = await prepare(sealed.plan.contract, data);
  const privateFolder = reportFolder(join(settings.folder, link.runId));
  const isSeeded = simulation !== null && sealed.plan.privacy.noise === "seeded";
  await followRun({
    ...{ link, sealed, engine, prepared, names, privateFolder, allowed },
    root: isSeeded ? seededRoot(simulation.seed) : secureRoot,
    ledgers: new Map(ledger ? names.map((name) => [name, ledger]) : []),
    audience: address.audience,
    fate: fates([], data),
    diverged: () => {},
    observe,
  });
  return privateFolder;
}

/** All rows of the file, split evenly; nothing of them is held out, and nothing is counted. */
function assignment(
  { columns }: Contract,
  names: string[],
  { data, simulation }: JoinSettings,
): DataAssignment {
  const { folder, path, header, missing, key } = data;
  const named = columns.flatMap((column) =>
    column.role === "directIdentifier" && column.action === "pseudonym" ? [column.name] : [],
  );
  return {
    source: {
      file: path,
      ...(header && { header: [...header] }),
      ...(missing !== undefined && { missing }),
      public: false,
    },
    folder,
    partition: { kind: "iid" },
    keys: Object.fromEntries(named.map((name) => [name, key])),
    // Which virtual client has which row is no secret.
    seed: simulation?.seed ?? 0,
    population: null,
    clients: names,
    mine: names,
    heldOut: false,
  };
}

/** What the coordinator is told of a refusal that is its owner's business. */
function withdrawn(error: unknown): ProtocolError {
  if (error instanceof BudgetError && error.problem.what === "clientLedger.limits")
    return overLimits();
  return new ProtocolError({
    what: "client.withdrawn",
    where: "this client",
    got: error instanceof ScenarioError ? "data or settings that do not fit the plan" : "trouble",
    expected: "a client that can take part",
    fix: "Ask its owner: only there it is told what does not fit.",
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
