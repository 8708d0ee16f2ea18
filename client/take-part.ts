/** IO: what a host does with an order: each of its clients in the cohort trains and sends. */
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../shared/engine/engine.ts";
import { failpoint } from "../shared/failpoint.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { taskTerms } from "../shared/privacy-tasks.ts";
import type { RandomRoot } from "../shared/random.ts";
import { clientRound } from "./client-round.ts";
import type { ClientRows } from "./client-rows.ts";
import type { ControlBook } from "./control-book.ts";
import type { ClientLedger } from "./ledger/client-ledger.ts";
import type { Link } from "./link/link.ts";
import type { Order } from "./link/order-queue.ts";
import type { OwnEgress } from "./report/egress-report.ts";
import type { Fate } from "./simulated-faults.ts";

/** Updates on their way at once; each holds a model's memory. */
const MAX_SENDING = 8;

/** What a host has at hand in every attempt, and what it keeps from one to the next. */
export interface HostTools {
  readonly link: Link;
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  readonly root: RandomRoot;
  /** By name. */
  readonly clients: ReadonlyMap<string, ClientRows>;
  /** By number. */
  readonly nameOf: ReadonlyMap<number, string>;
  readonly fate: (order: Order, client: string) => Fate;
  readonly ledgers: ReadonlyMap<string, ClientLedger>;
  readonly own: Map<string, OwnEgress>;
  readonly controls: ControlBook;
  /** Hears of an update that was not finite, in whose place zeros go. */
  readonly diverged: (client: string, round: number) => void;
}

/** One client after another. */
export async function takePart(order: Order, tools: HostTools): Promise<void> {
  const { round, attempt, task, clipNorm, parameters } = order;
  const { clients, nameOf, engine, root, link, fate, ledgers, own, controls, diverged } = tools;
  const { plan, hash } = tools.sealed;
  const { rawFactor } = plan.privacy;
  const cost = { ...taskTerms(plan.privacy, task), rawFactor };
  const sending: Promise<void>[] = [];
  // Clients of one owner may share a ledger. Each of its records is in one client's update alone, so
  // that the attempt costs it once.
  const charged = new Set<ClientLedger>();
  for (const vclient of order.cohort) {
    const client = nameOf.get(vclient);
    const rows = clients.get(client ?? "");
    if (client === undefined || rows === undefined) continue;
    const { dropsOut, epochs } = fate(order, client);
    if (dropsOut) {
      link.decline(order, vclient, "lost");
      continue;
    }
    const shared = ledgers.get(client);
    const ledger = shared && !charged.has(shared) ? shared : undefined;
    if (ledger?.affords(cost) === false) {
      link.decline(order, vclient, "budget");
      count(own, client, { updates: 0, bytes: 0, declined: 1 });
      continue;
    }
    const control = controls.of(vclient, round);
    const todo = { client, round, attempt, task, clipNorm, parameters, control, epochs };
    const answer = await clientRound(todo, rows, engine, plan, root);
    if (!answer.finite) diverged(client, round);
    if (answer.control) controls.propose(vclient, order, answer.control);
    ledger?.charge({ planHash: hash, runId: link.runId, round, attempt }, cost);
    if (ledger) charged.add(ledger);
    await failpoint("client-after-charge", client);
    const sent = link.send(order, vclient, answer.update);
    sending.push(sent.then((bytes) => count(own, client, { updates: 1, bytes, declined: 0 })));
    if (sending.length >= MAX_SENDING) await sending.shift();
    // Between two clients the event loop turns, so that heartbeats go on.
    await setImmediate();
  }
  await Promise.all(sending);
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
