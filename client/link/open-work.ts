/**
 * What this side's clients have done in the attempt that is asked of them: at work, sent, declined. So
 * an attempt that is asked again, after a link broke, gets the bytes that it had before and no others,
 * and nobody trains it twice. Bytes are kept until the coordinator has judged them, or asks for more.
 */
import type { AttemptName } from "./order-book.ts";
import { isSame } from "./order-book.ts";
import type { Order } from "./order-queue.ts";

/** Why a client sends nothing; under masks also that a packet does not open, and whose: its place. */
export type Declined =
  | "budget"
  | "lost"
  | "leaving"
  | { readonly reason: "packet"; readonly accused: number };

interface Kept {
  readonly update: Int32Array | Uint32Array;
  /** As what attempt's it was announced: a scripted fault's another one. */
  readonly named: AttemptName;
  /** Told how many of its bytes have left, once it is known what became of it. */
  readonly settle: (bytes: number) => void;
}

/** What is to be done where an attempt is asked again. */
export interface Repeat {
  readonly put: readonly (readonly [
    vclient: number,
    update: Int32Array | Uint32Array,
    named: AttemptName,
  ])[];
  readonly declined: readonly (readonly [vclient: number, reason: Declined])[];
  /** Their bytes were taken and are kept no longer: the coordinator has lost them. */
  readonly forgotten: readonly number[];
}

export class OpenWork {
  #name: AttemptName | undefined;
  #working = new Set<number>();
  readonly #kept = new Map<number, Kept>();
  readonly #declined = new Map<number, Declined>();

  /** A new attempt, its model here: what was kept for the one before is given up. */
  begin({ round, attempt, cohort }: Order): void {
    this.end();
    this.#name = { round, attempt };
    this.#working = new Set(cohort);
  }

  /** These are to do it once more. */
  redo(vclients: readonly number[]): void {
    for (const vclient of vclients) this.#working.add(vclient);
  }

  isOf(name: AttemptName): boolean {
    return this.#name !== undefined && isSame(this.#name, name);
  }

  /** @returns how many of its bytes have left, once that is known; 0: given up */
  keep(vclient: number, update: Int32Array | Uint32Array, named: AttemptName): Promise<number> {
    this.#working.delete(vclient);
    return new Promise((settle) => this.#kept.set(vclient, { update, named, settle }));
  }

  /** True of a word on this attempt's update of that client, whatever it was announced as. */
  isAbout(vclient: number, name: AttemptName): boolean {
    const kept = this.#kept.get(vclient);
    return this.isOf(name) || (kept !== undefined && isSame(kept.named, name));
  }

  decline(vclient: number, reason: Declined): void {
    this.#working.delete(vclient);
    this.#declined.set(vclient, reason);
  }

  /** The coordinator has these bytes whole. */
  taken(vclient: number): void {
    const kept = this.#kept.get(vclient);
    kept?.settle(kept.update.byteLength);
  }

  /** It has judged them: they are needed no more. */
  judged(vclient: number): void {
    this.taken(vclient);
    this.#kept.delete(vclient);
  }

  /** @param cohort those whose answer the coordinator lacks */
  repeat(cohort: readonly number[]): Repeat {
    const asked = new Set(cohort);
    const put = [...this.#kept].map(
      ([vclient, { update, named }]) => [vclient, update, named] as const,
    );
    const isAsked = ([vclient]: readonly [number, ...unknown[]]) => asked.has(vclient);
    return {
      put: put.filter(isAsked),
      declined: [...this.#declined].filter(isAsked),
      forgotten: cohort.filter(
        (vclient) =>
          !this.#working.has(vclient) && !this.#kept.has(vclient) && !this.#declined.has(vclient),
      ),
    };
  }

  /** Nothing of it is asked for any more. */
  end(): void {
    for (const { settle } of this.#kept.values()) settle(0);
    this.#kept.clear();
    this.#declined.clear();
    this.#working.clear();
    this.#name = undefined;
  }
}
