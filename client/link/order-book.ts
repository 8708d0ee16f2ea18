/**
 * What a client has been asked so far. It takes part forward only, once an attempt, and in no more
 * attempts than its plan pays for: else whoever asks again and again could average its noise away.
 */
import type { Task } from "../../shared/accounting/event.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import { plannedTasks } from "../../shared/privacy-tasks.ts";

type OrderTerms = Pick<
  PrivacyPlan,
  "rounds" | "spareAttempts" | "clipNorm" | "adaptiveClipping" | "counts" | "trust" | "adjacency"
>;

export interface AttemptName {
  readonly round: number;
  readonly attempt: number;
}

/** One whose sum was released. */
export interface ReleasedAttempt extends AttemptName {
  /** Those of this side's clients whose update is in that sum, by number. */
  readonly counted: readonly number[];
}

/** What names an attempt, and what it asks for. */
export interface OrderTicket extends AttemptName {
  readonly task: Task;
  readonly clipNorm: number;
}

export class OrderBook {
  readonly #plan: OrderTerms;
  #last: readonly [round: number, attempt: number] = [-1, -1];
  readonly #taken = new Map<Task, number>();

  constructor(plan: OrderTerms) {
    this.#plan = plan;
  }

  /**
   * Notes one more attempt.
   *
   * @throws ProtocolError `round.…` for one that the plan does not hold
   */
  take({ round, attempt, task, clipNorm }: OrderTicket): void {
    const { rounds } = this.#plan;
    const [lastRound, lastAttempt] = this.#last;
    const got = `round ${round}, attempt ${attempt}`;
    const forward = round > lastRound || (round === lastRound && attempt > lastAttempt);
    if (!forward)
      throw refusal("round.stale", got, `after round ${lastRound}, attempt ${lastAttempt}`);
    if (!(round < rounds)) throw refusal("round.beyond", got, `one of the plan's ${rounds} rounds`);
    const taken = this.#taken.get(task) ?? 0;
    const most = plannedTasks(this.#plan).find((planned) => planned.task === task)?.count ?? 0;
    if (!(taken < most)) throw refusal("round.budget", got, `at most ${most} attempts to ${task}`);
    const [low, high] = this.#clipNorms(round);
    if (!(low <= clipNorm && clipNorm <= high))
      throw refusal("round.clipNorm", `clipNorm ${clipNorm}`, `within ${low} and ${high}`);
    this.#taken.set(task, taken + 1);
    this.#last = [round, attempt];
  }

  /** True of the attempt that was noted last. */
  isLast({ round, attempt }: AttemptName): boolean {
    return this.#last[0] === round && this.#last[1] === attempt;
  }

  /** Between which a round's may be: where it adapts, only round 0's is known beforehand. */
  #clipNorms(round: number): readonly [number, number] {
    const { clipNorm, adaptiveClipping } = this.#plan;
    return round > 0 && adaptiveClipping ? adaptiveClipping.bounds : [clipNorm, clipNorm];
  }
}

function refusal(what: string, got: string, expected: string): ProtocolError {
  const fix = "Take no further part: this coordinator does not keep to its plan.";
  return new ProtocolError({ what, where: "the order received", got, expected, fix });
}
