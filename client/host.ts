/**
 * IO: the process that holds clients. Forked by a coordinator's launcher, it is told its clients
 * over IPC, joins over the wire like any other, and ends when its parent does.
 */
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import type { Engine } from "../shared/engine/engine.ts";
import { isRefusal, ScenarioError } from "../shared/errors.ts";
import { failpoint } from "../shared/failpoint.ts";
import { type EvaluateRequest, type HostReport, refusedReport } from "../shared/host-report.ts";
import { openPlan, type Plan, type SealedPlan } from "../shared/plan.ts";
import { tellsRounds } from "../shared/privacy-events.ts";
import { type RandomRoot, secureRoot, seededRoot } from "../shared/random.ts";
import { isPublicSource } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import { signingKey, tokenKey } from "../shared/wire/proofs.ts";
import { fromWire } from "../shared/wire/wire-values.ts";
import { type DataAssignment, type HostAssignment, hostAssignmentSchema } from "./assignment.ts";
import { clientsOfNote } from "./clients-of-note.ts";
import { ControlBook } from "./control-book.ts";
import { countRight } from "./count-right.ts";
import { ClientLedger } from "./ledger/client-ledger.ts";
import { readLimits } from "./ledger/client-limits.ts";
import { Link } from "./link/link.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { egressReport, type OwnEgress } from "./report/egress-report.ts";
import { writeOwnerFile } from "./report/owner-file.ts";
import { privacyReport } from "./report/privacy-report.ts";
import { fates } from "./simulated-faults.ts";
import { type HostTools, NOTHING_LEFT, takePart } from "./take-part.ts";

// The terminal's Ctrl-C reaches every process of the group; the parent decides when hosts end.
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit(0));
process.once("message", (assignment) => {
  host(hostAssignmentSchema.parse(assignment)).catch(refuse);
});

async function host(assignment: HostAssignment): Promise<void> {
  const ledgers = openLedgers(assignment);
  const { audience, token, serverKey } = assignment.coordinator;
  const credentials = { key: signingKey(), token: tokenKey(token) };
  const link = await Link.dial({ audience, credentials, serverKey: fromWire(serverKey) }, TIMING);
  const { bytes, hash } = await link.plan;
  const sealed = openPlan(bytes, hash);
  const engine = await chooseEngine(sealed.plan.training.engine, sealed.model);
  const prepared = await prepare(sealed.plan.contract, assignment.data);
  writeOwnFiles(prepared, sealed.plan, assignment);
  if (prepared.heldOut && prepared.person) {
    const { heldOut, person, stages } = prepared;
    tell({ kind: "prepared", heldOut, person, stages });
  }
  const isPublic = isPublicSource(assignment.data.source);
  if (isPublic) answerSimulation(prepared, engine);
  const names = assignment.data.mine;
  const { privacy } = sealed.plan;
  const vclients = await link.ready(names, privacy);
  const nameOf = new Map(vclients.map((vclient, i) => [vclient, names[i] ?? ""]));
  const root = rootOf(sealed, assignment.data);
  const own = new Map<string, OwnEgress>();
  const controls = new ControlBook();
  const tools: HostTools = {
    ...{ link, sealed, engine, root, nameOf, ledgers, own, controls },
    clients: prepared.clients,
    fate: fates(assignment.simulated, assignment.data),
    diverged: (client, round) => {
      if (isPublic && tellsRounds(privacy)) tell({ kind: "diverged", client, round });
    },
  };
  for (let order = await link.nextOrder(); order; order = await link.nextOrder()) {
    await failpoint("host-round", assignment.index);
    noteSeen(link, sealed, ledgers);
    controls.settle(link.takeReleased());
    await takePart(order, tools);
  }
  noteSeen(link, sealed, ledgers);
  writeOwnFiles(prepared, sealed.plan, assignment, { link, own });
  for (const ledger of ledgers.values()) ledger.close();
  process.disconnect();
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

/** Each client's own, for its owner's eyes: what it prepared; in the end, what left too. */
function writeOwnFiles(
  { clients }: Prepared,
  { privacy }: Plan,
  { data, privateFolder, coordinator }: HostAssignment,
  left?: { readonly link: Link; readonly own: ReadonlyMap<string, OwnEgress> },
): void {
  for (const [client, { examples, report }] of clients) {
    const beyond = Math.max(0, examples.count - privacy.population);
    const egress =
      left &&
      egressReport(
        `the coordinator at ${coordinator.audience}`,
        data.mine.length,
        left.own.get(client) ?? NOTHING_LEFT,
        left.link.egress,
      );
    writeOwnerFile(privateFolder, {
      client,
      ...report,
      rowsBeyondThePopulation: privacy.unit === "record" ? beyond : null,
      privacy: left ? privacyReport(privacy, left.link.spent, left.link.seen) : null,
      egress: egress ?? null,
    });
  }
}

/** Its clients' own ledgers, by name; none where nobody asked for them. */
function openLedgers({ clientLedgers, data }: HostAssignment): Map<string, ClientLedger> {
  if (clientLedgers === null) return new Map();
  const limits = readLimits(clientLedgers);
  return new Map(data.mine.map((name) => [name, ClientLedger.open(clientLedgers, name, limits)]));
}

/** Each client keeps where the coordinator's ledger stood, so that it cannot be cut unseen. */
function noteSeen(link: Link, { plan }: SealedPlan, ledgers: ReadonlyMap<string, ClientLedger>) {
  // A seeded run's id follows from its seed: run again, its ledger does begin anew.
  if (link.seen === undefined || plan.privacy.noise === "seeded") return;
  for (const ledger of ledgers.values()) ledger.saw(link.runId, link.seen);
}

/** What a simulation may know of its clients, over IPC and never over the wire. */
function answerSimulation({ clients }: Prepared, engine: Engine): void {
  tell({ kind: "clients", ...clientsOfNote(clients) });
  process.on("message", ({ kind, parameters }: EvaluateRequest) => {
    if (kind !== "evaluate") return;
    countRight(clients, parameters, engine)
      .then((counted) => tell({ kind: "evaluated", clients: counted }))
      .catch(refuse);
  });
}

function tell(report: HostReport): void {
  if (process.connected) process.send?.(report);
}

/** A refusal is the parent's to print, once, whichever hosts report it; a bug keeps its stack. */
function refuse(error: unknown): void {
  if (!isRefusal(error)) throw error;
  tell(refusedReport(error));
}
