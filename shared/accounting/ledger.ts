/**
 * IO: the run's ledger on disk. Append-only; a charge is on the disk before anything that it pays
 * for may happen; nothing is ever refunded.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { BudgetError, reasonOf } from "../errors.ts";
import type { ByAdversary, PrivacyEvent } from "./event.ts";
import {
  chainLine,
  type LedgerEntry,
  type LedgerLine,
  lineText,
  type OpenEntry,
  openingOf,
  spentAgainst,
  spentBy,
} from "./ledger-line.ts";

export type AttemptEvents = ByAdversary<PrivacyEvent>;

export class Ledger {
  readonly #file: number;
  readonly #path: string;
  readonly #clock: (() => string) | undefined;
  readonly #lines: LedgerLine[] = [];

  /**
   * Begins a ledger in a file that must not exist.
   *
   * @param clock tells the time of each line; absent under seeded noise, where bytes must repeat
   */
  constructor(path: string, opening: OpenEntry, clock?: () => string) {
    this.#path = path;
    this.#clock = clock;
    this.#file = openSync(path, "ax", 0o600);
    this.#append(opening);
    // The file's name is on the disk only once its folder is.
    const folder = openSync(dirname(path), "r");
    fsyncSync(folder);
    closeSync(folder);
  }

  get lines(): readonly LedgerLine[] {
    return this.#lines;
  }

  /** Place and hash of the last line: what clients are told, so that a cut tail shows. */
  get tip(): { readonly seq: number; readonly hash: string } {
    const { seq, hash } = this.#lines.at(-1) ?? { seq: 0, hash: "" };
    return { seq, hash };
  }

  /** True if one more attempt stays within what the run may spend. */
  affords(events: AttemptEvents): boolean {
    const { budget } = openingOf(this.#lines);
    return budget === null || this.#after(events) <= budget;
  }

  /**
   * Spends one attempt: on the disk when this returns, so call it just before any update of the
   * attempt may arrive.
   *
   * @throws BudgetError if the budget does not hold it, or the line could not be made durable
   */
  charge(round: number, attempt: number, events: AttemptEvents): void {
    if (!this.affords(events))
      throw new BudgetError({
        what: "budget",
        where: `round ${round}, attempt ${attempt}`,
        got: `epsilon ${this.#after(events)} after it`,
        expected: `at most ${openingOf(this.#lines).budget}`,
        fix: "Stop here, or plan for more with privacy.epsilon or privacy.spareAttempts.",
      });
    this.#append({ kind: "charge", round, attempt, events });
  }

  release(round: number, attempt: number, modelHash: string): void {
    this.#append({ kind: "release", round, attempt, modelHash });
  }

  abort(round: number, attempt: number, reason: string): void {
    this.#append({ kind: "abort", round, attempt, reason });
  }

  /** Epsilon spent so far against each adversary; null where there is no bound. */
  get spent(): ByAdversary<number | null> {
    return spentBy(this.#lines);
  }

  /** The last line, then no more. */
  close(reason: string): void {
    this.#append({ kind: "close", reason });
    closeSync(this.#file);
  }

  #after(events: AttemptEvents): number {
    return spentAgainst(this.#lines, "modelRecipients", [events.modelRecipients]);
  }

  #append(entry: LedgerEntry): void {
    const tip = this.#lines.at(-1);
    const line = chainLine(tip ? tip.seq + 1 : 0, tip?.hash ?? null, entry, this.#clock?.());
    try {
      const bytes = Buffer.from(`${lineText(line)}\n`);
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      fdatasyncSync(this.#file);
    } catch (cause) {
      // A failed sync may have lost the pages that it was to write: trying again could succeed
      // without them.
      throw new BudgetError(
        {
          what: "ledger.write",
          where: this.#path,
          got: reasonOf(cause),
          expected: "a line on the disk",
          fix: "Free the disk, then start the run anew.",
        },
        { cause },
      );
    }
    this.#lines.push(line);
  }
}
