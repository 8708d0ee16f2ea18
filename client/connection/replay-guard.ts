/**
 * What a client has been asked so far. It takes part forward only, and in no more attempts than its
 * plan pays for: else whoever asks again and again could average its noise away. An attempt that is
 * open may be asked again, for the same bytes: a link that broke, or a coordinator that was restarted.
 * Where noise is seeded, any attempt may be. A client that was killed and started again goes on from what
 * its own ledger holds of the run.
 */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { plannedTasks } from "../../shared/privacy/tasks.ts";
import type { PastAttempts } from "../ledger/client-ledger.ts";
import { type AttemptName, isSame, type RequestTicket } from "./round-request.ts";

type GuardedTerms = Pick<
  PrivacyPlan,
  | "rounds"
  | "spareAttempts"
  | "clipNorm"
  | "adaptiveClipping"
  | "counts"
  | "bounds"
  | "trust"
  | "adjacency"
  | "noise"
>;

const NOTHING_BEFORE: PastAttempts = { charged: [], begun: [] };

export class ReplayGuard {
  readonly #plan: GuardedTerms;
  /** Those that may be asked for again, by name. */
  readonly #tickets = new Map<string, RequestTicket>();
  /** The furthest. */
  #last: RequestTicket | undefined;
  /** The one asked for last. */
  #current: RequestTicket | undefined;
  #isOpen = false;
  /** Names of attempts by what they ask for; not of those that were given back. */
  readonly #taken = new Map<Task, Set<string>>();
  /** Names of those that a process before this one has charged. */
  readonly #charged: ReadonlySet<string>;
  /** The furthest of them, which may still be open. */
  readonly #lastCharged: AttemptName | undefined;
  /** Names of those that it has begun, charged or not: nothing of them can leave any more. */
  readonly #begun: ReadonlySet<string>;

  /**
   * @param before what earlier processes of this side did in the run, by the clients' own ledgers: it counts, and
   *   none of it is taken anew. Where noise is seeded, nothing: whatever is asked again has the same bytes
   */
  constructor(plan: GuardedTerms, before = NOTHING_BEFORE) {
    this.#plan = plan;
    const { charged, begun } = plan.noise === "seeded" ? NOTHING_BEFORE : before;
    for (const one of charged) this.#takenOf(one.task).add(nameOf(one));
    this.#charged = new Set(charged.map(nameOf));
    this.#lastCharged = charged.toSorted(inOrder).at(-1);
    this.#begun = new Set([...charged, ...begun].map(nameOf));
  }

  /**
   * Notes one more attempt, or that one is asked for again. Under secure noise that may only be the open
   * one; under seeded noise, which gives the same bytes each time, any: a coordinator may go on from an
   * older checkpoint.
   *
   * @throws ProtocolError `round.…` for one that the plan does not hold
   */
  take(ticket: RequestTicket): "new" | "again" {
    const last = this.#last;
    const isSeeded = this.#plan.noise === "seeded";
    const before = this.#tickets.get(nameOf(ticket));
    if (before && (isSeeded || this.#isOpen)) {
      this.#checkRepeated(ticket, before);
      this.#current = before;
    } else {
      if (last && inOrder(last, ticket) >= 0) throw stale(ticket, last);
      const isCharged = this.#charged.has(nameOf(ticket));
      // Its answer was lost with the process that had it: the last one may be open still.
      if (isCharged && this.#lastCharged && !isSame(ticket, this.#lastCharged))
        throw stale(ticket, this.#lastCharged);
      this.#checkPlanned(ticket);
      if (!this.#begun.has(nameOf(ticket))) this.#takenOf(ticket.task).add(nameOf(ticket));
      if (!isSeeded) this.#tickets.clear();
      this.#tickets.set(nameOf(ticket), ticket);
      this.#last = ticket;
      this.#current = ticket;
    }
    this.#isOpen = true;
    return before ? "again" : "new";
  }

  /** Nothing of that attempt left which needs noise: it counts for none, unless a process before charged it. */
  giveBack(ticket: RequestTicket): void {
    if (!this.#charged.has(nameOf(ticket))) this.#takenOf(ticket.task).delete(nameOf(ticket));
  }

  /** The coordinator has closed that attempt. */
  close(name: AttemptName): void {
    if (this.isCurrent(name)) this.#isOpen = false;
  }

  /** True of the attempt that was asked for last. */
  isCurrent(name: AttemptName): boolean {
    return this.#current !== undefined && isSame(this.#current, name);
  }

  #takenOf(task: Task): Set<string> {
    const taken = this.#taken.get(task) ?? new Set();
    this.#taken.set(task, taken);
    return taken;
  }

  #checkPlanned(ticket: RequestTicket): void {
    const { kind, round, attempt, task, clipNorm } = ticket;
    const masked = kind === "masked";
    const { rounds, trust } = this.#plan;
    const got = nameOf({ round, attempt });
    if (!(round < rounds)) throw refusal("round.beyond", got, `one of the plan's ${rounds} rounds`);
    // Alone, a client's share of the noise hides nothing.
    const isSummed = task === "train" || task === "bounds";
    if (masked !== (trust === "distributed" && isSummed))
      throw refusal("round.masks", masked ? "masks" : "no masks", `what trust ${trust} asks for`);
    const taken = this.#takenOf(task).size;
    const most = plannedTasks(this.#plan).find((planned) => planned.task === task)?.count ?? 0;
    const isNew = !this.#begun.has(got);
    if (isNew && !(taken < most))
      throw refusal("round.budget", got, `at most ${most} attempts to ${task}`);
    const [low, high] = this.#clipNorms(round);
    if (!(low <= clipNorm && clipNorm <= high))
      throw refusal("round.clipNorm", `clipNorm ${clipNorm}`, `within ${low} and ${high}`);
  }

  #checkRepeated(ticket: RequestTicket, { kind, task, clipNorm }: RequestTicket): void {
    const same = ticket.task === task && ticket.clipNorm === clipNorm && ticket.kind === kind;
    if (same) return;
    throw refusal("round.changed", nameOf(ticket), `to ${task} with clipNorm ${clipNorm} again`);
  }

  /** Between which a round's may be: where it adapts, only round 0's is known beforehand. */
  #clipNorms(round: number): readonly [number, number] {
    const { clipNorm, adaptiveClipping } = this.#plan;
    return round > 0 && adaptiveClipping ? adaptiveClipping.bounds : [clipNorm, clipNorm];
  }
}

/** Above 0: `a` is later than `b`. */
function inOrder(a: AttemptName, b: AttemptName): number {
  return a.round - b.round || a.attempt - b.attempt;
}

function stale(ticket: AttemptName, last: AttemptName): ProtocolError {
  return refusal("round.stale", nameOf(ticket), `after ${nameOf(last)}`);
}

function nameOf({ round, attempt }: AttemptName): string {
  return `round ${round}, attempt ${attempt}`;
}

function refusal(what: string, got: string, expected: string): ProtocolError {
  const fix = "Take no further part: this coordinator does not keep to its plan.";
  return new ProtocolError({ what, where: "the order received", got, expected, fix });
}
