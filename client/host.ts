/**
 * IO: the process that holds clients. Forked by a coordinator's launcher, it is told its clients
 * over IPC, joins over the wire like any other, and ends when its parent does.
 */

import { tellsRounds } from "../shared/cohort-secrecy.ts";
import { type Contract, targetClasses } from "../shared/contract/contract.ts";
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import type { Engine } from "../shared/engine/engine.ts";
import { isRefusal, ScenarioError } from "../shared/errors.ts";
import { failpoint } from "../shared/failpoint.ts";
import { leaveSignalsToParent } from "../shared/follow-parent.ts";
import {
  type ClientSeconds,
  type EvaluateRequest,
  type HostReport,
  refusedReport,
} from "../shared/host-report.ts";
import { openPlan, type SealedPlan } from "../shared/plan.ts";
import { type RandomRoot, secureRoot, seededRoot } from "../shared/random.ts";
import { isPublicSource } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { signingKey, tokenKey } from "../shared/wire/proofs.ts";
import { fromWire } from "../shared/wire/wire-values.ts";
import {
  assignmentSchema,
  type DataAssignment,
  type HeldOutAssignment,
  type HostAssignment,
} from "./assignment.ts";
import { clientsOfNote } from "./clients-of-note.ts";
import { countRight } from "./count-right.ts";
import { followRun } from "./follow-run.ts";
import { KeptPreparation } from "./kept-preparation.ts";
import { ClientLedger } from "./ledger/client-ledger.ts";
import { readLimits } from "./ledger/client-limits.ts";
import { Session } from "./link/session.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { fates } from "./simulated-faults.ts";

leaveSignalsToParent();
process.once("disconnect", () => process.exit(0));
const preparation = new KeptPreparation();
awaitAssignment();

function awaitAssignment(): void {
  process.once("message", (assignment) => {
    const told = assignmentSchema.parse(assignment);
    ("coordinator" in told ? host(told) : heldOutHost(told)).catch(refuse);
  });
}

async function host(assignment: HostAssignment): Promise<void> {
  const { index, data, faults, privateFolder } = assignment;
  const ledgers = openLedgers(assignment);
  const { audience, token, serverKey } = assignment.coordinator;
  const credentials = { key: signingKey(), token: tokenKey(token) };
  const pins = { serverKey: fromWire(serverKey), planHash: undefined };
  const link = new Session({ audience, credentials, ...pins }, TIMING);
  const { bytes, hash } = await link.plan;
  const sealed = openPlan(bytes, hash);
  const engine = await chooseEngine(sealed.plan.training.engine, sealed.model);
  const prepared = await preparation.of(sealed.plan.contract, data);
  const isPublic = isPublicSource(data.source);
  tellHeldOut(prepared, isPublic ? prepared.seconds : null);
  const labels = labelCount(sealed.plan.contract);
  const fallSilent = isPublic ? answerSimulation(prepared, engine, labels) : () => {};
  const { privacy } = sealed.plan;
  await followRun({
    ...{ link, sealed, engine, prepared, names: data.mine, ledgers, audience, privateFolder },
    root: rootOf(sealed, data),
    fate: fates(faults, data),
    diverged: (client, round) => {
      if (isPublic && tellsRounds(privacy)) tell({ kind: "diverged", client, round });
    },
    hidesDraw: !tellsRounds(privacy),
    before: () => failpoint("host-round", index),
  });
  for (const ledger of ledgers.values()) ledger.close();
  fallSilent();
  if (!assignment.stays) return process.disconnect();
  awaitAssignment();
  tell({ kind: "idle" });
}

/** Where clients join from elsewhere: public rows to evaluate on, and none of anybody's. Its parent ends it. */
async function heldOutHost({ plan, hash, data }: HeldOutAssignment): Promise<void> {
  const sealed = openPlan(Buffer.from(plan), hash);
  // Of the clients' own rows there is nothing to time here.
  tellHeldOut(await prepare(sealed.plan.contract, data), null);
}

function tellHeldOut({ heldOut, person, stages }: Prepared, seconds: ClientSeconds | null): void {
  if (heldOut && person) tell({ kind: "prepared", heldOut, person, stages, seconds });
}

/** Whence coins and noise come. @throws ScenarioError for seeded noise on private rows */
function rootOf({ plan }: SealedPlan, { source, seed }: DataAssignment): RandomRoot {
  if (plan.privacy.noise === "secure") return secureRoot;
  if (isPublicSource(source)) return seededRoot(seed);
  throw new ScenarioError({
    what: "privacy.noise",
    where: "the plan received",
    got: "seeded",
    expected: "secure, since the data are private",
    fix: "Take no part: whoever holds the seed can subtract the noise.",
  });
}

/** Its clients' own ledgers, by name; none where nobody asked for them. */
function openLedgers({ clientLedgers, data }: HostAssignment): Map<string, ClientLedger> {
  if (clientLedgers === null) return new Map();
  const limits = readLimits(clientLedgers);
  return new Map(data.mine.map((name) => [name, ClientLedger.open(clientLedgers, name, limits)]));
}

/** A target without a list has a positive label, and all else. */
function labelCount({ target }: Contract): number {
  return targetClasses(target)?.length ?? 2;
}

/** What a simulation may know of its clients, over IPC and never over the wire. Returns what ends it. */
function answerSimulation({ clients }: Prepared, engine: Engine, classes: number): () => void {
  tell({ kind: "clients", ...clientsOfNote(clients, classes) });
  const answer = ({ kind, parameters }: EvaluateRequest) => {
    if (kind !== "evaluate") return;
    countRight(clients, parameters, engine)
      .then((counted) => tell({ kind: "evaluated", clients: counted }))
      .catch(refuse);
  };
  process.on("message", answer);
  return () => process.off("message", answer);
}

function tell(report: HostReport): void {
  if (process.connected) process.send?.(report);
}

/** A refusal is the parent's to print, once, whichever hosts report it; a bug keeps its stack. */
function refuse(error: unknown): void {
  if (!isRefusal(error)) throw error;
  tell(refusedReport(error));
}
