/** What a ledger's charges have spent so far, kept up charge by charge. */

import type { CountedEvent } from "../accounting/charged-history.ts";
import {
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PrivacyEvent,
} from "../accounting/mechanisms/event.ts";
import { type SpendingRules, spentWithPast } from "../accounting/model-past.ts";
import { canonicalJson } from "../canonical.ts";
import { memoize } from "../memoize.ts";

const TALLIES_KEPT = 8;

/** Equal events counted together: composition is then one multiplication, not a sum that drifts. */
type Tally = ReadonlyMap<string, CountedEvent>;

/**
 * Epsilon never falls as charges are added: it is the largest that any of them gave. An accountant
 * may give a little less for one more step (a PLD's grid changes with what it holds), but more can
 * cost no less, and the largest of upper bounds is one.
 */
export class Spending {
  readonly #rules: SpendingRules;
  /** Of tallies asked for before: two adversaries mostly see the same, and each charge is asked twice. */
  readonly #known = new Map<string, number>();
  #tallies: ByAdversary<Tally> = byAdversary(() => new Map());
  #spent: ByAdversary<number>;

  /** What the model's past has spent counts from the start. */
  constructor(rules: SpendingRules) {
    const { unit, adjacency, accountant, chargedDelta, rowsPerPerson, past } = rules;
    this.#rules = { unit, adjacency, accountant, chargedDelta, rowsPerPerson, past };
    this.#spent = byAdversary((one) => (past ? spentWithPast(this.#rules, [], one) : 0));
  }

  /** One more attempt. */
  charge(events: ByAdversary<PrivacyEvent>): void {
    const before = this.#tallies;
    this.#spent = byAdversary((adversary) => this.after(adversary, events[adversary]));
    this.#tallies = byAdversary((adversary) => withOne(before[adversary], events[adversary]));
  }

  /** Against `adversary`; Infinity where something was released as it is. */
  against(adversary: Adversary): number {
    return this.#spent[adversary];
  }

  /** The same after one more event. */
  after(adversary: Adversary, event: PrivacyEvent): number {
    const before = this.#spent[adversary];
    if (before === Infinity) return before;
    const tally = withOne(this.#tallies[adversary], event);
    const own = [...tally].map(([name, { count }]) => `${count} × ${name}`).join();
    // Two that see the same of this run may have seen more or less of those before.
    const key = this.#rules.past ? `${adversary}: ${own}` : own;
    const spent = memoize(this.#known, TALLIES_KEPT, key, () =>
      spentWithPast(this.#rules, [...tally.values()], adversary),
    );
    return Math.max(before, spent);
  }

  /** The events themselves. */
  get charged(): ByAdversary<CountedEvent[]> {
    return byAdversary((adversary) => [...this.#tallies[adversary].values()]);
  }

  /** Against each adversary; null where there is no bound. */
  get spent(): ByAdversary<number | null> {
    return byAdversary((adversary) => {
      const epsilon = this.against(adversary);
      return Number.isFinite(epsilon) ? epsilon : null;
    });
  }
}

/** A run has few kinds of events, so that a copy is cheap. */
function withOne(tally: Tally, event: PrivacyEvent): Tally {
  const key = canonicalJson(event);
  return new Map(tally).set(key, { event, count: (tally.get(key)?.count ?? 0) + 1 });
}
