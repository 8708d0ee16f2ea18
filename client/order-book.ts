/**
 * What a client has been asked so far. It takes part forward only, once an attempt, and in no more
 * attempts than its plan pays for: else whoever asks again and again could average its noise away.
 */
import { ProtocolError } from "../shared/errors.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";

export class OrderBook {
  readonly #plan: Pick<PrivacyPlan, "rounds" | "spareAttempts">;
  #last: readonly [round: number, attempt: number] = [-1, -1];
  #taken = 0;

  constructor(plan: Pick<PrivacyPlan, "rounds" | "spareAttempts">) {
    this.#plan = plan;
  }

  /** Notes one more attempt. @throws ProtocolError `round.…` for one that the plan does not hold */
  take(round: number, attempt: number): void {
    const { rounds, spareAttempts } = this.#plan;
    const [lastRound, lastAttempt] = this.#last;
    const got = `round ${round}, attempt ${attempt}`;
    const forward = round > lastRound || (round === lastRound && attempt > lastAttempt);
    if (!forward)
      throw refusal("round.stale", got, `after round ${lastRound}, attempt ${lastAttempt}`);
    if (!(round < rounds)) throw refusal("round.beyond", got, `one of the plan's ${rounds} rounds`);
    const most = rounds + spareAttempts;
    if (!(this.#taken < most))
      throw refusal("round.budget", got, `at most ${most} attempts in all`);
    this.#taken += 1;
    this.#last = [round, attempt];
  }
}

function refusal(what: string, got: string, expected: string): ProtocolError {
  const fix = "Take no further part: this coordinator does not keep to its plan.";
  return new ProtocolError({ what, where: "the order received", got, expected, fix });
}
