/**
 * What a host is asked in one run, whichever link brings it: attempts that begin, that are asked for
 * again because a link broke, and that end. What was sent and answered is kept until then, and goes
 * again as it was; nothing is trained, drawn or charged twice (protocol note, section 5).
 */
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import type { OpenStep, StepUp } from "../../shared/secagg/wire-steps.ts";
import type { Closed, Judged, Link } from "./link.ts";
import { MaskedSteps } from "./masked-steps.ts";
import { type Declined, OpenWork } from "./open-work.ts";
import {
  type AttemptName,
  type BeforeBook,
  isSame,
  OrderBook,
  type OrderTicket,
  type ReleasedAttempt,
} from "./order-book.ts";
import { type Order, OrderQueue, type OrderStep } from "./order-queue.ts";

/** What goes out, by the link that is up. */
type Line = Pick<Link, "send" | "sendStep" | "decline">;

export class AskedWork {
  /** undefined while this host has not been admitted. */
  readonly #line: () => Line | undefined;
  readonly #orders = new OrderQueue();
  readonly #steps = new MaskedSteps();
  readonly #work = new OpenWork();
  #book: OrderBook | undefined;
  #isSeeded = false;
  /** Of the attempts that this host was asked for, those released since somebody last asked. */
  #released: ReleasedAttempt[] = [];
  /** Clients whose update is in the sum of the last attempt: heard of each before its end. */
  readonly #counted = new Set<number>();

  constructor(line: () => Line | undefined) {
    this.#line = line;
  }

  /** Before anything is asked. */
  begin(plan: PrivacyPlan, before: BeforeBook): void {
    this.#book = new OrderBook(plan, before);
    this.#isSeeded = plan.noise === "seeded";
  }

  /** Nothing more will be asked. */
  end(): void {
    this.#work.end();
    this.#steps.end();
    this.#orders.end();
  }

  next(): Promise<Order | undefined> {
    return this.#orders.next();
  }

  takeReleased(): readonly ReleasedAttempt[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  isOpen(order: Order): boolean {
    return this.#work.isOf(order) && (order.masks === undefined || this.#steps.isOf(order));
  }

  async send(
    order: Order,
    vclient: number,
    update: Int32Array | Uint32Array,
    named: AttemptName,
  ): Promise<number> {
    if (!this.isOpen(order)) return 0;
    if (order.masks) this.#steps.masked();
    const fate = this.#work.keep(vclient, update, named);
    this.#put(order, vclient, update, named);
    return fate;
  }

  nextStep(order: Order): Promise<OrderStep | undefined> {
    return this.isOpen(order) ? this.#steps.next() : Promise.resolve(undefined);
  }

  sendStep(order: Order, vclient: number, step: StepUp, bytes: Buffer): void {
    if (!this.isOpen(order)) return;
    const line = this.#line();
    this.#steps.give({ vclient, step, bytes }, line);
    line?.sendStep(order, vclient, step, bytes);
  }

  giveBack(order: Order): void {
    this.#book?.giveBack(order);
  }

  decline(order: Order, vclient: number, reason: Declined): void {
    if (!this.isOpen(order)) return;
    this.#work.decline(vclient, reason);
    this.#line()?.decline(order, vclient, reason);
  }

  /** A round has been named; its model follows. @throws ProtocolError `round.…` */
  asked(ticket: OrderTicket): void {
    // Word that a masked attempt was closed may have been lost: whoever asks for another has closed it.
    const { harmless } = this.#steps;
    if (harmless && !isSame(harmless, ticket)) {
      this.giveBack(harmless);
      this.#steps.end();
      this.#work.end();
    }
    this.#book?.take(ticket);
  }

  /** Its model is here. */
  order(order: Order): void {
    const { masks } = order;
    // What begins is masked anew, though it was asked before: the coordinator was restarted. Where it
    // lacks keys alone, and none were drawn, that is no different.
    const isKnown = this.#work.isOf(order);
    const begins = masks?.lacking === null || (!isKnown && (masks?.lacking ?? "keys") === "keys");
    if (begins) {
      this.#steps.begin(order);
      this.#counted.clear();
      this.#work.begin(order);
      this.#orders.put(order);
    } else if (!isKnown) {
      // Keys that were shown have died with the process that had them.
      this.giveBack(order);
      for (const vclient of order.cohort) this.#line()?.decline(order, vclient, "lost");
    } else if (masks?.lacking) this.#repeatMasked(order, masks.lacking);
    else this.#repeat(order);
  }

  step(step: OrderStep): void {
    if (this.#work.isOf(step)) this.#steps.hear(step);
  }

  judged(message: Judged): void {
    const { vclient, status } = message;
    if (!this.#work.isAbout(vclient, message)) return;
    // A duplicate is in the sum too: word of the first was lost with its link.
    if (status === "counted" || status === "duplicate") this.#counted.add(vclient);
    if (status !== "late") this.#work.judged(vclient);
  }

  closed(message: Closed): void {
    if (!this.#book?.isCurrent(message)) return;
    this.#book.close(message);
    this.#work.end();
    this.#steps.end();
    if (message.outcome !== "released") return;
    const { round, attempt } = message;
    this.#released.push({ round, attempt, counted: [...this.#counted] });
  }

  /** @param order of the open attempt again, for those whose answer the coordinator lacks */
  #repeat(order: Order): void {
    const { put, declined, forgotten } = this.#work.repeat(order.cohort);
    for (const [vclient, update, named] of put) this.#put(order, vclient, update, named);
    for (const [vclient, reason] of declined) this.#line()?.decline(order, vclient, reason);
    if (forgotten.length === 0) return;
    // A second noised vector would be a second release; a seeded one is the first over again.
    if (!this.#isSeeded) for (const vclient of forgotten) this.decline(order, vclient, "lost");
    else {
      this.#work.redo(forgotten);
      this.#orders.put({ ...order, cohort: forgotten });
    }
  }

  /** The same under masks: whatever has not been answered yet will be, once its list is here. */
  #repeatMasked(order: Order, lacking: OpenStep): void {
    const line = this.#line();
    if (!line) return;
    const { put, declined } = this.#work.repeat(order.cohort);
    for (const [vclient, reason] of declined) line.decline(order, vclient, reason);
    if (lacking === "masked")
      for (const [vclient, update, named] of put) this.#put(order, vclient, update, named);
    for (const { vclient, step, bytes } of this.#steps.again(lacking, order.cohort, line))
      line.sendStep(order, vclient, step, bytes);
  }

  #put(order: Order, vclient: number, update: Int32Array | Uint32Array, named: AttemptName): void {
    void this.#line()
      ?.send(named, vclient, update)
      .then((delivery) => {
        if (delivery !== "lost" && this.#work.isOf(order)) this.#work.taken(vclient);
      });
  }
}
