/** IO: what a host does with an order: each of its clients in the cohort trains and sends. */
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../shared/engine/engine.ts";
import { failpoint } from "../shared/failpoint.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { taskTerms } from "../shared/privacy-tasks.ts";
import type { RandomRoot } from "../shared/random.ts";
import type { FaultKind } from "../shared/scenario/fault-schema.ts";
import { clientRound } from "./client-round.ts";
import type { ClientRows } from "./client-rows.ts";
import type { ControlBook } from "./control-book.ts";
import type { DelayedSends } from "./delayed-sends.ts";
import { misled, tampered } from "./inject-faults.ts";
import type { ClientLedger } from "./ledger/client-ledger.ts";
import type { Order } from "./link/order-queue.ts";
import type { Session } from "./link/session.ts";
import type { OwnEgress } from "./report/egress-report.ts";
import type { Fate } from "./simulated-faults.ts";

/** Updates on their way at once; each holds a model's memory. */
const MAX_SENDING = 8;

/** What a host has at hand in every attempt, and what it keeps from one to the next. */
export interface HostTools {
  readonly link: Pick<Session, "decline" | "send" | "breakLink" | "isOpen" | "runId">;
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  readonly root: RandomRoot;
  /** By name. */
  readonly clients: ReadonlyMap<string, ClientRows>;
  /** By number. */
  readonly nameOf: ReadonlyMap<number, string>;
  readonly fate: (order: Order, client: string) => Fate;
  readonly delayed: DelayedSends;
  /** Links that a script has broken, by attempt and client: an attempt that is asked for again breaks none. */
  readonly broken: Set<string>;
  readonly ledgers: ReadonlyMap<string, ClientLedger>;
  readonly own: Map<string, OwnEgress>;
  readonly controls: ControlBook;
  /** Hears of an update that was not finite, in whose place zeros go. */
  readonly diverged: (client: string, round: number) => void;
}

/** One client after another. */
export async function takePart(order: Order, tools: HostTools): Promise<void> {
  const { sealed, link, ledgers } = tools;
  const { privacy } = sealed.plan;
  const cost = { ...taskTerms(privacy, order.task), rawFactor: privacy.rawFactor };
  const { round, attempt } = order;
  const moment = { planHash: sealed.hash, runId: link.runId, round, attempt };
  const sending: Promise<void>[] = [];
  // Clients of one owner may share a ledger. Each of its records is in one client's update alone, so
  // that the attempt costs it once.
  const charged = new Set([...ledgers.values()].filter((ledger) => ledger.isCharged(moment)));
  // Charged by a process that died with the bytes. Under secure noise others would be a second release.
  const lost = new Set(privacy.noise === "secure" ? charged : []);
  for (const vclient of order.cohort) {
    if (!link.isOpen(order)) break;
    const client = tools.nameOf.get(vclient);
    const rows = tools.clients.get(client ?? "");
    if (client === undefined || rows === undefined) continue;
    const fate = tools.fate(order, client);
    if (isAbsent(order, vclient, client, fate, tools)) continue;
    const shared = ledgers.get(client);
    if (shared && lost.has(shared)) {
      link.decline(order, vclient, "lost");
      continue;
    }
    const ledger = shared && !charged.has(shared) ? shared : undefined;
    if (ledger?.affords(cost) === false) {
      link.decline(order, vclient, "budget");
      count(tools.own, client, { updates: 0, bytes: 0, declined: 1 });
      continue;
    }
    const update = await updateOf(order, vclient, client, rows, fate, tools);
    // Over while it trained: what would be discarded unread is not charged either.
    if (!link.isOpen(order)) break;
    ledger?.charge(moment, cost);
    if (ledger) charged.add(ledger);
    await failpoint("client-after-charge", client);
    sending.push(send(order, vclient, client, update, fate, tools));
    if (sending.length >= MAX_SENDING) await sending.shift();
    // Between two clients the event loop turns, so that heartbeats go on.
    await setImmediate();
  }
  await Promise.all(sending);
}

/** True of a client that a scripted fault keeps from this attempt; what its death would tell has been told. */
function isAbsent(
  order: Order,
  vclient: number,
  client: string,
  { faults }: Fate,
  { link, broken }: HostTools,
): boolean {
  const has = (kind: FaultKind) => faults.some((fault) => fault.kind === kind);
  // A process that dies has its socket closed for it.
  if (has("crash")) link.decline(order, vclient, "leaving");
  else if (has("dropOut")) link.decline(order, vclient, "lost");
  const once = `${order.round}/${order.attempt}/${client}`;
  if (has("dropLink") && !broken.has(once)) {
    broken.add(once);
    link.breakLink();
  }
  return has("crash") || has("dropOut") || has("hang");
}

/** What the client is to send: int32[updateLength], or its counts. */
async function updateOf(
  { round, attempt, task, clipNorm, parameters }: Order,
  vclient: number,
  client: string,
  rows: ClientRows,
  { faults, words }: Fate,
  { sealed, engine, root, controls, diverged }: HostTools,
): Promise<Int32Array> {
  const { plan, model } = sealed;
  const asked = { client, round, attempt, task, clipNorm, control: controls.of(vclient, round) };
  const { rows: seen, ...start } =
    faults.length > 0
      ? misled({ rows, parameters }, faults, Math.max(2, model.outputs))
      : { rows, parameters };
  const answer = await clientRound({ ...asked, ...start }, seen, engine, plan, root);
  if (!answer.finite) diverged(client, round);
  if (answer.control) controls.propose(vclient, { round, attempt }, answer.control);
  return faults.length > 0 ? tampered(answer.update, faults, plan.privacy, words) : answer.update;
}

/** @returns once its bytes have left; of a slow client at once, for nobody waits for it */
function send(
  order: Order,
  vclient: number,
  client: string,
  update: Int32Array,
  { faults }: Fate,
  { link, own, delayed }: HostTools,
): Promise<void> {
  const { round } = order;
  const isStale = faults.some(({ kind }) => kind === "stale");
  // The round before; the first has none, and takes the one after.
  const named = isStale ? { ...order, round: round === 0 ? 1 : round - 1 } : order;
  const leave = async () => {
    const bytes = await link.send(order, vclient, update, named);
    count(own, client, { updates: Number(bytes > 0), bytes, declined: 0 });
  };
  const late = faults.flatMap((fault) => (fault.kind === "slow" ? fault.seconds : []));
  if (late.length === 0) return leave();
  delayed.after(1_000 * Math.max(...late), leave);
  return Promise.resolve();
}

export const NOTHING_LEFT: OwnEgress = { updates: 0, bytes: 0, declined: 0 };

function count(own: Map<string, OwnEgress>, client: string, more: OwnEgress): void {
  const { updates, bytes, declined } = own.get(client) ?? NOTHING_LEFT;
  own.set(client, {
    updates: updates + more.updates,
    bytes: bytes + more.bytes,
    declined: declined + more.declined,
  });
}
