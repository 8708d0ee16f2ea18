/**
 * The steps of the masked attempt that is open, from this side: lists on their way to the host, and what
 * its clients have answered. Where an answer was lost with its link, the very same bytes go again:
 * nothing is drawn or signed twice.
 */
import type { OpenStep, StepUp } from "../../shared/secagg/wire-steps.ts";
import { OrderQueue, type OrderStep } from "./order-queue.ts";

export interface StepAnswer {
  readonly vclient: number;
  readonly step: StepUp;
  readonly bytes: Buffer;
}

export class MaskedSteps {
  #queue = new OrderQueue<OrderStep>();
  readonly #heard = new Set<string>();
  #given: StepAnswer[] = [];

  /** Another attempt: whoever waits for a step of the one before waits no more. */
  begin(): void {
    this.#queue.end();
    this.#queue = new OrderQueue();
    this.#heard.clear();
    this.#given = [];
  }

  /** A list has come; it may have come before. */
  hear(list: OrderStep): void {
    const name = `${list.vclient} ${list.step}`;
    if (!this.#heard.has(name)) this.#queue.put(list);
    this.#heard.add(name);
  }

  /** The next list; undefined once the attempt is over. */
  next(): Promise<OrderStep | undefined> {
    return this.#queue.next();
  }

  end(): void {
    this.#queue.end();
    this.#given = [];
  }

  /** Keeps an answer until the attempt is over. */
  give(answer: StepAnswer): void {
    this.#given.push(answer);
  }

  /** @param vclients of whom the coordinator lacks that answer; whoever has none yet will give it */
  given(step: OpenStep, vclients: readonly number[]): readonly StepAnswer[] {
    return this.#given.filter((one) => one.step === step && vclients.includes(one.vclient));
  }
}
