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
import { remembered } from "./kept.ts";

/** By which rules, as a ledger's open line says them. */
interface Rules {
  readonly accountant: Accountant;
  /** What is left of delta for the accountant. */
  readonly chargedDelta: number;
}

const TALLIES_KEPT = 8;

/** Equal events counted together: composition is then one multiplication, not a sum that drifts. */
type Tally = ReadonlyMap<string, Repeated>;

/**
 * Epsilon never falls as charges are added: it is the largest that any of them gave. An accountant
 * may give a little less for one more step (a PLD's grid changes with what it holds), but more can
 * cost no less, and the largest of upper bounds is one.
 */
export class Spending {
  readonly #rules: Rules;
  /** Of tallies asked for before: two adversaries mostly see the same, and each charge is asked twice. */
  readonly #known = new Map<string, number>();
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
    const tally = withOne(this.#tallies[adversary], event);
    const key = [...tally].map(([name, { count }]) => `${count} × ${name}`).join();
    const spent = remembered(this.#known, TALLIES_KEPT, key, () =>
      spentEpsilon(accountant, [...tally.values()], chargedDelta),
    );
    return Math.max(before, spent);
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
