/** What a client believes of a masked attempt before it begins: its own sums, its owner's list, no replay. */
import { ProtocolError, ScenarioError } from "../../shared/errors.ts";
import { secaggRefusal } from "../../shared/secagg/refusal.ts";
import { type CohortTerms, type SecaggTerms, secaggTerms } from "../../shared/secagg/terms.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import type { AttemptName } from "../connection/round-request.ts";

/**
 * The terms that follow from the plan, for a cohort of that size. Where they are none that keep the
 * plan's promises, against a coordinator that lies too, the client takes no part.
 *
 * @param offered what the coordinator says they are
 * @throws ProtocolError `secagg.terms` naming the first that differs, or `secagg.…` where none keep
 *   the plan's promises
 */
export function agreedTerms(offered: SecaggTerms, clients: number, plan: CohortTerms): SecaggTerms {
  const own = ownTerms(clients, plan);
  for (const [name, value] of Object.entries(own)) {
    const got: unknown = Reflect.get(offered, name);
    if (got !== value) throw secaggRefusal("terms", `${name}, as offered`, got, `${value}`);
  }
  return own;
}

function ownTerms(clients: number, plan: CohortTerms): SecaggTerms {
  try {
    return secaggTerms(clients, plan);
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    throw new ProtocolError(cause.problem, { cause });
  }
}

/**
 * Holds a cohort against the owners with whom this one masks. Colluders are counted in clients, and an
 * owner with several places is as many of them. Seats are equal, so nobody holds more than this owner
 * brings: else one key could fill every other place, sign for all of them, and take itself off the sum.
 *
 * @param roster public keys by place
 * @param allowed base64url; undefined: whoever the coordinator names
 * @param seats clients of this owner
 * @throws ProtocolError `secagg.keys`
 */
export function checkRoster(
  roster: readonly Uint8Array[],
  allowed: ReadonlySet<string> | undefined,
  seats: number,
): void {
  if (allowed === undefined) return;
  const places = new Map<string, number>();
  for (const key of roster.map(toWire)) {
    const held = (places.get(key) ?? 0) + 1;
    places.set(key, held);
    if (!allowed.has(key))
      throw secaggRefusal("keys", "the cohort", "a key that its owner's list lacks", "those on it");
    if (held > seats)
      throw secaggRefusal(
        "keys",
        "the cohort",
        `more than ${seats} ${seats === 1 ? "place" : "places"} of one key`,
        `at most the ${seats} that this owner has itself`,
      );
  }
}

/**
 * The attempts of one run that a client has begun: each at most once, by whatever process of it, and
 * forward only within this one.
 */
export class AttemptGuard {
  #last: readonly [round: number, attempt: number] = [-1, -1];
  readonly #begun: ReadonlySet<string>;
  readonly #note: (attempt: AttemptName) => void;

  /**
   * @param begun by processes before this one, as the client's own ledger has it
   * @param note keeps that one begins, on the disk when it returns
   */
  constructor(begun: readonly AttemptName[] = [], note: (attempt: AttemptName) => void = () => {}) {
    this.#begun = new Set(begun.map(({ round, attempt }) => `${round}/${attempt}`));
    this.#note = note;
  }

  /** @throws ProtocolError `secagg.attempt` for one that was begun, or is not later than all of this process */
  begin(round: number, attempt: number): void {
    const [lastRound, lastAttempt] = this.#last;
    if (this.#begun.has(`${round}/${attempt}`))
      throw secaggRefusal(
        "attempt",
        "the attempt asked for",
        `round ${round}, attempt ${attempt}`,
        "one that no process of this client has begun",
      );
    const later = round > lastRound || (round === lastRound && attempt > lastAttempt);
    if (!later) {
      const got = `round ${round}, attempt ${attempt}`;
      const expected = `later than round ${lastRound}, attempt ${lastAttempt}`;
      throw secaggRefusal("attempt", "the attempt asked for", got, expected);
    }
    this.#note({ round, attempt });
    this.#last = [round, attempt];
  }
}
