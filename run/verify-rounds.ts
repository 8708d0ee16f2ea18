/** What a run's rounds say, held against its ledger's lines. */

import { countsHash } from "../server/rounds/count-round.ts";
import { stepClipNorm } from "../server/step/adapt-clip.ts";
import { ADVERSARIES, type ByAdversary } from "../shared/accounting/mechanisms/event.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { rawSpent } from "../shared/claims/raw-spending.ts";
import { BudgetError } from "../shared/errors.ts";
import type { BoundsTrace, RoundTrace } from "../shared/events/trace.ts";
import {
  type LedgerLine,
  openingOf,
  releasesOf,
  standingLines,
} from "../shared/ledger/ledger-line.ts";
import { Spending } from "../shared/ledger/spending.ts";
import { learnedOf } from "../shared/plan/bound-contract.ts";
import type { Plan } from "../shared/plan/plan.ts";
import { BOUNDS_RELEASES } from "../shared/privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../shared/privacy/plan.ts";
import { boundsTrace } from "./execute/learned-bounds.ts";

/** What the ledger says of a round that was released. */
interface Released {
  /** Of its line. */
  readonly seq: number;
  readonly modelHash: string;
  readonly averagedHash?: string | undefined;
  readonly bits?: number | undefined;
  readonly spent: ByAdversary<number | null>;
  /** Against the raw table, where that is not the same. */
  readonly raw?: () => ByAdversary<number | null>;
}

/**
 * Each round's printed ε must be what the ledger's lines up to its release give; what the run was taken
 * back behind counts for ε, and for nothing else.
 */
export function checkRounds(
  run: string,
  plan: PrivacyPlan,
  lines: readonly LedgerLine[],
  rounds: readonly RoundTrace[],
): void {
  const releases = releasedRounds(plan, lines);
  for (const round of rounds) checkRound(run, round, releases.get(round.round));
}

/** The ledger's releases that stand, by their rounds. */
function releasedRounds(
  plan: PrivacyPlan,
  lines: readonly LedgerLine[],
): ReadonlyMap<number, Released> {
  const releases = new Map<number, Released>();
  const spentOf = ({ spent, charged }: Spending) => ({
    spent,
    ...(plan.rawFactor !== 1 && { raw: () => rawSpent(plan, charged) }),
  });
  const spending = new Spending(openingOf(lines));
  for (const { seq, entry } of lines) {
    if (entry.kind === "charge") {
      spending.charge(entry.events);
      // An evaluation by the clients is charged after its round's release, and printed with the round.
      const released = entry.task === "evaluation" ? releases.get(entry.round) : undefined;
      if (released) releases.set(entry.round, { ...released, ...spentOf(spending) });
    }
    if (entry.kind === "resumed") forgetAfter(releases, entry.from);
    if (entry.kind === "release")
      releases.set(entry.round, { ...entry, seq, ...spentOf(spending) });
  }
  return releases;
}

function forgetAfter(releases: Map<number, Released>, from: number): void {
  for (const [round, { seq }] of releases) if (seq > from) releases.delete(round);
}

function checkRound(run: string, round: RoundTrace, ledger: Released | undefined): void {
  const where = `rounds.jsonl, round ${round.round}`;
  demand(run, where, ledger !== undefined, true, "a release in the ledger");
  demand(run, where, round.modelHash, ledger?.modelHash, "the model hash of the ledger's release");
  const averaged = [round.averagedHash, ledger?.averagedHash] as const;
  demand(run, `${where}, averagedHash`, ...averaged, "the ledger's");
  demand(run, `${where}, bits`, round.clipping?.bits, ledger?.bits, "the ledger's");
  for (const adversary of ADVERSARIES) {
    const [got, expected] = [round.epsilon[adversary], ledger?.spent[adversary]];
    demand(run, `${where}, ε against ${adversary}`, got, expected, "what the ledger gives");
    const raw = [round.rawEpsilon?.[adversary], ledger?.raw?.()[adversary]] as const;
    demand(run, `${where}, ε of the raw table`, ...raw, "what the ledger gives");
  }
}

/** Counts are told exactly where the ledger released some, and are those whose hash it holds. */
export function checkCounts(
  run: string,
  lines: readonly LedgerLine[],
  rounds: readonly RoundTrace[],
  statistics: readonly { readonly counts: readonly number[] }[],
): void {
  const told = new Map<string, string>();
  if (statistics.length > 0)
    told.set("statistics of round 0", hashOf(statistics.flatMap(({ counts }) => counts)));
  for (const { round, federated } of rounds)
    if (federated)
      told.set(`evaluation of round ${round}`, hashOf([federated.right, federated.wrong]));
  for (const { entry } of standingLines(lines)) {
    if (entry.kind !== "counts") continue;
    const name = `${entry.task} of round ${entry.round}`;
    demand(run, name, told.get(name), entry.countsHash, "the ledger's");
    told.delete(name);
  }
  const [stray] = told.keys();
  demand(run, stray ?? "counts", stray, undefined, "none, for the ledger released none");
}

/**
 * Ranges must follow from the ledger's own counts; all releases are there before the first model; a trace says what
 * they came to.
 */
export function checkBounds(
  run: string,
  plan: Pick<Plan, "privacy" | "contract">,
  lines: readonly LedgerLine[],
  trace?: BoundsTrace,
): void {
  const learns = plan.privacy.bounds !== undefined;
  const learned = learnedOf(plan, lines);
  const known = learns ? BOUNDS_RELEASES : 0;
  const isTrained = releasesOf(lines).length > 0;
  if (isTrained || trace) demand(run, "bounds", learned.releases, known, "the plan's releases");
  if (trace)
    demand(
      run,
      "trace.json, bounds",
      canonicalJson(trace),
      canonicalJson(boundsTrace(plan, learned)),
      "those that the ledger gives",
    );
}

function hashOf(counts: readonly number[]): string {
  return countsHash(Int32Array.from(counts));
}

/** Each round's clip norm must follow from the released bits of the one before. */
export function checkClipNorms(
  run: string,
  plan: PrivacyPlan,
  rounds: readonly RoundTrace[],
): void {
  let due = plan.clipNorm;
  for (const { round, clipping } of rounds) {
    const where = `rounds.jsonl, round ${round}, clipNorm`;
    demand(run, where, clipping !== undefined, plan.adaptiveClipping !== null, "as the plan says");
    if (clipping === undefined) continue;
    demand(run, where, clipping.clipNorm, due, "what the bits before it give");
    due = stepClipNorm(plan, due, clipping.bits)?.next ?? due;
    demand(run, where, clipping.next, due, "what its bits give");
  }
}

/** @throws BudgetError unless they are the same */
export function demand(
  run: string,
  what: string,
  got: unknown,
  due: unknown,
  meaning: string,
): void {
  if (got === due) return;
  throw new BudgetError({
    what: `verify: ${what}`,
    where: run,
    got,
    expected: `${due}, ${meaning}`,
    fix: "Trust nothing that this run claims.",
  });
}
