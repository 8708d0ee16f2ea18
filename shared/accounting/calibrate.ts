/**
 * A budget → the least noise, the most steps, the largest rate that keep it, by asking the
 * accountant that will charge it. What is returned was itself accounted for and found to keep it.
 */
import { BudgetError } from "../errors.ts";
import { type Repeated, type Rules, spendEpsilon } from "./compose.ts";
import { largestWhole } from "./numeric/bisect.ts";
import { narrowed, type Probe } from "./numeric/narrow.ts";

// Relative distance from the best value. RDP's epsilon is steep where its best order is the last
// one: there a noise 1e-5 too large may cost more than a thousandth of the target.
const PRECISION = { gdp: 1e-12, zcdp: 1e-12, rdp: 1e-8, pld: 1e-6 } as const;
// Noise beyond which nothing is learnt from anyone, and below which none is hidden.
const MOST_NOISE = 2 ** 60;
const LEAST_NOISE = 2 ** -10;
const MOST_STEPS = 2 ** 40;
const LEAST_RATE = 2 ** -40;

/** What may be spent in all, by whose rules. */
export interface Target extends Rules {
  readonly epsilon: number;
  readonly delta: number;
}

/** The events of a run, if the quantity that is sought were x. */
export type EventsAt = (x: number) => readonly Repeated[];

/**
 * The smallest noise multiplier that keeps the target, rounded up, and at least LEAST_NOISE: what
 * `spendEpsilon` gives of it is ≤ epsilon, and a relative 1e-12 (gdp, zcdp), 1e-8 (rdp) or 1e-6 (pld)
 * less noise is too little.
 *
 * @throws BudgetError where no theorem of the accountant covers an event, or no noise suffices
 * @throws RangeError for an epsilon that is not finite and > 0
 */
export function leastNoise(target: Target, eventsAt: EventsAt): number {
  return leastNoiseWhere(target, (x) => spendEpsilon(target, eventsAt(x), target.delta).epsilon);
}

/** The same where epsilon, which falls with the noise, is counted in another way. */
export function leastNoiseWhere(target: Target, epsilonAt: (noise: number) => number): number {
  const probe = probing(target, epsilonAt);
  let kept = probe(1);
  while (!keeps(kept)) {
    if (kept.x >= MOST_NOISE) throw unreachable(target, "noise");
    kept = probe(2 * kept.x);
  }
  for (;;) {
    const less = probe(kept.x / 2);
    if (!keeps(less)) return narrowed(kept, less, PRECISION[target.accountant], probe).x;
    kept = less;
    if (kept.x <= LEAST_NOISE) return kept.x;
  }
}

/**
 * The largest number of steps that keeps the target; one more would not.
 *
 * @throws BudgetError where not even one does, or where MOST_STEPS still do
 */
export function mostSteps(target: Target, eventsAt: EventsAt): number {
  const probe = probing(target, (x) => spendEpsilon(target, eventsAt(x), target.delta).epsilon);
  const satisfies = (steps: number) => keeps(probe(steps));
  if (!satisfies(1)) throw unreachable(target, "step");
  let high = 2;
  while (satisfies(high)) {
    high *= 2;
    if (high > MOST_STEPS) {
      throw new BudgetError({
        what: "steps",
        where: "solve",
        got: `more than ${MOST_STEPS}`,
        expected: "a number of steps that ends somewhere",
        fix: "Lower epsilon or the noise.",
      });
    }
  }
  return largestWhole(high / 2, high, satisfies);
}

/**
 * The largest sampling rate that keeps the target, rounded down to a relative 1e-8 (rdp) or 1e-6
 * (pld); 1 if all may take part.
 *
 * @throws BudgetError where none down to LEAST_RATE does
 */
export function largestRate(target: Target, eventsAt: EventsAt): number {
  const probe = probing(target, (x) => spendEpsilon(target, eventsAt(x), target.delta).epsilon);
  let lost = probe(1);
  if (keeps(lost)) return 1;
  for (;;) {
    const less = probe(lost.x / 2);
    if (keeps(less)) return narrowed(less, lost, PRECISION[target.accountant], probe).x;
    lost = less;
    if (lost.x <= LEAST_RATE) throw unreachable(target, "sampling rate");
  }
}

function probing({ epsilon }: Target, epsilonAt: (x: number) => number): (x: number) => Probe {
  if (!(epsilon > 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  return (x) => {
    const spent = epsilonAt(x);
    // Compared as they are: a logarithm's rounding must not pass for less.
    const log = Math.log(spent / epsilon);
    return { x, log: spent > epsilon ? Math.max(Number.MIN_VALUE, log) : Math.min(0, log) };
  };
}

function keeps({ log }: Probe): boolean {
  return log <= 0;
}

function unreachable({ epsilon, delta }: Target, quantity: string): BudgetError {
  return new BudgetError({
    what: "epsilon",
    where: "solve",
    got: epsilon,
    expected: `one that some ${quantity} keeps at delta ${delta}`,
    fix: "Raise epsilon or delta, or lower what else is spent.",
  });
}
