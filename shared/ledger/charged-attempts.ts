/** Which attempts a ledger has charged: how often each task, and up to which number in each round. */
import type { Task } from "../accounting/mechanisms/event.ts";
import type { LedgerLine } from "./ledger-line.ts";

interface Charge {
  readonly round: number;
  readonly attempt: number;
  /** Absent: an update of the model. */
  readonly task?: Task | undefined;
}

export class ChargedAttempts {
  readonly #next = new Map<number, number>();
  readonly #counts = new Map<Task, number>();

  constructor(lines: readonly LedgerLine[]) {
    for (const { entry } of lines) if (entry.kind === "charge") this.add(entry);
  }

  add({ round, attempt, task = "train" }: Charge): void {
    this.#next.set(round, Math.max(this.next(round), attempt + 1));
    this.#counts.set(task, this.count(task) + 1);
  }

  /** The first number in that round that no attempt has had: none is ever used twice. */
  next(round: number): number {
    return this.#next.get(round) ?? 0;
  }

  count(task: Task): number {
    return this.#counts.get(task) ?? 0;
  }
}
