/**
 * What all runs of a sweep have spent together on the same rows: whoever chose among them has seen them
 * all. A bound for the chosen one alone (Liu & Talwar 2019; Papernot & Steinke 2022) needs a random number
 * of runs, drawn by its own distribution; a sweep's number is fixed, so none is claimed.
 */
import {
  type ChargedHistory,
  type Charges,
  type CountedEvent,
  deltaFor,
} from "../shared/accounting/charged-history.ts";
import { spentEpsilon } from "../shared/accounting/compose.ts";
import { composeHistories } from "../shared/accounting/compose-histories.ts";
import {
  type Adversary,
  type ByAdversary,
  byAdversary,
} from "../shared/accounting/mechanisms/event.ts";
import { joinedPasts } from "../shared/accounting/model-past.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { isSampled } from "../shared/claims/raw-spending.ts";
import { type LedgerLine, openingOf, spentBy } from "../shared/ledger/ledger-line.ts";
import type { RawFactor } from "../shared/privacy/group-privacy.ts";

export interface Composition {
  readonly runs: number;
  /** Against the raw table; null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  readonly delta: number;
  /** All events together; or, where no one theorem covers all runs, their claims added up. */
  readonly by: "composition" | "addition" | "units differ";
  /** Of several runs of unit client: each client is taken to be the same in all. Absent: of records, or one run. */
  readonly unit?: "client";
}

/** What a run charged, and what its plan says of the way from raw rows to those that were charged for. */
export interface ChargedRun {
  readonly lines: readonly LedgerLine[];
  readonly rawFactor: RawFactor;
  /** The same as a value; absent: the run starts from no weights that cost anything. */
  readonly history?: ChargedHistory | undefined;
  /** Total variation of all the noise that it may have drawn from the noise accounted for. */
  readonly distance: number;
}

type Lines = readonly LedgerLine[];

/** @param charged on the same rows, by runs that finished or not; of none nothing was charged */
export function compositionOf(charged: readonly ChargedRun[]): Composition {
  const composition = together(charged);
  const ofClients = charged.some(({ lines }) => openingOf(lines).unit === "client");
  return ofClients && charged.length > 1 ? { ...composition, unit: "client" } : composition;
}

function together(charged: readonly ChargedRun[]): Composition {
  if (charged.length === 0)
    return { runs: 0, epsilon: byAdversary(() => 0), delta: 0, by: "composition" };
  const ledgers = charged.map(({ lines }) => lines);
  const openings = ledgers.map(openingOf);
  const kinds = (of: (opening: (typeof openings)[number]) => unknown) =>
    new Set(openings.map((opening) => canonicalJson(of(opening)))).size;
  if (kinds(({ unit, adjacency }) => [unit, adjacency]) > 1) return unbounded(ledgers);
  if (openings.some(({ past }) => past !== undefined)) return withPasts(charged);
  if (charged.some(({ rawFactor }) => rawFactor !== 1)) return ofRaw(charged);
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

/** What their weights come from is spent too, once, however many of them start from it. */
function withPasts(charged: readonly ChargedRun[]): Composition {
  const openings = charged.map(({ lines }) => openingOf(lines));
  const own = charged.flatMap(({ history }) => history ?? []);
  const { histories, unknown } = joinedPasts(
    openings.flatMap(({ past }) => past ?? []),
    own,
  );
  const largest = Math.max(...openings.map((opening) => opening.delta));
  const delta = deltaFor(largest, histories);
  const { unit = "record", adjacency = "zeroOut" } = openings[0] ?? {};
  const perPerson = openings.some(({ rowsPerPerson }) => rowsPerPerson !== undefined);
  const epsilon =
    unknown || own.length < charged.length
      ? byAdversary(() => null)
      : composeHistories(histories, { unit, adjacency, perPerson, delta });
  return { runs: charged.length, epsilon, delta, by: "composition" };
}

/** Equal events counted together, over all runs. */
function eventsAgainst(ledgers: readonly Lines[], adversary: Adversary): CountedEvent[] {
  const tally = new Map<string, CountedEvent>();
  for (const { entry } of ledgers.flat()) {
    if (entry.kind !== "charge") continue;
    const event = entry.events[adversary];
    const key = canonicalJson(event);
    tally.set(key, { event, count: (tally.get(key)?.count ?? 0) + 1 });
  }
  return [...tally.values()];
}

/**
 * Of runs in which one row of the raw table moves others: all events together, priced with the rows that
 * it moves, at the runs' own δ.
 */
function ofRaw(charged: readonly ChargedRun[]): Composition {
  const openings = charged.map(({ lines }) => openingOf(lines));
  const delta = Math.max(...openings.map((opening) => opening.delta));
  const charges = charged.map(({ lines, rawFactor, distance }): Charges => {
    const { unit, accountant } = openingOf(lines);
    const events = byAdversary((adversary) => eventsAgainst([lines], adversary));
    const own = isSampled(events.modelRecipients) ? "pld" : accountant;
    return { unit, accountant: own, rowFactor: rawFactor, distance, events };
  });
  const { unit, adjacency } = openings[0] ?? { unit: "record", adjacency: "zeroOut" };
  const epsilon = composeHistories(charges, { unit, adjacency, delta });
  return { runs: charged.length, epsilon, delta, by: "composition" };
}

/** Dwork, Kenthapadi, McSherry, Mironov & Naor 2006, theorem 1: epsilons and deltas add up. */
function added(ledgers: readonly Lines[]): Composition {
  const spent = ledgers.map((lines) => spentBy(lines));
  const delta = ledgers.reduce((sum, lines) => sum + openingOf(lines).delta, 0);
  const epsilon = byAdversary((adversary) => {
    const total = spent.reduce((sum, own) => sum + (own[adversary] ?? Infinity), 0);
    return total < Infinity && delta < 1 ? total : null;
  });
  return { runs: ledgers.length, epsilon, delta, by: "addition" };
}

function unbounded(ledgers: readonly Lines[]): Composition {
  const delta = Math.max(...ledgers.map((lines) => openingOf(lines).delta));
  return { runs: ledgers.length, epsilon: byAdversary(() => null), delta, by: "units differ" };
}
