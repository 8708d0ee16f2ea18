/** In which order a ledger's lines make sense, hash chain aside: open, attempts, close. */
import { BudgetError } from "../errors.ts";
import { ChargedAttempts } from "./charged-attempts.ts";
import type { LedgerLine } from "./ledger-line.ts";

/**
 * A charge goes ever forward in (round, attempt); each is followed by one release (of a model or of
 * counts) or abort of that same attempt, but for the last of a run that was cut off. Nothing is released
 * uncharged. A run that was resumed goes forward from where it was taken back to, and never by an attempt
 * that was charged before.
 *
 * @throws BudgetError `ledger.sequence` naming the first line out of order
 */
export function checkSequence(lines: readonly LedgerLine[], where: string): void {
  /** Of each line, the last attempt charged by then. */
  const charged: (readonly [number, number])[] = [];
  const attempts = new ChargedAttempts([]);
  let last: readonly [number, number] = [-1, -1];
  let open: readonly [number, number] | undefined;
  let closed = false;
  lines.forEach(({ entry }, i) => {
    const demand = (holds: boolean, expected: string) => {
      if (!holds) throw outOfOrder(`${where}, line ${i + 1}`, entry.kind, expected);
    };
    demand(!closed, "nothing after close");
    if (entry.kind === "open") demand(i === 0, "open first, and once");
    if (entry.kind === "charge") {
      const { round, attempt } = entry;
      const forward = round > last[0] || (round === last[0] && attempt > last[1]);
      demand(open === undefined, "a release or an abort of the attempt before");
      demand(forward, "a later attempt than the one before");
      demand(attempt >= attempts.next(round), "an attempt that was not charged before");
      attempts.add(entry);
      last = [round, attempt];
      open = last;
    }
    if (isEnd(entry)) {
      const same = open?.[0] === entry.round && open[1] === entry.attempt;
      demand(same, "an attempt that has been charged and not yet ended");
      open = undefined;
    }
    if (entry.kind === "resumed") {
      demand(open === undefined, "a release or an abort of the attempt before");
      demand(entry.from < i, "a line before it to go on from");
      last = charged[entry.from] ?? last;
    }
    if (entry.kind === "close") closed = true;
    charged.push(last);
  });
}

type AttemptEnd = Extract<
  LedgerLine["entry"],
  { readonly kind: "release" | "counts" | "bounds" | "abort" }
>;

function isEnd(entry: LedgerLine["entry"]): entry is AttemptEnd {
  return ["release", "counts", "bounds", "abort"].includes(entry.kind);
}

function outOfOrder(where: string, got: string, expected: string): BudgetError {
  const fix = "Trust nothing that this run claims.";
  return new BudgetError({ what: "ledger.sequence", where, got, expected, fix });
}
