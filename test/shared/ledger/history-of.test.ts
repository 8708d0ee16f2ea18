import { expect, it } from "vitest";
import type { Task } from "../../../shared/accounting/mechanisms/event.ts";
import { attemptDistance, historyOf } from "../../../shared/ledger/history-of.ts";
import { chainLine, type LedgerLine } from "../../../shared/ledger/ledger-line.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { countTerms } from "../../../shared/privacy/counts.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";

const counts: PrivacyTerms["counts"] = {
  statistics: { noiseMultiplier: 9, classes: 0, histograms: [{ input: 0, bins: 5 }] },
  evaluation: { noiseMultiplier: 40, every: 1 },
};

function linesOf(sealed: ReturnType<typeof sealedWith>, tasks: readonly (Task | undefined)[]) {
  const events = attemptEvents(sealed.plan.privacy);
  const lines: LedgerLine[] = [chainLine(0, null, openingFor(sealed))];
  for (const [round, task] of tasks.entries()) {
    const asked = task === undefined || task === "train" ? {} : { task };
    const entry = { kind: "charge", round, attempt: 0, ...asked, events } as const;
    lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
  }
  return lines;
}

it("adds what each task's noise is from the exact noise, as often as it was charged", () => {
  for (const trust of ["central", "local"] as const) {
    const sealed = sealedWith({ trust, counts });
    const plan = sealed.plan.privacy;
    const noised = ({ parameters, noiseStddev }: Pick<typeof plan, "parameters" | "noiseStddev">) =>
      parameters * tableDistance(noiseStddev);
    // Each client noises its counts by itself, and under local its update too.
    const [update, ofAll] = [trust === "local" ? plan.clients : 1, plan.clients];
    const [statistics, evaluation] = [
      countTerms(plan, "statistics"),
      countTerms(plan, "evaluation"),
    ];
    const expected =
      2 * update * noised(plan) + ofAll * noised(statistics) + 3 * ofAll * noised(evaluation);
    const tasks: (Task | undefined)[] = ["statistics", undefined, "evaluation", "evaluation"];
    const { distance } = historyOf(plan, linesOf(sealed, [...tasks, undefined, "evaluation"]));
    expect(distance).toBeGreaterThanOrEqual(expected);
    expect(distance).toBeLessThan(expected * (1 + 1e-12));
    expect(attemptDistance(plan, "evaluation")).toBeCloseTo(ofAll * noised(evaluation), 25);
  }
});

it("is of no noise where none was drawn, nor counts a task that was never charged", () => {
  const bare = sealedWith({ trust: "none", targetEpsilon: null });
  expect(historyOf(bare.plan.privacy, linesOf(bare, [undefined])).distance).toBe(0);
  const sealed = sealedWith({ counts });
  expect(historyOf(sealed.plan.privacy, linesOf(sealed, [])).distance).toBe(0);
});

it("is of a ledger from its beginning", () => {
  const sealed = sealedWith();
  const [, charge] = linesOf(sealed, [undefined]);
  for (const lines of [[], charge ? [charge] : []])
    expect(() => historyOf(sealed.plan.privacy, lines)).toThrow("begins with its open line");
});
