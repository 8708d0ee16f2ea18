/** What a ledger's charges have spent so far, kept up charge by charge. */
import { canonicalJson } from "../canonical.ts";
import { type Repeated, spentEpsilon } from "./compose.ts";
import {
  type Accountant,
  type Adversary,
  type ByAdversary,
  byAdversary,
  type PrivacyEvent,
} from "./event.ts";

/** By which rules, as a ledger's open line says them. */
interface Rules {
  readonly accountant: Accountant;
  /** What is left of delta for the accountant. */
  readonly chargedDelta: number;
}

/** Equal events counted together: composition is then one multiplication, not a sum that drifts. */
type Tally = ReadonlyMap<string, Repeated>;

/**
 * Epsilon never falls as charges are added: it is the largest that any of them gave. An accountant
 * may give a little less for one more step (a PLD's grid changes with what it holds), but more can
 * cost no less, and the largest of upper bounds is one.
 */
export class Spending {
  readonly #rules: Rules;
  #tallies: ByAdversary<Tally> = byAdversary(() => new Map());
  #spent: ByAdversary<number> = byAdversary(() => 0);

  constructor({ accountant, chargedDelta }: Rules) {
    this.#rules = { accountant, chargedDelta };
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
    const { accountant, chargedDelta } = this.#rules;
    const before = this.#spent[adversary];
    if (before === Infinity) return before;
    const events = [...withOne(this.#tallies[adversary], event).values()];
    return Math.max(before, spentEpsilon(accountant, events, chargedDelta));
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
