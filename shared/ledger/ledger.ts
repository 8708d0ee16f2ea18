/**
 * IO: the run's ledger on disk. Append-only; a charge is on the disk before anything that it pays
 * for may happen; nothing is ever refunded.
 */

import { dirname, join } from "node:path";
import type { CountedEvent } from "../accounting/charged-history.ts";
import type { ByAdversary, CountTask, PrivacyEvent, Task } from "../accounting/mechanisms/event.ts";
import { BudgetError } from "../errors.ts";
import type { Anchor, Chain } from "./chain.ts";
import { ChainFile, readMended } from "./chain-file.ts";
import { ChargedAttempts } from "./charged-attempts.ts";
import {
  LEDGER_FORMAT,
  type LedgerEntry,
  type LedgerLine,
  type OpenEntry,
  openingOf,
  spendingOf,
} from "./ledger-line.ts";
import { checkSequence } from "./ledger-sequence.ts";
import { MemoryChain } from "./memory-chain.ts";
import type { Spending } from "./spending.ts";

/** After so many releases, of each feature. */
interface LearnedRanges {
  readonly releases: number;
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

export type AttemptEvents = ByAdversary<PrivacyEvent>;

/** What the owners of the rows keep of a run: each attempt is there before this ledger has it. */
export interface OwnersLedgers {
  /** True if limits that were set beforehand hold one more. */
  affords(task: Task): boolean;
  /** On the disk when this returns. @throws BudgetError where a limit does not hold it */
  charge(round: number, attempt: number, events: AttemptEvents, task: Task): void;
}

/** Beside the ledger: place and hash of the last line that ended an attempt, or the run. */
export const ANCHOR_FILE = "anchor.json";

export class Ledger {
  readonly #chain: Chain<LedgerEntry>;
  readonly #clock: (() => string) | undefined;
  #spending: Spending;
  #attempts: ChargedAttempts;
  #owners: OwnersLedgers | undefined;

  /**
   * Begins a ledger in a file that must not exist.
   *
   * @param clock tells the time of each line; absent under seeded noise, where bytes must repeat
   * @param chain what `reopen` goes on with
   * @throws BudgetError `ledger.write`
   */
  constructor(
    path: string,
    opening: OpenEntry,
    clock?: () => string,
    chain: Chain<LedgerEntry> = ChainFile.create(placeOf(path), LEDGER_FORMAT, opening, clock?.()),
  ) {
    this.#chain = chain;
    this.#clock = clock;
    this.#spending = spendingOf(chain.lines);
    this.#attempts = new ChargedAttempts(chain.lines);
  }

  /** Of a simulation, which protects nobody: no charge lives in memory alone but where no row is private. */
  static inMemory(opening: OpenEntry): Ledger {
    return new Ledger("", opening, undefined, new MemoryChain(LEDGER_FORMAT, opening));
  }

  /**
   * Goes on with a ledger whose run was cut off. A last line without its end is cut off, and under
   * secure noise a line says so; every whole charge counts, whatever came of it.
   *
   * @throws BudgetError `ledger.…` for damage anywhere else, or a tail that the anchor misses
   */
  static reopen(path: string, clock?: () => string): Ledger {
    const chain = ChainFile.reopen(placeOf(path), LEDGER_FORMAT);
    checkSequence(chain.lines, path);
    const ledger = new Ledger(path, openingOf(chain.lines), clock, chain);
    const { droppedBytes } = chain;
    // Under seeded noise the bytes must come out as those of an unbroken run.
    if (droppedBytes > 0 && ledger.#isSecure) ledger.#append({ kind: "mended", droppedBytes });
    return ledger;
  }

  /**
   * The same for a run that goes on from the state that it had after line `from`.
   *
   * Secure: what was charged since stays charged; an attempt that was open is aborted, and a line says
   * from where the run goes on. Seeded: what follows repeats the lines ahead, byte for byte, and they
   * count as they are passed.
   */
  static resume(path: string, from: number, clock?: () => string): Ledger {
    const ledger = Ledger.reopen(path, clock);
    if (ledger.#isSecure) ledger.#goOnFrom(from);
    else ledger.#rewind(from);
    return ledger;
  }

  get lines(): readonly LedgerLine[] {
    return this.#chain.lines;
  }

  /** Place and hash of the last line: what clients are told, so that a cut tail shows. */
  get head(): Anchor {
    return this.#chain.head;
  }

  /** From now on each charge is in those too, first. */
  charges(owners: OwnersLedgers): void {
    this.#owners = owners;
  }

  /** True if one more attempt stays within what the run may spend, and its rows' owners let it. */
  affords(events: AttemptEvents, task: Task = "train"): boolean {
    return this.#holds(events) && (this.#owners?.affords(task) ?? true);
  }

  #holds(events: AttemptEvents): boolean {
    const { budget } = openingOf(this.lines);
    return budget === null || this.#after(events) <= budget;
  }

  /**
   * Spends one attempt: on the disk when this returns, so call it just before any update of the
   * attempt may arrive.
   *
   * @throws BudgetError if the budget does not hold it, or the line could not be made durable
   */
  charge(round: number, attempt: number, events: AttemptEvents, task: Task = "train"): void {
    if (!this.#holds(events))
      throw new BudgetError({
        what: "budget",
        where: `round ${round}, attempt ${attempt}`,
        got: `epsilon ${this.#after(events)} after it`,
        expected: `at most ${openingOf(this.lines).budget}`,
        fix: "Stop here, or plan for more with privacy.epsilon or privacy.spareAttempts.",
      });
    // Whatever dies between the two: counted once too often there, never once too little.
    this.#owners?.charge(round, attempt, events, task);
    this.#append({ kind: "charge", round, attempt, ...(task !== "train" && { task }), events });
    this.#spending.charge(events);
    this.#attempts.add({ round, attempt, task });
  }

  /**
   * @param bits as released, where the clip norm adapts
   * @param averagedHash of the models' average, where there is one
   */
  release(
    round: number,
    attempt: number,
    modelHash: string,
    bits?: number,
    averagedHash?: string,
  ): void {
    const counted = bits === undefined ? {} : { bits };
    const averaged = averagedHash === undefined ? {} : { averagedHash };
    this.#append({ kind: "release", round, attempt, modelHash, ...averaged, ...counted });
    this.#anchor();
  }

  /** @param countsHash of what was released, 64 hex digits */
  releaseCounts(round: number, attempt: number, task: CountTask, countsHash: string): void {
    this.#append({ kind: "counts", round, attempt, task, countsHash });
    this.#anchor();
  }

  /** @param learned after so many releases, from these counts */
  releaseBounds(
    round: number,
    attempt: number,
    counts: readonly number[],
    { releases, ranges }: LearnedRanges,
  ): void {
    const pairs = ranges.map(([low, high]): [number, number] => [low, high]);
    const at = { kind: "bounds", round, attempt } as const;
    this.#append({ ...at, release: releases, counts: [...counts], ranges: pairs });
    this.#anchor();
  }

  abort(round: number, attempt: number, reason: string): void {
    this.#append({ kind: "abort", round, attempt, reason });
    this.#anchor();
  }

  /** Epsilon spent so far against each adversary; null where there is no bound. */
  get spent(): ByAdversary<number | null> {
    return this.#spending.spent;
  }

  /** The charged events, equal ones counted together. */
  get chargedEvents(): ByAdversary<CountedEvent[]> {
    return this.#spending.charged;
  }

  /** The first number that no attempt at that round has had. */
  nextAttempt(round: number): number {
    return this.#attempts.next(round);
  }

  /** Attempts charged, released or not. */
  charged(task: Task): number {
    return this.#attempts.count(task);
  }

  /** Why no line follows any more; undefined while there may. */
  get closed(): string | undefined {
    const last = this.lines.at(-1)?.entry;
    return last?.kind === "close" ? last.reason : undefined;
  }

  /** The last line, then no more. */
  close(reason: string): void {
    if (this.closed === undefined) this.#append({ kind: "close", reason });
    this.#anchor();
    this.letGo();
  }

  /** Of a run that was broken off: no line follows from here. Its file may be gone on with. */
  letGo(): void {
    this.#chain.close();
  }

  #goOnFrom(from: number): void {
    const since = this.lines.slice(from + 1).map(({ entry }) => entry);
    if (this.closed !== undefined || !since.some(({ kind }) => kind === "charge")) return;
    // The last line but for one that mended it: after a charge, its attempt is still open.
    const last = since.findLast(({ kind }) => kind !== "mended");
    if (last?.kind === "charge")
      this.abort(last.round, last.attempt, "the coordinator was cut off");
    this.#append({ kind: "resumed", from });
    this.#anchor();
  }

  #rewind(from: number): void {
    this.#chain.rewind(from);
    this.#spending = spendingOf(this.lines);
    this.#attempts = new ChargedAttempts(this.lines);
  }

  get #isSecure(): boolean {
    return openingOf(this.lines).noise === "secure";
  }

  #after({ modelRecipients }: AttemptEvents): number {
    return this.#spending.after("modelRecipients", modelRecipients);
  }

  #append(entry: LedgerEntry): void {
    this.#chain.append(entry, this.#clock?.());
  }

  /** Seeded noise protects nobody: what is written then need not outlast the machine's power. */
  #anchor(): void {
    this.#chain.anchor(this.#isSecure);
  }
}

/**
 * Lines of a ledger that nobody writes any more, held against its anchor; the file is left alone.
 * A last line without its end is left out if the anchor does not know it.
 *
 * @throws BudgetError `ledger.…`
 */
export function readLedger(path: string): { lines: LedgerLine[]; droppedBytes: number } {
  return readMended(placeOf(path), LEDGER_FORMAT);
}

function placeOf(path: string) {
  return { path, anchorPath: join(dirname(path), ANCHOR_FILE) };
}
