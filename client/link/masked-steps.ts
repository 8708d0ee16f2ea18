/**
 * The steps of the masked attempt that is open, from this side: lists on their way to the host, and what
 * its clients have answered. Where an answer was lost with its link, the very same bytes go again:
 * nothing is drawn or signed twice.
 */
import type { OpenStep, StepUp } from "../../shared/secagg/wire-steps.ts";
import { type Order, OrderQueue, type OrderStep } from "./order-queue.ts";

export interface StepAnswer {
  readonly vclient: number;
  readonly step: StepUp;
  readonly bytes: Buffer;
}

/** An answer, and the link by which it went last; undefined: by none yet. */
interface Given extends StepAnswer {
  over: object | undefined;
}

export class MaskedSteps {
  #order: Order | undefined;
  #queue = new OrderQueue<OrderStep>();
  readonly #heard = new Set<string>();
  #given: Given[] = [];
  #hasDrawn = false;
  #hasMasked = false;

  /** Another attempt, or the same from its beginning: whoever waits for a step waits no more. */
  begin(order: Order): void {
    this.end();
    this.#order = order;
    this.#queue = new OrderQueue();
    this.#heard.clear();
    this.#hasDrawn = false;
    this.#hasMasked = false;
  }

  /** True of the order that has begun, and not of another for the same attempt. */
  isOf(order: Order): boolean {
    return this.#order === order;
  }

  /** The order, where keys were shown for it, no ring was drawn by them and nothing left that needs noise. */
  get harmless(): Order | undefined {
    const isRing = this.#order?.masks?.terms.degree !== null;
    const counts = this.#hasMasked || (isRing && this.#hasDrawn);
    return this.#given.length > 0 && !counts ? this.#order : undefined;
  }

  /** A list has come; it may have come before. */
  hear(list: OrderStep): void {
    const name = `${list.vclient} ${list.step}`;
    if (!this.#heard.has(name)) this.#queue.put(list);
    this.#heard.add(name);
    if (list.step === "keys") this.#hasDrawn = true;
  }

  /** The next list; undefined once the attempt is over. */
  next(): Promise<OrderStep | undefined> {
    return this.#queue.next();
  }

  end(): void {
    this.#queue.end();
    this.#order = undefined;
    this.#given = [];
  }

  /** Keeps an answer until the attempt is over. @param over the link by which it goes */
  give(answer: StepAnswer, over: object | undefined): void {
    this.#given.push({ ...answer, over });
  }

  /** A masked vector is on its way. */
  masked(): void {
    this.#hasMasked = true;
  }

  /**
   * What is to go again, by another link than before.
   *
   * @param vclients of whom the coordinator lacks that answer; whoever has none yet will give it
   */
  again(step: OpenStep, vclients: readonly number[], over: object): readonly StepAnswer[] {
    const lost = this.#given.filter(
      (one) => one.step === step && vclients.includes(one.vclient) && one.over !== over,
    );
    for (const one of lost) one.over = over;
    return lost;
  }
}
