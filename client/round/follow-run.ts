/**
 * IO: a process's clients from `ready` to goodbye: every round request carried out, each client's own report
 * written. The same for a host that was forked and for one that joined from another machine.
 */

import { unitParts } from "../../shared/claims/unit-text.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Observe, RunEvent } from "../../shared/events/run-event.ts";
import type { RandomRoot } from "../../shared/noise/random.ts";
import type { Plan, SealedPlan } from "../../shared/plan/plan.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import type { HostConnection } from "../connection/host-connection.ts";
import type { RoundRequest } from "../connection/round-request.ts";
import { rowsHash } from "../features/rows-hash.ts";
import type { ClientLedger } from "../ledger/client-ledger.ts";
import type { Prepared } from "../prepare/prepare.ts";
import { egressReport, NOTHING_LEFT, type OwnEgress } from "../report/egress-report.ts";
import { writeOwnerFile } from "../report/owner-file.ts";
import { privacyReport } from "../report/privacy-report.ts";
import { ClientStates } from "../scaffold/client-state.ts";
import { StateFiles } from "../scaffold/state-files.ts";
import { AttemptGuard } from "../secagg/agreed-terms.ts";
import { AttemptCharges } from "./attempt-charges.ts";
import { BoundClients } from "./bound-clients.ts";
import { DelayedSends } from "./delayed-sends.ts";
import type { HostContext } from "./host-context.ts";
import { takePart } from "./take-part.ts";

/** What a process brings to a run. */
export interface Party
  extends Pick<HostContext, "fate" | "diverged" | "allowed" | "hidesDraw" | "outside"> {
  readonly link: HostConnection;
  /** As this side has checked it. */
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  readonly root: RandomRoot;
  readonly prepared: Prepared;
  /** Of its clients, in the order in which it names them. */
  readonly names: readonly string[];
  /** By client; several may share one, their owner's. */
  readonly ledgers: ReadonlyMap<string, ClientLedger>;
  /** "host:port" of the coordinator, for the reports. */
  readonly audience: string;
  /** Where each client's own report goes: its owner's place. undefined: nowhere. */
  readonly privateFolder: string | undefined;
  /** Called with each request, before it is carried out. */
  readonly before?: () => Promise<void>;
  /** Hears of each request. */
  readonly observe?: Observe;
}

/** Resolves once the connection has ended, however it did. */
export async function followRun(party: Party): Promise<void> {
  const { link, sealed, engine, root, prepared, names, ledgers, fate, diverged, allowed } = party;
  const { before, observe, privateFolder, hidesDraw, outside } = party;
  const { work } = link;
  checkData(link.runId, party);
  writeOwnFiles(party);
  const books = [...new Set(ledgers.values())];
  const past = books.map((ledger) => ledger.past(link.runId));
  const charged = past.flatMap((one) => one.charged);
  const begun = past.flatMap((one) => one.begun);
  const admitted = await link.ready(names, sealed.plan.privacy, { charged, begun });
  const nameOf = new Map(
    admitted.map(({ vclient: clientIndex }, i) => [clientIndex, names[i] ?? ""]),
  );
  checkLedgers(admitted, nameOf, party);
  const own = new Map<string, OwnEgress>();
  // A file for each that was drawn would name them: controls then last as long as this process.
  const kept =
    hidesDraw || privateFolder === undefined
      ? undefined
      : new StateFiles(privateFolder, link.runId, nameOf, sealed.model.parameters);
  const controls = new ClientStates(kept);
  const delayed = new DelayedSends(work.notes.bug);
  const host: HostContext = {
    ...{ link, work, sealed, engine, root, nameOf, ledgers, own, controls, fate, diverged },
    bound: new BoundClients(sealed.plan),
    ...{ clients: prepared.clients, delayed, broken: new Set(), allowed, hidesDraw, outside },
    guard: new AttemptGuard([...charged, ...begun], (name) => {
      for (const ledger of books) ledger.begins({ runId: link.runId, ...name });
    }),
  };
  const failure = hidesDraw ? keepLedgersAlike(host, link) : () => undefined;
  for (let request = await work.next(); request; request = await work.next()) {
    await before?.();
    observe?.(requested(request));
    if (!hidesDraw) noteSeen(link, sealed.plan, ledgers);
    controls.settle(work.takeReleased(), request);
    await takePart(request, host);
  }
  delayed.cancel();
  const failed = failure();
  if (failed) throw failed;
  noteSeen(link, sealed.plan, ledgers);
  writeOwnFiles(party, own);
  if (link.end?.said !== undefined) kept?.remove();
}

/**
 * Each attempt is charged to all clients of this host at its end, those that were drawn having charged
 * theirs before; and each ledger hears at the same moment where the coordinator's stood. So what they say
 * is the same whoever was drawn.
 *
 * @returns what a ledger could not be written for, if so: then the link was left, and no request follows
 */
function keepLedgersAlike(host: HostContext, link: HostConnection): () => Error | undefined {
  let failed: Error | undefined;
  link.work.whenClosed((attempt) => {
    if (failed) return;
    try {
      new AttemptCharges({ ...attempt, task: "train" }, host).chargeAll();
      noteSeen(link, host.sealed.plan, host.ledgers);
      for (const ledger of host.ledgers.values()) ledger.hideTimes();
    } catch (error) {
      failed = error instanceof Error ? error : new Error(`${error}`);
      link.leave();
    }
  });
  return () => failed;
}

function requested({ task, round, attempt, cohort }: RoundRequest): RunEvent {
  return { event: "order", task, round, attempt, clients: cohort.length };
}

/** Each client's own, for its owner's eyes: what it prepared; in the end, what left too. */
function writeOwnFiles(party: Party, left?: ReadonlyMap<string, OwnEgress>): void {
  const { prepared, sealed, link, names, audience, privateFolder, hidesDraw } = party;
  if (privateFolder === undefined) return;
  const { privacy } = sealed.plan;
  const to = `the coordinator at ${audience}`;
  const { head, spent, rawSpent } = link.work.ledger ?? {};
  for (const [client, { examples, report }] of prepared.clients) {
    const beyond = Math.max(0, examples.count - rowsOf(privacy));
    const own = left?.get(client) ?? NOTHING_LEFT;
    writeOwnerFile(privateFolder, {
      client,
      ...report,
      rowsBeyondThePopulation: privacy.unit === "record" ? beyond : null,
      privacy: left
        ? privacyReport(privacy, { spent, rawSpent }, head, unitParts(sealed.plan))
        : null,
      egress: left ? egressReport(to, names.length, hidesDraw ? null : own, link.egress) : null,
    });
  }
}

/**
 * Each ledger keeps of which rows its run is: a run that goes on over others would charge one table for
 * another's updates. Not of a seeded run: its id follows from its seed, whatever the rows.
 */
export function checkData(
  runId: string,
  { sealed, prepared, names, ledgers }: Pick<Party, "sealed" | "prepared" | "names" | "ledgers">,
): void {
  if (sealed.plan.privacy.noise === "seeded") return;
  for (const ledger of new Set(ledgers.values())) {
    const own = names.filter((name) => ledgers.get(name) === ledger);
    ledger.holdsRows(runId, rowsHash(own.flatMap((name) => prepared.clients.get(name) ?? [])));
  }
}

/**
 * What the coordinator has counted, a client has charged: a ledger without that charge is a copy from
 * before it, or one that began anew. Its own anchor lies beside it, and shows only what is put back alone.
 */
function checkLedgers(
  admitted: readonly Admitted[],
  nameOf: ReadonlyMap<number, string>,
  { link, ledgers }: Party,
): void {
  for (const { vclient: clientIndex, counted } of admitted)
    if (counted)
      ledgers.get(nameOf.get(clientIndex) ?? "")?.holds({ runId: link.runId, ...counted });
}

/** Each client keeps where the coordinator's ledger stood, so that it cannot be cut unseen. */
function noteSeen(
  { runId, work }: HostConnection,
  { privacy }: Plan,
  ledgers: ReadonlyMap<string, ClientLedger>,
): void {
  // A seeded run's id follows from its seed: run again, its ledger does begin anew.
  if (work.ledger === undefined || privacy.noise === "seeded") return;
  for (const ledger of ledgers.values()) ledger.saw(runId, work.ledger.head);
}
