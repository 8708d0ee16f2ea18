/** IO: what the ledgers of a host's clients say to one attempt. */
import type { AttemptEvents } from "../../shared/ledger/ledger.ts";
import { attemptEvents, type EventTerms } from "../../shared/privacy/events.ts";
import { taskTerms } from "../../shared/privacy/tasks.ts";
import type { RequestTicket } from "../connection/round-request.ts";
import type { ClientLedger } from "../ledger/client-ledger.ts";
import { addEgress } from "../report/egress-report.ts";
import type { HostContext } from "./host-context.ts";
import type { Member } from "./member.ts";

type Context = Pick<HostContext, "sealed" | "link" | "work" | "ledgers" | "own">;

export class AttemptCharges {
  readonly #context: Context;
  readonly #cost;
  readonly #moment;
  /** Clients of one owner may share a ledger. Each record is in one client's update alone: charged once. */
  readonly #charged: Set<ClientLedger>;
  /** Charged by a process that died with the bytes. Under secure noise others would be a second release. */
  readonly #lost: ReadonlySet<ClientLedger>;

  constructor(
    { round, attempt, task }: Pick<RequestTicket, "round" | "attempt" | "task">,
    context: Context,
  ) {
    const { plan, hash: planHash } = context.sealed;
    const { privacy } = plan;
    this.#context = context;
    this.#cost = { ...taskTerms(privacy, task), rawFactor: privacy.rawFactor };
    const named = { planHash, runId: context.link.runId, round, attempt, task };
    this.#moment = { ...named, events: ownEvents(this.#cost) };
    const ledgers = [...context.ledgers.values()];
    this.#charged = new Set(ledgers.filter((ledger) => ledger.isCharged(this.#moment)));
    this.#lost = new Set(privacy.noise === "secure" ? this.#charged : []);
  }

  /** False where the client may not take part: then it has declined. */
  allows({ request, clientIndex, client }: Member): boolean {
    const { ledgers, work, own } = this.#context;
    const ledger = ledgers.get(client);
    if (ledger && this.#lost.has(ledger)) {
      work.decline(request, clientIndex, { reason: "lost" });
      return false;
    }
    if (!ledger || this.#charged.has(ledger) || ledger.affords(this.#cost)) return true;
    work.decline(request, clientIndex, { reason: "budget" });
    addEgress(own, client, { updates: 0, bytes: 0, declined: 1 });
    return false;
  }

  /** On the disk when this returns: just before the client's update leaves. */
  charge({ client }: Pick<Member, "client">): void {
    const ledger = this.#context.ledgers.get(client);
    if (!ledger || this.#charged.has(ledger)) return;
    ledger.charge(this.#moment, this.#cost);
    this.#charged.add(ledger);
  }

  /** The same for all clients of this host, asked or not, but for those whose ledgers do not hold it. */
  chargeAll(): void {
    for (const [client, ledger] of this.#context.ledgers)
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
