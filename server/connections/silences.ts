/**
 * Clients that were asked twice and said nothing: each would hold every round to its deadline. Such a one sits
 * out the next rounds, twice as many each time, and counts as lost in them: cohort, noise and expectedUnits
 * stay the plan's. Kept in memory alone: after a resume all have joined anew, and are asked. Never where the
 * cohort is a secret: who sits out was drawn before.
 */
import type { Gathering } from "../attempts/attempt.ts";

/** Silent rounds in a row that are borne. */
const BORNE = 2;
const MOST_ROUNDS = 1_024;

interface Silence {
  /** Rounds without an answer, one after another. */
  readonly rounds: number;
  /** Rounds that it sits out yet. */
  readonly left: number;
  /** By the caller's clock: where too few are here without it, it is asked again from then on. */
  readonly until: number;
}

/** One that begins to sit out. */
export interface SatOut {
  readonly vclient: number;
  /** Without an answer. */
  readonly silent: number;
  /** That it sits out. */
  readonly rounds: number;
}

export class Silences {
  readonly #of = new Map<number, Silence>();
  readonly #awayMs: number;

  /** @param awayMs the shortest time to sit out where it is needed, in ms; twice as long each time */
  constructor(awayMs: number) {
    this.#awayMs = awayMs;
  }

  /**
   * A settled attempt at a round.
   *
   * @param now monotonic, in ms
   * @returns those that sit out from now on
   */
  note(attempt: Pick<Gathering, "asked" | "silent">, now: number): SatOut[] {
    for (const [clientIndex, silence] of this.#of)
      if (silence.left > 0) this.#of.set(clientIndex, { ...silence, left: silence.left - 1 });
    const silent = new Set(attempt.silent);
    for (const clientIndex of attempt.asked)
      if (!silent.has(clientIndex)) this.#of.delete(clientIndex);
    return attempt.silent.flatMap((clientIndex) => {
      const rounds = (this.#of.get(clientIndex)?.rounds ?? 0) + 1;
      const doubled = 2 ** (rounds - BORNE + 1);
      const left = rounds < BORNE ? 0 : Math.min(MOST_ROUNDS, doubled);
      const until = now + (this.#awayMs * Math.min(MOST_ROUNDS, doubled)) / 2;
      this.#of.set(clientIndex, { rounds, left, until });
      return left > 0 ? [{ vclient: clientIndex, silent: rounds, rounds: left }] : [];
    });
  }

  /** It has said something, be it too late. */
  answered(clientIndex: number): void {
    this.#of.delete(clientIndex);
  }

  /** It has connected anew: asked once more, and out for longer if it is silent again. */
  back(clientIndices: readonly number[]): void {
    for (const clientIndex of clientIndices) {
      const silence = this.#of.get(clientIndex);
      if (silence) this.#of.set(clientIndex, { ...silence, left: 0 });
    }
  }

  /**
   * Of those that are here, the ones to ask: without those that sit out, unless too few are left. Then all
   * whose time is over take part.
   *
   * @param least that an attempt needs
   */
  toAsk(here: readonly number[], least: number, now: number): readonly number[] {
    const isOut = (clientIndex: number) => (this.#of.get(clientIndex)?.left ?? 0) > 0;
    const asked = here.filter((clientIndex) => !isOut(clientIndex));
    if (asked.length >= least) return asked;
    return here.filter(
      (clientIndex) => !isOut(clientIndex) || (this.#of.get(clientIndex)?.until ?? 0) <= now,
    );
  }
}
