/**
 * What all runs of a sweep have spent together on the same rows: whoever chose among them has seen them
 * all. A bound for the chosen one alone (Liu & Talwar 2019; Papernot & Steinke 2022) needs a random number
 * of runs, drawn by its own distribution; a sweep's number is fixed, so none is claimed.
 */
import { type Repeated, spentEpsilon } from "../shared/accounting/compose.ts";
import { type Adversary, type ByAdversary, byAdversary } from "../shared/accounting/event.ts";
import { type LedgerLine, openingOf, spentBy } from "../shared/accounting/ledger-line.ts";
import { canonicalJson } from "../shared/canonical.ts";

export interface Composition {
  readonly runs: number;
  /** null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  readonly delta: number;
  /** All events together; or, where runs are accounted for by different rules, their claims added up. */
  readonly by: "composition" | "addition" | "units differ";
}

type Lines = readonly LedgerLine[];

/** @param ledgers of runs on the same rows, finished or not; of none nothing was charged */
export function compositionOf(ledgers: readonly Lines[]): Composition {
  if (ledgers.length === 0)
    return { runs: 0, epsilon: byAdversary(() => 0), delta: 0, by: "composition" };
  const openings = ledgers.map(openingOf);
  const kinds = (of: (opening: (typeof openings)[number]) => unknown) =>
    new Set(openings.map((opening) => canonicalJson(of(opening)))).size;
  if (kinds(({ unit, adjacency }) => [unit, adjacency]) > 1) return unbounded(ledgers);
  return kinds(({ accountant }) => accountant) > 1 ? added(ledgers) : composed(ledgers);
}

/**
 * (ε, δ) of the exact noise is (ε, δ + D (1 + e^ε)) of noise from tables at total variation D. A run's
 * part of D is no more than half of what it took off its δ, for there too 1 + e^ε was 2 or more.
 */
function composed(ledgers: readonly Lines[]): Composition {
  const openings = ledgers.map(openingOf);
  const delta = Math.max(...openings.map((opening) => opening.delta));
  const distance = openings.reduce((sum, own) => sum + (own.delta - own.chargedDelta) / 2, 0);
  const accountant = openings[0]?.accountant ?? "rdp";
  const exact = byAdversary((adversary) =>
    spentEpsilon(accountant, eventsAgainst(ledgers, adversary), delta),
  );
  const bounded = Object.values(exact).filter(Number.isFinite);
  const withTables = delta + distance * (1 + Math.exp(Math.max(0, ...bounded)));
  const epsilon = byAdversary((adversary) =>
    exact[adversary] < Infinity && withTables < 1 ? exact[adversary] : null,
  );
  return { runs: ledgers.length, epsilon, delta: withTables, by: "composition" };
}

/** Equal events counted together, over all runs. */
function eventsAgainst(ledgers: readonly Lines[], adversary: Adversary): Repeated[] {
  const tally = new Map<string, Repeated>();
  for (const { entry } of ledgers.flat()) {
    if (entry.kind !== "charge") continue;
    const event = entry.events[adversary];
    const key = canonicalJson(event);
    tally.set(key, { event, count: (tally.get(key)?.count ?? 0) + 1 });
  }
  return [...tally.values()];
}

/** Dwork, Kenthapadi, McSherry, Mironov & Naor 2006, theorem 1: epsilons and deltas add up. */
function added(ledgers: readonly Lines[]): Composition {
  const spent = ledgers.map(spentBy);
  const epsilon = byAdversary((adversary) => {
    const total = spent.reduce((sum, one) => sum + (one[adversary] ?? Infinity), 0);
    return total === Infinity ? null : total;
  });
  const delta = ledgers.reduce((sum, lines) => sum + openingOf(lines).delta, 0);
  return { runs: ledgers.length, epsilon, delta, by: "addition" };
}

function unbounded(ledgers: readonly Lines[]): Composition {
  const delta = Math.max(...ledgers.map((lines) => openingOf(lines).delta));
  return { runs: ledgers.length, epsilon: byAdversary(() => null), delta, by: "units differ" };
}
