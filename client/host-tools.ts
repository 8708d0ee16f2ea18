/** IO: what a host has at hand in every attempt, masked or not, and what it does for one client of it. */
import type { AttemptEvents } from "../shared/accounting/ledger.ts";
import type { Engine } from "../shared/engine/engine.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { attemptEvents, type EventTerms } from "../shared/privacy-events.ts";
import { taskTerms } from "../shared/privacy-tasks.ts";
import type { RandomRoot } from "../shared/random.ts";
import type { FaultKind, FaultRule } from "../shared/scenario/fault-schema.ts";
import { clientRound } from "./client-round.ts";
import type { ClientRows } from "./client-rows.ts";
import type { ControlBook } from "./control-book.ts";
import type { DelayedSends } from "./delayed-sends.ts";
import { misled, tampered } from "./inject-faults.ts";
import type { ClientLedger } from "./ledger/client-ledger.ts";
import type { Order } from "./link/order-queue.ts";
import type { Session } from "./link/session.ts";
import type { OwnEgress } from "./report/egress-report.ts";
import type { AttemptGuard } from "./secagg/agreed-terms.ts";
import type { Fate } from "./simulated-faults.ts";

/** What a host has at hand in every attempt, and what it keeps from one to the next. */
export interface HostTools {
  readonly link: Pick<
    Session,
    | "decline"
    | "send"
    | "breakLink"
    | "isOpen"
    | "runId"
    | "identity"
    | "nextStep"
    | "sendStep"
    | "giveBack"
  >;
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
  /**
   * Nothing that this host writes may tell which of its clients were drawn: all files of all clients lie
   * together. Not so where an owner joined: what its own files say, it knows.
   */
  readonly hidesDraw: boolean;
  readonly own: Map<string, OwnEgress>;
  readonly controls: ControlBook;
  /** Masked attempts that this host has begun. */
  readonly guard: AttemptGuard;
  /** Keys, base64url, that others of a masked cohort may have; undefined: whichever the coordinator names. */
  readonly allowed?: ReadonlySet<string> | undefined;
  /** Hears of an update that was not finite, in whose place zeros go. */
  readonly diverged: (client: string, round: number) => void;
}

/** One client's part in an attempt. */
export interface OwnPart {
  readonly order: Order;
  readonly vclient: number;
  readonly client: string;
  readonly rows: ClientRows;
  readonly fate: Fate;
}

/** Those of an order's cohort that are this host's, with what a script holds for them. */
export function* partsOf(order: Order, { nameOf, clients, fate }: HostTools): Generator<OwnPart> {
  for (const vclient of order.cohort) {
    const client = nameOf.get(vclient);
    const rows = clients.get(client ?? "");
    if (client === undefined || rows === undefined) continue;
    yield { order, vclient, client, rows, fate: fate(order, client) };
  }
}

/** What the owners' ledgers say to an attempt. */
export class AttemptCharges {
  readonly #tools: Pick<HostTools, "sealed" | "link" | "ledgers" | "own">;
  readonly #cost;
  readonly #moment;
  /** Clients of one owner may share a ledger. Each record is in one client's update alone: charged once. */
  readonly #charged: Set<ClientLedger>;
  /** Charged by a process that died with the bytes. Under secure noise others would be a second release. */
  readonly #lost: ReadonlySet<ClientLedger>;

  constructor(
    { round, attempt, task }: Pick<Order, "round" | "attempt" | "task">,
    tools: Pick<HostTools, "sealed" | "link" | "ledgers" | "own">,
  ) {
    const { privacy } = tools.sealed.plan;
    this.#tools = tools;
    this.#cost = { ...taskTerms(privacy, task), rawFactor: privacy.rawFactor };
    const named = { planHash: tools.sealed.hash, runId: tools.link.runId, round, attempt, task };
    this.#moment = { ...named, events: ownEvents(this.#cost) };
    const ledgers = [...tools.ledgers.values()];
    this.#charged = new Set(ledgers.filter((ledger) => ledger.isCharged(this.#moment)));
    this.#lost = new Set(privacy.noise === "secure" ? this.#charged : []);
  }

  /** False where the client may not take part; the coordinator has then been told. */
  allows({ order, vclient, client }: OwnPart): boolean {
    const { ledgers, link, own } = this.#tools;
    const shared = ledgers.get(client);
    if (shared && this.#lost.has(shared)) {
      link.decline(order, vclient, "lost");
      return false;
    }
    if (!shared || this.#charged.has(shared) || shared.affords(this.#cost)) return true;
    link.decline(order, vclient, "budget");
    count(own, client, { updates: 0, bytes: 0, declined: 1 });
    return false;
  }

  /** On the disk when this returns: just before the client's update leaves. */
  charge({ client }: Pick<OwnPart, "client">): void {
    const shared = this.#tools.ledgers.get(client);
    if (!shared || this.#charged.has(shared)) return;
    shared.charge(this.#moment, this.#cost);
    this.#charged.add(shared);
  }

  /** The same for all clients of this host, asked or not, but for those whose ledgers do not hold it. */
  chargeAll(): void {
    for (const [client, ledger] of this.#tools.ledgers)
      if (ledger.affords(this.#cost)) this.charge({ client });
  }
}

/**
 * As an attempt is charged to those who take part in it: clients that were drawn are charged when they were,
 * and so without what the draw hides.
 */
function ownEvents(terms: EventTerms): AttemptEvents {
  const isDrawn = terms.unit === "client" && terms.sampling.kind !== "full";
  return attemptEvents(isDrawn ? { ...terms, sampling: { kind: "full" } } : terms);
}

/** True of a client that a scripted fault keeps from this attempt; what its death would tell has been told. */
export function isAbsent(
  { order, vclient, client, fate: { faults } }: OwnPart,
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

/** What the client is to send, before masks: int32[updateLength], or its counts. */
export async function updateOf(
  { order, vclient, client, rows, fate: { faults, words } }: OwnPart,
  { sealed, engine, root, controls, diverged }: HostTools,
): Promise<Int32Array> {
  const { round, attempt, task, clipNorm, parameters } = order;
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

/**
 * @param update int32[updateLength]; masked, uint32
 * @returns once its bytes have left; of a slow client at once, for nobody waits for it
 */
export function sendUpdate(
  { order, vclient, client, fate: { faults } }: OwnPart,
  update: Int32Array | Uint32Array,
  { link, own, delayed }: HostTools,
): Promise<void> {
  const { round } = order;
  const isStale = faults.some(({ kind }: FaultRule) => kind === "stale");
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
